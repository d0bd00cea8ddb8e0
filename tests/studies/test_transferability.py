"""What sources promised is found again by all it depends on, checked number by number, and held against runs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from galaxy_core.errors import BadFileError
from galaxy_core.results.records import FORECAST, Kept
from galaxy_core.results.table import table_rows
from galaxy_core.runs.run import Run
from galaxy_core.studies.sources.forecast import DepthScore, Forecast
from galaxy_core.studies.study import Asked, framed
from galaxy_core.studies.transferability import STUDY, Promised, forecast_of, keep_forecast, tell

MakeRun = Callable[..., Run]
WEIGHTS, DATA, SPLIT = "cd" * 32, "ab" * 32, "12" * 32
PERCENTS = (0, 20, 40, 60, 80, 100)


def depth(percent: int, probe: float) -> dict[str, Any]:
    values = {"cut": percent / 100, "layer": "relu", "n_features": 8, "log_me": -0.3, "h_score": 1.5}
    shares = {"probe": probe, "neighbours": 0.5}
    bounds = {f"{name}_{end}": value for name in shares for end, value in (("low", 0.4), ("high", 0.6))}
    return {**values, **shares, **bounds}


def record(**changed: Any) -> dict[str, Any]:
    values = {
        "source": "shapes",
        "weights_sha256": WEIGHTS,
        "data_sha256": DATA,
        "split_hash": SPLIT,
        "seed": 0,
    }
    view = {"crop": 256, "image_size": 256}
    return {
        **values,
        **view,
        "depths": [depth(20, 0.5)],
        "leep": -1.5,
        "n_train": 40,
        "n_test": 10,
        **changed,
    }


def make_source(own_folders: Path, folder: str = "runs") -> Path:
    path = own_folders / folder / "shapes"
    path.mkdir(parents=True)
    (path / "card.json").write_text(json.dumps({"kind": "source", "weights_sha256": WEIGHTS}))
    return path


def kept(*runs: Run) -> Kept[Promised]:
    by_name = {run.name: run for run in runs}
    return STUDY.kept([(by_name[row.run], row) for row in table_rows(runs)])


@pytest.fixture
def run(make_run: MakeRun) -> Run:
    """A run that took layers over from the source."""
    return make_run("a", source={"name": "shapes", "sha256": WEIGHTS}, split_hash=SPLIT)


def test_a_forecast_is_kept_with_its_source_and_found_by_all_it_depends_on(
    run: Run, own_folders: Path
) -> None:
    path = make_source(own_folders)
    for changed in ({"crop": 96}, {"split_hash": "00" * 32}, {"data_sha256": "00" * 32}, {"seed": 1}):
        keep_forecast(record(**changed))
    keep_forecast(record(weights_sha256=""))
    assert kept(run).missing == ("a",)
    keep_forecast(record(leep=-2.0))
    assert len(json.loads((path / FORECAST).read_text())["records"]) == 5
    assert kept(run).found["a"].forecast == forecast_of(record(leep=-2.0))


@pytest.mark.parametrize("source", ["shapes", "imagenet"])
def test_what_shipped_sources_and_imagenet_promise_is_kept_beside_ones_own_runs(
    make_run: MakeRun, own_folders: Path, source: str
) -> None:
    shipped = make_source(own_folders, "models")
    keep_forecast(record(source=source))
    assert not (shipped / FORECAST).exists()
    run = make_run("a", source={"name": source, "sha256": WEIGHTS}, split_hash=SPLIT)
    assert kept(run).found["a"].forecast


@pytest.mark.parametrize("source", ["elsewhere", "../up"])
def test_a_source_without_a_folder_here_has_nothing_kept(make_run: MakeRun, source: str) -> None:
    assert kept(make_run("a", source={"name": source, "sha256": WEIGHTS})).missing == ("a",)


def test_a_run_that_took_nothing_over_stands_in_the_row_of_its_source(
    run: Run, make_run: MakeRun, own_folders: Path
) -> None:
    make_source(own_folders)
    first, scratch = (
        make_run("first", percent=0, source=None),
        make_run("scratch", percent=0, policy="scratch"),
    )
    assert kept(run, first).found == {}
    assert kept(run, first).missing == ("a",)
    assert "took layers from a source" in kept(first, scratch).unusable[0]
    keep_forecast(record())
    found = kept(run, first, make_run("other", data={"sha256": "00" * 32})).found
    assert {name: one.forecast is None for name, one in found.items()} == {"first": True, "a": False}


def test_a_damaged_record_is_named(run: Run, own_folders: Path) -> None:
    (make_source(own_folders) / FORECAST).write_text("{")
    (sentence,) = kept(run).unusable
    assert "forecast.json is damaged" in sentence


def test_a_forecast_is_held_against_one_policy_at_a_time(make_run: MakeRun) -> None:
    """Frozen, the deeper cut is worse; tuned, it is better: averaged, there would be no order at all."""
    runs = {
        f"{policy}{p}": make_run(f"{policy}{p}", policy=policy, percent=p, n_right=20 + sign * p // 5)
        for policy, sign in (("transfer_frozen", -1), ("transfer_tuned", 1))
        for p in PERCENTS
    }
    found = forecast_of(record(depths=[depth(p, p / 100) for p in PERCENTS]))
    settings = table_rows(runs.values())
    promised = [Promised(runs[row.run], row, found if row.imagenet_percent else None) for row in settings]
    frame = framed(list(tell(promised)), Asked(tuple(runs.values()), ("a",)), lambda names: "")
    taus = frame[frame.score == "Kendall's tau of linear probe with the accuracy of 6 rows"]
    assert dict(zip(taus.of, taus.value, strict=True)) == {
        "imagenet against transfer_frozen": pytest.approx(-1),
        "imagenet against transfer_tuned": pytest.approx(1),
    }
    lines = {line["name"]: line for line in STUDY.chart(frame)["data"]}
    assert lines["linear probe on frozen features: imagenet"]["y"] == [p / 100 for p in PERCENTS]
    frozen = lines["measured after training: transfer_frozen, from imagenet, seed 0"]
    assert (frozen["x"], frozen["y"]) == (list(PERCENTS), [0.5, 0.4, 0.3, 0.2, 0.1, 0.0])
    assert any("better than chance" in score for score in frame[frame.value.isna()].score)


def test_a_forecast_is_read_as_it_was_made() -> None:
    one = DepthScore(0.2, "relu", 8, 0.5, 0.4, 0.6, 0.5, 0.4, 0.6, -0.3, 1.5)
    assert forecast_of(record()) == Forecast((one,), -1.5, 40, 10)
    assert forecast_of(record(leep=None)).leep is None


@pytest.mark.parametrize(
    "changed",
    [
        {"depths": [{"cut": 0.2}]},
        {"depths": 7},
        {"leep": "low"},
        {"leep": float("nan")},
        {"n_test": True},
        {"depths": [{**record()["depths"][0], "cut": 2}]},
    ],
)
def test_a_record_that_holds_no_forecast_is_refused_by_name(changed: dict[str, Any]) -> None:
    with pytest.raises(BadFileError, match=r"forecast.json of 'shapes' is damaged .* measure again"):
        forecast_of(record(**changed))

"""A forecast that was kept is found again by weights, galaxies and view, and every number of it is checked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from galaxy_core.errors import BadFileError
from galaxy_core.results.records import VERSIONS
from galaxy_core.runs.run import Run
from galaxy_core.studies.sources.forecast import DepthScore, Forecast
from galaxy_core.studies.sources.forecast_record import (
    FORECAST,
    forecast_csv,
    forecast_of,
    keep_forecast,
    kept_forecast,
)

MakeRun = Callable[..., Run]
WEIGHTS, DATA, SPLIT = "cd" * 32, "ab" * 32, "12" * 32


def record(**changed: Any) -> dict[str, Any]:
    depth = {"cut": 0.2, "layer": "relu", "n_features": 8, "log_me": -0.3, "h_score": 1.5}
    for name in ("neighbours", "probe"):
        depth.update({name: 0.5, f"{name}_low": 0.4, f"{name}_high": 0.6})
    values = {
        "source": "shapes",
        "weights_sha256": WEIGHTS,
        "data_sha256": DATA,
        "split_hash": SPLIT,
        "seed": 0,
        "crop": 96,
        "image_size": 64,
    }
    return {**values, "depths": [depth], "leep": -1.5, "n_train": 40, "n_test": 10, **changed}


def make_source(own_folders: Path, folder: str = "runs") -> Path:
    path = own_folders / folder / "shapes"
    path.mkdir(parents=True)
    (path / "card.json").write_text(json.dumps({"kind": "source", "weights_sha256": WEIGHTS}))
    return path


def test_a_forecast_is_kept_beside_its_source_and_found_by_all_it_depends_on(
    own_folders: Path,
) -> None:
    path = make_source(own_folders)
    keep_forecast(record())
    assert (path / FORECAST).is_file()
    versioned = {**record(), "version": VERSIONS[FORECAST]}
    assert kept_forecast("shapes", WEIGHTS, DATA, SPLIT, (96, 64)) == versioned
    for other in (
        (WEIGHTS, DATA, SPLIT, (96, 96)),
        (WEIGHTS, DATA, "00" * 32, (96, 64)),
        (WEIGHTS, "00" * 32, SPLIT, (96, 64)),
        ("00" * 32, DATA, SPLIT, (96, 64)),
    ):
        assert kept_forecast("shapes", *other) is None
    assert kept_forecast("shapes", WEIGHTS, DATA, SPLIT, (96, 64), seed=1) is None


def test_what_is_measured_on_two_splits_or_of_two_seeds_stands_side_by_side(own_folders: Path) -> None:
    make_source(own_folders)
    for changed in ({"leep": -1.0}, {"leep": -2.0, "split_hash": "34" * 32}, {"leep": -3.0, "seed": 1}):
        keep_forecast(record(**changed))
    found = [
        kept_forecast("shapes", WEIGHTS, DATA, split, (96, 64), seed=seed)
        for split, seed in ((SPLIT, 0), ("34" * 32, 0), (SPLIT, 1))
    ]
    assert [one and one["leep"] for one in found] == [-1.0, -2.0, -3.0]


@pytest.mark.parametrize("source", ["elsewhere", "../up", "imagenet"])
def test_a_source_without_a_folder_here_has_nothing_kept(own_folders: Path, source: str) -> None:
    assert kept_forecast(source, WEIGHTS, DATA, SPLIT, (96, 64)) is None


@pytest.mark.parametrize("source", ["shapes", "imagenet"])
def test_what_shipped_sources_and_imagenet_promise_is_kept_beside_ones_own_runs(
    own_folders: Path, source: str
) -> None:
    shipped = make_source(own_folders, "models")
    keep_forecast(record(source=source))
    assert not (shipped / FORECAST).exists()
    found = kept_forecast(source, WEIGHTS, DATA, SPLIT, (96, 64))
    assert found
    assert found["source"] == source


def test_weights_without_a_mark_keep_nothing(own_folders: Path) -> None:
    path = make_source(own_folders)
    keep_forecast(record(weights_sha256=""))
    assert not (path / FORECAST).exists()


def test_a_forecast_is_read_as_it_was_made() -> None:
    depth = DepthScore(0.2, "relu", 8, 0.5, 0.4, 0.6, 0.5, 0.4, 0.6, -0.3, 1.5)
    assert forecast_of(record()) == Forecast((depth,), -1.5, 40, 10)
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


def test_the_table_has_a_line_a_cut_with_what_was_measured() -> None:
    lines = forecast_csv(forecast_of(record()), {20: 0.75}).splitlines()
    assert lines[0].startswith("cut,layer,n_features,neighbours")
    assert lines[1].startswith("0.2,relu,8,0.5,")
    assert lines[1].endswith(",0.75")
    assert forecast_csv(forecast_of(record()), {}).splitlines()[1].endswith(",")

"""What run folders say of studies, and what they no longer say once the weights are others."""

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

from galaxy_core.errors import BadFileError
from galaxy_core.metrics.resample import Estimate
from galaxy_core.results.records import VERSIONS
from galaxy_core.results.table import TableRow, table_rows
from galaxy_core.runs.run import Run
from galaxy_core.studies.record import CUES, Record, estimate_from, keep, kept, kept_of, made_of

MakeRun = Callable[..., Run]


def of_weights(run: Run, sha256: str) -> Run:
    """The same run with weights of that checksum."""
    path = run.path / "card.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "weights_sha256": sha256}))
    return run


def read_value(setting: TableRow, record: Record) -> tuple[str, Any]:
    return setting.run, record["value"]


@pytest.mark.parametrize("estimate", [Estimate(0.5, 0.25, 0.75, 9), Estimate(0.5, math.nan, math.nan, 1)])
def test_an_estimate_comes_back_as_it_was_kept(estimate: Estimate) -> None:
    plain = json.loads(json.dumps(estimate.to_json(), allow_nan=False))
    assert estimate_from(plain).to_json() == estimate.to_json()
    assert math.isnan(estimate_from(plain).low) == math.isnan(estimate.low)


@pytest.mark.parametrize("folder", ["runs", "models"])
def test_a_record_of_other_weights_is_refused_with_the_way_out(make_studied: MakeRun, folder: str) -> None:
    run = of_weights(make_studied("bright-020", folder=folder), "aa")
    (run.path / CUES).write_text(json.dumps({**made_of(run), "value": 3, "version": VERSIONS[CUES]}))
    assert kept(run, CUES)
    of_weights(run, "bb")
    with pytest.raises(
        BadFileError, match=r"cues\.json is of other weights than bright-020 .*make the study again"
    ):
        kept(run, CUES)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"split_hash": "of another"}, "another split"),
        ({"version": VERSIONS[CUES] + 1}, "measured otherwise"),
    ],
)
def test_a_record_of_another_split_or_version_is_refused(
    make_studied: MakeRun, changed: dict[str, Any], reason: str
) -> None:
    run = make_studied("bright-020")
    keep(run, CUES, {**made_of(run), "value": 3})
    path = run.path / CUES
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))
    with pytest.raises(BadFileError, match=f"{reason}.*make the study again"):
        kept(run, CUES)


def test_no_record_stops_the_others(make_studied: MakeRun) -> None:
    names = ("bright-damaged", "bright-empty", "bright-sound", "bright-strange", "bright-trained")
    runs = {name: make_studied(name) for name in names}
    (runs["bright-damaged"].path / CUES).write_text("{")
    keep(runs["bright-sound"], CUES, {"value": 3, "part": "test"})
    keep(runs["bright-strange"], CUES, {"part": "test"})
    keep(runs["bright-trained"], CUES, {"value": 4, "part": "all"})
    asked = [(run, table_rows([run])[0]) for run in runs.values()]
    found = kept_of(asked, CUES, read_value)
    assert found.found == {"bright-sound": ("bright-sound", 3), "bright-trained": ("bright-trained", 4)}
    assert found.missing == ("bright-damaged", "bright-empty", "bright-strange")
    damaged, strange = found.unusable
    assert "cues.json is damaged" in damaged
    assert "not what the study writes (KeyError: 'value'); make the study again" in strange
    assert found.beyond_test == ("bright-trained",)

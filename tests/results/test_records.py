"""Records in run folders: found again by what they were made of, never in a shipped folder, never believed unread."""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from galaxy_core.errors import BadFileError, LockedError
from galaxy_core.metrics.resample import Estimate
from galaxy_core.results import records
from galaxy_core.results.records import (
    CUES,
    FORECAST,
    MOST_KEPT,
    VERSIONS,
    Record,
    estimate_from,
    is_kept,
    keep,
    kept,
    kept_of,
    made_of,
    weights_sha256,
)
from galaxy_core.results.table import TableRow, table_rows
from galaxy_core.runs.names import studies_folder
from galaxy_core.runs.run import Run

MakeRun = Callable[..., Run]
FILE, KEY = FORECAST, ("data",)
NOW = {"version": VERSIONS[FILE]}


def test_a_record_is_found_by_its_key_and_replaced_by_one_of_the_same(make_run: MakeRun) -> None:
    run = make_run("a")
    assert kept(run, FILE, {"data": "x"}) is None
    for data, score in (("x", 1), ("y", 2), ("x", 3)):
        keep(run, FILE, {"data": data, "score": score}, KEY)
    assert kept(run, FILE, {"data": "x"}) == {"data": "x", "score": 3, **NOW}
    assert kept(run, FILE, {"data": "y"}) == {"data": "y", "score": 2, **NOW}
    assert kept(run, FILE, {"data": "z"}) is None
    assert len(json.loads((run.path / FILE).read_text())["records"]) == 2


def test_of_a_shipped_run_records_lie_beside_ones_own_before_those_it_came_with(make_run: MakeRun) -> None:
    shipped = make_run("b", folder="models")
    (shipped.path / FILE).write_text(json.dumps({"records": [{"data": one, **NOW} for one in "xy"]}))
    before = sorted(shipped.path.iterdir())
    keep(shipped, FILE, {"data": "x", "score": 2}, KEY)
    assert sorted(shipped.path.iterdir()) == before
    assert (studies_folder() / "b" / FILE).is_file()
    assert kept(shipped, FILE, {"data": "x"}) == {"data": "x", "score": 2, **NOW}
    assert kept(shipped, FILE, {"data": "y"}) == {"data": "y", **NOW}


def test_a_file_of_one_record_is_a_list_of_one(make_run: MakeRun) -> None:
    run = make_run("a")
    assert not is_kept(run, CUES)
    for value in (1, 2):
        keep(run, CUES, {"value": value})
    plain = {"value": 2, "version": VERSIONS[CUES]}
    assert json.loads((run.path / CUES).read_text()) == kept(run, CUES) == plain
    assert is_kept(run, CUES)
    keep(run, CUES, {"value": 3}, ("value",))
    assert kept(run, CUES, {"value": 2}) == plain


@pytest.mark.parametrize("text", ["{", "[]", '{"records": 3}', '{"records": [3]}', "[" * 100_000])
def test_a_damaged_file_is_named_and_begun_anew(make_run: MakeRun, text: str) -> None:
    run = make_run("a")
    (run.path / FILE).write_text(text)
    with pytest.raises(BadFileError, match="delete it and measure again"):
        kept(run, FILE, {"data": "x"})
    keep(run, FILE, {"data": "x"}, KEY)
    assert kept(run, FILE, {"data": "x"}) == {"data": "x", **NOW}


def test_the_oldest_records_go_when_there_are_too_many(make_run: MakeRun) -> None:
    run = make_run("a")
    for data in range(MOST_KEPT + 1):
        keep(run, FILE, {"data": data}, KEY)
    assert kept(run, FILE, {"data": 0}) is None
    assert kept(run, FILE, {"data": MOST_KEPT}) is not None


def test_what_was_measured_by_other_code_is_no_record_and_is_not_lost(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run("a")
    keep(run, FILE, {"data": "x", "score": 1}, KEY)
    monkeypatch.setitem(VERSIONS, FILE, VERSIONS[FILE] + 1)
    with pytest.raises(
        BadFileError, match=r"forecast\.json was measured otherwise than it is today; measure again"
    ):
        kept(run, FILE, {"data": "x"})
    keep(run, FILE, {"data": "x", "score": 2}, KEY)
    assert kept(run, FILE, {"data": "x"}) == {"data": "x", "score": 2, "version": VERSIONS[FILE]}
    scores = [one["score"] for one in json.loads((run.path / FILE).read_text())["records"]]
    assert scores == [2, 1]


KEEPS = """
import sys
from pathlib import Path
from galaxy_core.results.records import keep
from galaxy_core.runs.run import Run
for k in range(12):
    keep(Run(Path(sys.argv[1])), "forecast.json", {"data": sys.argv[2] + str(k)}, ("data",))
"""


def test_two_processes_that_keeps_of_one_run_lose_none(make_run: MakeRun) -> None:
    run = make_run("a")
    words = [sys.executable, "-c", KEEPS, str(run.path)]
    both = [subprocess.Popen([*words, name]) for name in "ab"]
    assert [one.wait(timeout=120) for one in both] == [0, 0]
    for name in "ab":
        for k in range(12):
            assert kept(run, FILE, {"data": f"{name}{k}"}) is not None


def test_who_cannot_have_the_records_alone_is_told_who_holds_them(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run("a")
    monkeypatch.setattr(records, "SECONDS_TO_WAIT", 0.01)
    with (
        ThreadPoolExecutor(1) as other,  # a thread may take its own lock again
        records.alone_with(run),
        pytest.raises(LockedError, match=r"\.records\.lock .*process \d+ on .* for writing records"),
    ):
        other.submit(keep, run, FILE, {"data": "x"}, KEY).result()


def test_weights_without_a_mark_are_told_by_an_empty_one(make_run: MakeRun) -> None:
    assert weights_sha256(make_run("a", weights_sha256="ef" * 32)) == "ef" * 32
    assert weights_sha256(make_run("b")) == ""


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
def test_a_record_of_other_weights_is_refused_with_the_way_out(make_run: MakeRun, folder: str) -> None:
    run = of_weights(make_run("bright-020", folder=folder), "aa")
    (run.path / CUES).write_text(json.dumps({**made_of(run), "value": 3, "version": VERSIONS[CUES]}))
    assert kept(run, CUES)
    of_weights(run, "bb")
    with pytest.raises(BadFileError, match=r"cues\.json is of other weights than bright-020 .*measure again"):
        kept(run, CUES)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"split_hash": "of another"}, "another split"),
        ({"version": VERSIONS[CUES] + 1}, "measured otherwise"),
    ],
)
def test_a_record_of_another_split_or_version_is_refused(
    make_run: MakeRun, changed: dict[str, Any], reason: str
) -> None:
    run = make_run("bright-020")
    keep(run, CUES, {**made_of(run), "value": 3})
    path = run.path / CUES
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))
    with pytest.raises(BadFileError, match=f"{reason}.*measure again"):
        kept(run, CUES)


def test_no_record_stops_the_others(make_run: MakeRun) -> None:
    names = ("bright-damaged", "bright-empty", "bright-sound", "bright-strange", "bright-trained")
    runs = {name: make_run(name) for name in names}
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
    assert "is damaged (KeyError: 'value'); delete it and measure again" in strange
    assert found.beyond_test == ("bright-trained",)

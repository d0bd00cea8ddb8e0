"""Records in run folders: found again by what they were made of, never in a shipped folder, never believed unread."""

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from galaxy_core.errors import BadFileError, LockedError
from galaxy_core.results import records
from galaxy_core.results.records import MOST_KEPT, VERSIONS, keep_record, kept_record, weights_sha256
from galaxy_core.runs.run import Run

MakeRun = Callable[..., Run]
FILE, KEY = "forecast.json", ("data",)
NOW = {"version": VERSIONS[FILE]}


def test_a_record_is_found_by_its_key_and_replaced_by_one_of_the_same(make_run: MakeRun) -> None:
    run = make_run("a")
    assert kept_record(run, FILE, {"data": "x"}) is None
    for data, score in (("x", 1), ("y", 2), ("x", 3)):
        assert keep_record(run, FILE, {"data": data, "score": score}, KEY)
    assert kept_record(run, FILE, {"data": "x"}) == {"data": "x", "score": 3, **NOW}
    assert kept_record(run, FILE, {"data": "y"}) == {"data": "y", "score": 2, **NOW}
    assert kept_record(run, FILE, {"data": "z"}) is None
    assert len(json.loads((run.path / FILE).read_text())["records"]) == 2


def test_nothing_is_written_into_a_shipped_folder_which_is_read_all_the_same(make_run: MakeRun) -> None:
    own, shipped = make_run("a"), make_run("b", folder="models")
    assert not keep_record(shipped, FILE, {"data": "x"}, KEY)
    assert not (shipped.path / FILE).exists()
    keep_record(own, FILE, {"data": "x"}, KEY)
    (shipped.path / FILE).write_bytes((own.path / FILE).read_bytes())
    assert kept_record(shipped, FILE, {"data": "x"}) == {"data": "x", **NOW}


@pytest.mark.parametrize("text", ["{", "[]", '{"records": 3}', '{"records": [3]}', "[" * 100_000])
def test_a_damaged_file_is_named_and_begun_anew(make_run: MakeRun, text: str) -> None:
    run = make_run("a")
    (run.path / FILE).write_text(text)
    with pytest.raises(BadFileError, match="delete it and measure again"):
        kept_record(run, FILE, {"data": "x"})
    assert keep_record(run, FILE, {"data": "x"}, KEY)
    assert kept_record(run, FILE, {"data": "x"}) == {"data": "x", **NOW}


def test_the_oldest_records_go_when_there_are_too_many(make_run: MakeRun) -> None:
    run = make_run("a")
    for data in range(MOST_KEPT + 1):
        keep_record(run, FILE, {"data": data}, KEY)
    assert kept_record(run, FILE, {"data": 0}) is None
    assert kept_record(run, FILE, {"data": MOST_KEPT}) is not None


def test_what_was_measured_by_other_code_is_no_record_and_is_not_lost(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run("a")
    keep_record(run, FILE, {"data": "x", "score": 1}, KEY)
    monkeypatch.setitem(VERSIONS, FILE, VERSIONS[FILE] + 1)
    assert kept_record(run, FILE, {"data": "x"}) is None
    keep_record(run, FILE, {"data": "x", "score": 2}, KEY)
    scores = [one["score"] for one in json.loads((run.path / FILE).read_text())["records"]]
    assert scores == [2, 1]


KEEPS = """
import sys
from pathlib import Path
from galaxy_core.results.records import keep_record
from galaxy_core.runs.run import Run
for k in range(12):
    keep_record(Run(Path(sys.argv[1])), "forecast.json", {"data": sys.argv[2] + str(k)}, ("data",))
"""


def test_two_processes_that_keep_records_of_one_run_lose_none(make_run: MakeRun) -> None:
    run = make_run("a")
    words = [sys.executable, "-c", KEEPS, str(run.path)]
    both = [subprocess.Popen([*words, name]) for name in "ab"]
    assert [one.wait(timeout=120) for one in both] == [0, 0]
    for name in "ab":
        for k in range(12):
            assert kept_record(run, FILE, {"data": f"{name}{k}"}) is not None


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
        other.submit(keep_record, run, FILE, {"data": "x"}, KEY).result()


def test_weights_without_a_mark_are_told_by_an_empty_one(make_run: MakeRun) -> None:
    assert weights_sha256(make_run("a", weights_sha256="ef" * 32)) == "ef" * 32
    assert weights_sha256(make_run("b")) == ""

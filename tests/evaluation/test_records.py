"""Records in run folders: found again by what they were made of, never in a shipped folder, never believed unread."""

import json
from collections.abc import Callable

import pytest

from galaxy_core.errors import BadFileError
from galaxy_core.evaluation.records import MOST_KEPT, keep_record, kept_record, weights_sha256
from galaxy_core.runs.run import Run

MakeRun = Callable[..., Run]
FILE, KEY = "scores.json", ("data",)


def test_a_record_is_found_by_its_key_and_replaced_by_one_of_the_same(make_run: MakeRun) -> None:
    run = make_run("a")
    assert kept_record(run, FILE, {"data": "x"}) is None
    for data, score in (("x", 1), ("y", 2), ("x", 3)):
        assert keep_record(run, FILE, {"data": data, "score": score}, KEY)
    assert kept_record(run, FILE, {"data": "x"}) == {"data": "x", "score": 3}
    assert kept_record(run, FILE, {"data": "y"}) == {"data": "y", "score": 2}
    assert kept_record(run, FILE, {"data": "z"}) is None
    assert len(json.loads((run.path / FILE).read_text())["records"]) == 2


def test_nothing_is_written_into_a_shipped_folder_which_is_read_all_the_same(make_run: MakeRun) -> None:
    own, shipped = make_run("a"), make_run("b", folder="models")
    assert not keep_record(shipped, FILE, {"data": "x"}, KEY)
    assert not (shipped.path / FILE).exists()
    keep_record(own, FILE, {"data": "x"}, KEY)
    (shipped.path / FILE).write_bytes((own.path / FILE).read_bytes())
    assert kept_record(shipped, FILE, {"data": "x"}) == {"data": "x"}


@pytest.mark.parametrize("text", ["{", "[]", '{"records": 3}', '{"records": [3]}', "[" * 100_000])
def test_a_damaged_file_is_named_and_begun_anew(make_run: MakeRun, text: str) -> None:
    run = make_run("a")
    (run.path / FILE).write_text(text)
    with pytest.raises(BadFileError, match="delete it and measure again"):
        kept_record(run, FILE, {"data": "x"})
    assert keep_record(run, FILE, {"data": "x"}, KEY)
    assert kept_record(run, FILE, {"data": "x"}) == {"data": "x"}


def test_the_oldest_records_go_when_there_are_too_many(make_run: MakeRun) -> None:
    run = make_run("a")
    for data in range(MOST_KEPT + 1):
        keep_record(run, FILE, {"data": data}, KEY)
    assert kept_record(run, FILE, {"data": 0}) is None
    assert kept_record(run, FILE, {"data": MOST_KEPT}) is not None


def test_weights_without_a_mark_are_told_by_an_empty_one(make_run: MakeRun) -> None:
    assert weights_sha256(make_run("a", weights_sha256="ef" * 32)) == "ef" * 32
    assert weights_sha256(make_run("b")) == ""

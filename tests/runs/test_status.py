"""The sign of life that says where a training is, and what is made of a damaged one."""

import json
from pathlib import Path

import pytest

from galaxy_core.files.atomic import remove_unfinished
from galaxy_core.runs.run import Run
from galaxy_core.runs.status import (
    HEARTBEAT_FILE,
    Heartbeat,
    beat,
    clear_heartbeat,
    read_heartbeat,
)

THIRD = Heartbeat(epoch=3, batch=5, n_batches=20, loss=1.5, accuracy=0.4, seconds_a_batch=0.25)


def test_a_heartbeat_is_read_as_it_was_left_and_the_next_replaces_it(tmp_path: Path) -> None:
    beat(tmp_path, Heartbeat(3, 4, 20))
    beat(tmp_path, THIRD)
    assert read_heartbeat(tmp_path) == THIRD
    assert THIRD.share == 0.25
    assert [path.name for path in tmp_path.iterdir()] == [HEARTBEAT_FILE]


def test_without_a_heartbeat_nothing_is_said(tmp_path: Path) -> None:
    assert read_heartbeat(tmp_path) is None
    clear_heartbeat(tmp_path)
    beat(tmp_path, THIRD)
    clear_heartbeat(tmp_path)
    assert read_heartbeat(tmp_path) is None


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b'{"epoch": 3, "batch": 5',
        b"\xff\xfe",
        b"[" * 900,
        b"[3, 5, 20]",
        b'{"epoch": 3, "batch": 5}',
        b'{"epoch": 3, "batch": 5, "n_batches": 0}',
        b'{"epoch": 3, "batch": 21, "n_batches": 20}',
        b'{"epoch": 0, "batch": 5, "n_batches": 20}',
        b'{"epoch": 3.0, "batch": 5, "n_batches": 20}',
        b'{"epoch": true, "batch": 5, "n_batches": 20}',
        b'{"epoch": 3, "batch": 5, "n_batches": 20}' + b" " * 2000 + b"x",
    ],
)
def test_a_heartbeat_that_is_empty_half_or_old_is_as_none(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / HEARTBEAT_FILE).write_bytes(damaged)
    found = read_heartbeat(tmp_path)
    assert found is None or damaged.endswith(b"x")  # what lies beyond the first bytes is never read


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1", "1" + "0" * 400, '"low"', "null"])
def test_a_number_that_is_none_leaves_the_place_known(tmp_path: Path, value: str) -> None:
    text = f'{{"epoch": 3, "batch": 5, "n_batches": 20, "loss": {value}, "accuracy": 0.4}}'
    (tmp_path / HEARTBEAT_FILE).write_text(text)
    assert read_heartbeat(tmp_path) == Heartbeat(3, 5, 20, None, 0.4, None)


def test_a_folder_that_cannot_be_written_does_not_end_the_training(tmp_path: Path) -> None:
    beat(tmp_path / "gone", THIRD)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_writer_left_is_known_as_unfinished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(self: Path, target: Path) -> None:
        raise OSError("killed before the rename")

    with monkeypatch.context() as killed:
        killed.setattr(Path, "replace", refused)
        beat(tmp_path, THIRD)
    assert len(list(tmp_path.iterdir())) == 1
    remove_unfinished(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("n_done", "is_under_way"), [(1, False), (2, True), (3, False)])
def test_only_the_epoch_after_the_last_line_is_under_way(
    tmp_path: Path, n_done: int, is_under_way: bool
) -> None:
    beat(tmp_path, THIRD)
    lines = [json.dumps({"epoch": epoch + 1, "loss": 1.0}) for epoch in range(n_done)]
    (tmp_path / "history.jsonl").write_text("\n".join(lines) + "\n")
    assert Run(tmp_path).under_way() == (THIRD if is_under_way else None)

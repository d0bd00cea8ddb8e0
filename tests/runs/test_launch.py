"""Whether a sweep that was launched a moment ago counts as alive before it has said a word."""

import os
import time
from pathlib import Path

import pytest

from galaxy_core.runs.launch import _was_started_just_now


@pytest.mark.parametrize(("age", "is_new"), [(1, True), (-5, True), (3600, False), (-3600, False)])
def test_a_log_is_new_by_its_age_though_the_clock_was_set_back(
    tmp_path: Path, age: float, is_new: bool
) -> None:
    log = tmp_path / "log.txt"
    log.touch()
    os.utime(log, (time.time() - age, time.time() - age))
    assert _was_started_just_now(log) == is_new


def test_a_log_with_words_in_it_is_not_new(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text("it began\n")
    assert not _was_started_just_now(log)

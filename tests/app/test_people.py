"""Which files a person has opened is a convenience: nothing that lies there breaks a page, and it does not grow."""

import json
import os
from pathlib import Path

import people
import pytest


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"files": []}', "[1, null]", '"/a.h5"'])
def test_a_damaged_file_of_a_person_is_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    assert people._read(tmp_path / "a.json") == []


def test_who_was_away_longest_is_forgotten_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "MOST_PEOPLE", 2)
    for age, name in enumerate(("new", "middle", "old")):
        (tmp_path / f"{name}.json").write_text(json.dumps(["/a.h5"]))
        os.utime(tmp_path / f"{name}.json", (1000 - age, 1000 - age))
    people._forget_the_longest_away(tmp_path)
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["middle", "new"]

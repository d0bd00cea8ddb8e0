"""What people say of labels is kept beside the galaxies, bound to them, and harms nothing whatever a file says."""

import csv
import io
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galaxy_core.data.corrections import (
    ANOTHER,
    DOUBTFUL,
    RIGHT,
    Correction,
    Ledger,
    corrections_csv,
    corrections_of,
    counted_in_words,
    image_corrections_csv,
    ledger_of,
    ledger_of_images,
)
from galaxy_core.data.galaxy10 import Galaxies, open_galaxies
from galaxy_core.errors import BadFileError, BadValueError


@pytest.fixture
def galaxies(coloured_galaxies: Path, tmp_path: Path) -> Galaxies:
    return open_galaxies(shutil.copy(coloured_galaxies, tmp_path / "own.h5"))


@pytest.fixture
def ledger(galaxies: Galaxies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    monkeypatch.setattr("platformdirs.user_data_dir", lambda name: str(tmp_path / "home"))
    return ledger_of(galaxies.path, galaxies.sha256)


def test_what_was_said_is_found_by_row_and_the_last_word_holds(galaxies: Galaxies, ledger: Ledger) -> None:
    assert corrections_of(galaxies) == {}
    assert ledger.add("12", Correction(DOUBTFUL)) == galaxies.path.with_name("own.h5.corrections.json")
    ledger.add("7", Correction(ANOTHER, "Merging", "two\n nuclei"))
    ledger.add("12", Correction(RIGHT))
    found = corrections_of(galaxies)
    assert list(found) == [7, 12]
    assert (found[7].class_name, found[7].note, found[12].verdict) == ("Merging", "two nuclei", RIGHT)
    assert counted_in_words(found) == "1 of another class, 1 right"


def test_where_the_folder_cannot_be_written_they_are_kept_for_the_user_and_the_later_one_holds(
    galaxies: Galaxies, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.add("3", Correction(ANOTHER, "Merging"))
    with monkeypatch.context() as closed:
        closed.setattr(os, "access", lambda path, mode: False)
        assert ledger.add("3", Correction(DOUBTFUL)).is_relative_to(tmp_path / "home")
    assert corrections_of(galaxies)[3].verdict == DOUBTFUL
    ledger.add("3", Correction(RIGHT))
    assert corrections_of(galaxies)[3].verdict == RIGHT


def test_two_who_write_at_once_lose_nothing(galaxies: Galaxies, ledger: Ledger) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda row: ledger.add(str(row), Correction(DOUBTFUL)), range(12)))
    assert list(corrections_of(galaxies)) == list(range(12))


def test_corrections_of_another_file_of_that_name_are_refused_and_kept(ledger: Ledger) -> None:
    path = ledger.add("3", Correction(DOUBTFUL))
    before = path.read_bytes()
    other = Ledger("0" * 64, ledger.places)
    for ask in (other.read, lambda: other.add("1", Correction(DOUBTFUL))):
        with pytest.raises(BadFileError, match="of other galaxies than are beside it now"):
            ask()
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("key", "class_name", "says"),
    [("80", "Merging", "row '80', and there are 80"), ("-1", "Merging", "row '-1'"), ("3", "Blob", "'Blob'")],
)
def test_a_row_or_a_class_that_the_file_does_not_have_is_named(
    key: str, class_name: str, says: str, galaxies: Galaxies, ledger: Ledger
) -> None:
    ledger.add(key, Correction(ANOTHER, class_name))
    with pytest.raises(BadFileError, match=says):
        corrections_of(galaxies)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"verdict": "odd"}, "verdict must be one of doubtful, another class, right, got 'odd'"),
        ({"verdict": ANOTHER}, "a class belongs to the verdict another class"),
        ({"verdict": DOUBTFUL, "class_name": "Merging"}, "got 'Merging' with doubtful"),
        ({"verdict": DOUBTFUL, "note": "a" * 501}, "note has at most 500 characters, got 501"),
        ({"verdict": DOUBTFUL, "note": 3}, "note of a correction must be a text, got 3"),
    ],
)
def test_what_is_no_correction_is_refused(values: dict, says: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(BadValueError, match=says):
        Correction(**values)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["of", "corrections", "verdict", "note", "3", "made"]), inner)
    ),
    max_leaves=12,
)


@given(values=_JSON)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_says_it_is_read_or_refused_in_a_sentence(values: object, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"of": "a", "corrections": values}))
    try:
        Ledger("a", (path,)).read()
    except BadFileError as error:
        assert str(path) in str(error)  # noqa: PT017


def test_the_table_says_label_verdict_and_note_and_runs_nothing(galaxies: Galaxies, ledger: Ledger) -> None:
    ledger.add("3", Correction(ANOTHER, "Merging", "=HYPERLINK(1)"))
    (line,) = csv.DictReader(io.StringIO(corrections_csv(corrections_of(galaxies), galaxies)))
    assert (line["row"], line["label"], line["class"], line["data_sha256"]) == (
        *("3", galaxies.classes[0], "Merging"),
        galaxies.sha256,
    )
    assert line["note"] == "'=HYPERLINK(1)"


def test_own_images_are_kept_by_their_content_with_name_and_answer(tmp_path: Path) -> None:
    own = ledger_of_images(tmp_path / "new")
    own.add("ab" * 32, Correction(ANOTHER, "Merging", name="=mine.png", label="Cigar Shaped Smooth"))
    (line,) = csv.DictReader(io.StringIO(image_corrections_csv(own.read())))
    assert (line["image_sha256"], line["image"], line["label"]) == (
        *("ab" * 32, "'=mine.png"),
        "Cigar Shaped Smooth",
    )

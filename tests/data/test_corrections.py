"""What people say of labels is kept beside the galaxies, bound to them, and harms nothing whatever a file says."""

import csv
import io
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

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
from galaxy_core.data.corrections_csv import read_corrections, taken_in_words
from galaxy_core.data.folder import import_folder
from galaxy_core.data.galaxy10 import Galaxies, open_galaxies
from galaxy_core.errors import BadFileError, BadValueError
from galaxy_core.files.csv_text import csv_text


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
    assert (line["image_sha256"], line["file"], line["label"]) == ("ab" * 32, "'=mine.png", "Merging")
    assert line["answer"] == "Cigar Shaped Smooth"


def test_the_table_of_own_images_with_a_class_each_makes_a_file_of_galaxies(tmp_path: Path) -> None:
    own, folder = ledger_of_images(tmp_path / "new"), tmp_path / "pictures"
    folder.mkdir()
    for number, name in enumerate(("Merging", "Disturbed")):
        Image.fromarray(np.full((256, 256, 3), 90 * number, np.uint8)).save(folder / f"{number}.png")
        own.add(f"{number}" * 64, Correction(ANOTHER, name, name=f"{number}.png"))
    (folder / "labels.csv").write_text(image_corrections_csv(own.read()))
    assert import_folder(folder, folder / "labels.csv", tmp_path / "own.h5").n_images == 2
    assert open_galaxies(tmp_path / "own.h5").labels.tolist() == [1, 0]


def taken_from(text: str | bytes, galaxies: Galaxies) -> dict[int, Correction]:
    path = galaxies.path.with_name("back.csv")
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_corrections(path, galaxies.labels, galaxies.classes, galaxies.sha256)


def test_a_table_that_was_written_reads_back_to_the_same_corrections(
    galaxies: Galaxies, ledger: Ledger
) -> None:
    ledger.add("3", Correction(ANOTHER, "Merging", '=two; -nuclei, "odd"'))
    ledger.add("4", Correction(DOUBTFUL, note="- a line\nand @another"))
    ledger.add("79", Correction(RIGHT))
    kept = corrections_of(galaxies)
    found = taken_from(corrections_csv(kept, galaxies), galaxies)
    assert found == kept
    assert ledger.merge({str(row): one for row, one in found.items()}) == {}


def test_the_later_word_holds_when_corrections_are_read_back(galaxies: Galaxies, ledger: Ledger) -> None:
    for row in ("3", "4"):
        ledger.add(row, Correction(DOUBTFUL, made="2026-06-01T00:00:00.000000+00:00"))
    lines = ("row,verdict,made", "3,right,2026-06-01T03:00:00+05:00", "4,right,2026-06-01T03:00:00+02:00")
    found = taken_from("\n".join((*lines, "5,doubtful,")), galaxies)
    later = ledger.merge({str(row): one for row, one in found.items()})
    assert [(row, one.verdict) for row, one in later.items()] == [("4", RIGHT), ("5", DOUBTFUL)]
    assert [one.verdict for one in corrections_of(galaxies).values()] == [DOUBTFUL, RIGHT, DOUBTFUL]
    assert taken_in_words(3, 2) == "corrections taken: 2 of 3; 1 no later than what is kept already"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("row,verdict\n", "has no line below its header"),
        ("row,note\n3,x\n", "has no column verdict; it needs row and verdict"),
        ("row,verdict\n80,right\n-1,right\n", "2 lines name no row from 0 to 79 (the first is line 2: '80')"),
        ("row,verdict\n3,right\n3,doubtful\n", "1 line names a row that another names (line 3: '3')"),
        ("row,verdict\n3,wrong\n", "has a verdict that is none of doubtful, another class, right (line 2: 'wrong')"),
        ("row,verdict,class\n3,another class,Blob\n", "names no class of the file (line 2: 'Blob')"),
        ("row,verdict,class\n3,right,Merging\n", "has a class without the verdict another class"),
        ("row,verdict,label\n3,right,Merging\n", "says another label than the file in that row (line 2: 'Merging')"),
        ("row,verdict,data_sha256\n3,right,ab\n", "is of another file of galaxies, by data_sha256 (line 2: 'ab')"),
        ("row,verdict,made\n3,right,yesterday\n", "has no time with an offset in made"),
        ("row,verdict,made\n3,right,2026-06-01T03:00:00\n", "has no time with an offset in made"),
        (f"row,verdict,note\n3,right,{'a' * 501}\n", "note has at most 500 characters, got 501"),
        ("row,verdict\nx,right\n3,y\n", "names no row from 0 to 79 (line 2: 'x'); 1 line has a verdict"),
        (b"row,verdict\n3,right\xff\n", "is not text in UTF-8"),
    ],
)  # fmt: skip
def test_each_kind_of_fault_is_told_with_its_first_line_and_nothing_is_taken(
    text: str | bytes, says: str, galaxies: Galaxies, ledger: Ledger
) -> None:
    with pytest.raises(BadFileError) as refused:
        taken_from(text, galaxies)
    assert says in str(refused.value)
    assert ledger.read() == {}


_LINES = st.tuples(
    st.sampled_from(["3", "4", "x", "-1", ""]),
    st.sampled_from(["right", "doubtful", "?"]),
    st.text(max_size=6),
)


@given(lines=st.lists(_LINES))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_table_says_it_is_taken_or_refused_in_a_sentence(
    lines: list[tuple[str, str, str]], galaxies: Galaxies
) -> None:
    text = csv_text(("row", "verdict", "note"), lines)
    try:
        found = taken_from(text.encode("utf-8", "surrogatepass"), galaxies)
    except BadFileError as error:
        assert "back.csv" in str(error)  # noqa: PT017
    else:
        assert set(found) <= {3, 4}

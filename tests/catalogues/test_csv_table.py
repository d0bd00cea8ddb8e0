"""CSV: what its columns hold is found without losing a digit, and what becomes a CSV again stays the text it was."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_core.catalogues.csv_kinds import Seen
from galaxy_core.catalogues.csv_table import side_file_of
from galaxy_core.catalogues.formats import open_catalogue, write_table
from galaxy_core.errors import BadFileError


def kind_of(values: list[str]) -> pa.DataType:
    seen = Seen()
    seen.look_at(pa.array([value.encode() for value in values], pa.binary()))
    return seen.kind


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "", "-9223372036854775808"], pa.int64()),
        (["9223372036854775808", "1"], pa.string()),  # beyond 64 bits
        (["007", "8"], pa.string()),
        (["39627652591521181", "1.5"], pa.string()),  # a float would lose its last digit
        (["1", "2.5", "nan", "1e-300"], pa.float64()),
        (["1", " 2 "], pa.int64()),
        (["", ""], pa.string()),
        (["1", "b"], pa.string()),
        (["true", "false"], pa.string()),
    ],
)
def test_a_column_is_numbers_only_where_no_digit_is_lost(values: list[str], kind: pa.DataType) -> None:
    assert kind_of(values) == kind


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_every_whole_number_of_64_bits_is_one(values: list[int]) -> None:
    assert kind_of([str(value) for value in values]) == pa.int64()


TEXT = st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=20, deadline=None)
@given(cells=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=20))
def test_text_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    schema = pa.schema([pa.field("a", pa.string()), pa.field("b", pa.string())])
    columns = [pa.array([f"x{row[i]}" for row in cells]) for i in range(2)]
    write_table(folder / "a.csv", schema, [pa.RecordBatch.from_arrays(columns, schema=schema)], {})
    table = open_catalogue(folder / "a.csv", keeps_text=True)
    write_table(folder / "b.csv", table.schema, table.batches(), {})
    assert (folder / "a.csv").read_bytes() == (folder / "b.csv").read_bytes()
    found = pa.Table.from_batches(open_catalogue(folder / "b.csv").batches()).to_pydict()
    assert found == {"a": columns[0].to_pylist(), "b": columns[1].to_pylist()}


def test_numbers_of_a_csv_that_becomes_a_csv_keep_their_spelling(tmp_path: Path) -> None:
    text = "id,mag,name\n0012,1.50,\n39627652591521181,2e3,\xff\n"
    (tmp_path / "a.csv").write_bytes(text.encode("latin-1"))
    table = open_catalogue(tmp_path / "a.csv", keeps_text=True)
    write_table(tmp_path / "b.csv", table.schema, table.batches(), {})
    assert (tmp_path / "b.csv").read_bytes() == text.encode("latin-1")


@pytest.mark.parametrize(
    "text",
    [
        "# a comment\n\nid;x\n1;2\n",
        "sep=;\nid;x\n1;2\n",
        "id\tx\r\n1\t2\r\n",
        "\ufeffid,x\n1,2\n\n",
    ],
)
def test_separators_comments_and_marks_are_found_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8", newline="")
    table = open_catalogue(tmp_path / "a.csv")
    assert pa.Table.from_batches(table.batches()).to_pydict() == {"id": [1], "x": [2]}
    (tmp_path / "b.csv").write_text(text.lstrip("\ufeff"), encoding="utf-16", newline="")
    assert open_catalogue(tmp_path / "b.csv").n_rows == 1


@pytest.mark.parametrize("text", ["", "\n\n", "id,x\n1,2\n3\n", "id,x\n1,2,3\n", 'id,x\n"1,2\n'])
def test_what_is_no_whole_table_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(BadFileError, match=r"no header|no whole CSV"):
        list(open_catalogue(tmp_path / "a.csv").batches())


def test_a_line_without_end_is_refused_before_it_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a" * 2**21)
    with pytest.raises(BadFileError, match="no header"):
        open_catalogue(tmp_path / "a.csv")


def test_a_file_beside_that_is_none_of_ours_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n")
    for words in ("[]", "{", '{"tableSchema": {"columns": [{"name": 1}]}, "galaxy": 3}', "[" * 10**5):
        side_file_of(tmp_path / "a.csv").write_text(words)
        assert open_catalogue(tmp_path / "a.csv").metadata == {}


def test_what_a_spreadsheet_would_run_is_made_harmless_and_numbers_stay_numbers(tmp_path: Path) -> None:
    table = pa.table({"=name": ["=1+1", "-M 61", None], "dec": [-12.5, 3.0, None], "n": [-1, 2, 3]})
    write_table(tmp_path / "t.csv", table.schema, table.to_batches(), {}, spreadsheet_safe=True)
    lines = (tmp_path / "t.csv").read_text().splitlines()
    assert lines == ["'=name,dec,n", "'=1+1,-12.5,-1", "'-M 61,3,2", ",,3"]

"""Labels as people have them: taken where they can mean one thing only, else the fault is named with its line."""

import codecs
import math
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.data.labels_csv import ALSO_CALLED, LabelledFile, read_labels
from galaxy_core.errors import BadFileError, GalaxyError

Read = Callable[..., list[LabelledFile]]
ECSV = """# %ECSV 1.0
# ---
# datatype:
# - {name: file, datatype: string}
# - {name: ra, unit: UNIT, datatype: float64}
# - {name: label, datatype: int64}
# schema: astropy-2.0
file ra label
a.png 10.5 3
"b c.png" "" 4
"""


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """The labels of a folder with a few images, from text or bytes."""
    folder = tmp_path / "in"
    (folder / "images" / "deep").mkdir(parents=True)
    for name in ("a.png", "b c.png", "#1.png", "images/b.png", "images/deep/d.png"):
        (folder / name).touch()

    def read_them(content: str | bytes, classes: Classes | None = GALAXY10) -> list[LabelledFile]:
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / "labels.csv").write_bytes(data)
        return read_labels(tmp_path / "labels.csv", folder, classes).files

    return read_them


@pytest.mark.parametrize(
    "text",
    [
        "file,label\na.png,3\nb.png,4\n",
        "file;label\na.png;3\nb.png;4\n",
        "sep=;\nfile;label\na.png;3\nb.png;4\n",
        "file\tlabel\na.png\t3\nb.png\t4\n",
        "file label\na.png 3\nb.png   4 \n",
        "file,label,\na.png,3,\nb.png,4,\n",
        "file,label\na.png,3,\nb.png,4,,\n",
        "File, Label\na.png, 3\n,,\n'b.png', 4\n".replace("'", '"'),
        "# from TOPCAT\n\n# second\nfile,label\n# a note, with a comma\na.png,3\n#c.png,5\nb.png,4\n",
        "# file label\na.png 3\nb.png 4\n",
        "file;label\rimages\\..\\a.png;3.0\rimages\\b.png;4,0\r",
        "file,label\r\na.png,In-between Round Smooth\r\nb.png,Cigar-Shaped Smooth Galaxies\r\n",
    ],
)
def test_what_can_mean_one_thing_only_is_taken(read: Read, text: str) -> None:
    for encoded in (
        text.encode(),
        codecs.BOM_UTF8 + text.encode(),
        codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
        text.encode("utf-32"),
    ):
        assert [(one.path.name, one.label) for one in read(encoded)] == [("a.png", 3), ("b.png", 4)]


def test_a_head_of_ecsv_is_read_and_its_units_are_believed(read: Read) -> None:
    first, second = read(ECSV.replace("UNIT", "deg"))
    assert (first.ra, first.label, second.path.name) == (10.5, 3, "b c.png")
    assert math.isnan(second.ra)
    with pytest.raises(BadFileError, match="its column 'ra' in hourangle; give it in degrees"):
        read(ECSV.replace("UNIT", "hourangle"))


def test_a_file_whose_name_begins_like_a_comment_is_one(read: Read) -> None:
    assert [one.path.name for one in read("file,label\n#1.png,3\n#2.png,4\n")] == ["#1.png"]


def test_positions_are_found_under_the_names_of_surveys(read: Read) -> None:
    ras = ("ra", "RA_deg", "RAJ2000", "raMean", *ALSO_CALLED["ra"])
    decs = ("dec", "DE_deg", "DEJ2000", "decMean", *ALSO_CALLED["dec"])
    for ra, dec in zip(cycle(ras), decs, strict=False):
        (one,) = read(f"{dec},file,label,{ra}\n-5,a.png,3,10\n")
        assert (one.ra, one.dec) == (10, -5)


@pytest.mark.parametrize("nothing", ["", "--", "nan", "NULL", "N/A", "-99", "-999.0", "-9999"])
def test_what_is_masked_is_unknown(read: Read, nothing: str) -> None:
    (one,) = read(f"file,label,ra,dec,redshift,pxscale\na.png,3{4 * (',' + nothing)}\n")
    assert all(math.isnan(value) for value in (one.ra, one.dec, one.redshift, one.pixel_scale))


@pytest.mark.parametrize(
    ("text", "value"), [("-1", math.nan), ("-99", math.nan), ("-1e30", math.nan), ("-0.001", -0.001)]
)
def test_a_redshift_of_minus_one_or_less_is_none(read: Read, text: str, value: float) -> None:
    (one,) = read(f"file,label,redshift\na.png,3,{text}\n")
    assert one.redshift == pytest.approx(value, nan_ok=True)


def test_decimal_commas_are_read_where_no_comma_parts_values(read: Read) -> None:
    (one,) = read("file;label;ra;dec\na.png;3;10,5;-5,25\n")
    assert (one.ra, one.dec) == (10.5, -5.25)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("file,label,raMean,RAJ2000\na.png,1,2,3\n", "has the columns 'raj2000' and 'ramean'; name the one"),
        ("# x\n\nfile,label\n\na.png,--\n", "line 5: label '--' is no class"),
        ("file,label\na.png,1.5\n", "line 2: label '1.5' is no class"),
        ("file,label\na.png,-1\n", "line 2: label '-1' is no class"),
        ("file,label,ra\na.png,1,-1\n", r"line 2: ra must be a finite number in \[0, 360\], got -1"),
        ("file,label,ra\na.png,1,999\n", "line 2: ra must be"),
        ("file,label,raj2000\na.png,1,12 30 49.4\n", "line 2: ra '12 30 49.4' is no number in degrees"),
        ("file,label,ra\na.png,1,10,5\n", "line 2 has more values than the header: 4 for 3"),
        ('file,label,ra\na.png,1,"10,5"\n', "line 2: ra '10,5' is no number"),
        ("file|label\na.png|1\n", r"no column 'file' in its first line \('file\|label'\)"),
        ("file;class\na.png;1\n", r"no column 'label' in its first line \('file, class'\)"),
        ("file,label\n..\\labels.csv,1\n", r"line 2: file '\.\.\\\\labels.csv' leads out of"),
        ("file,label\nC:\\galaxies\\a.png,1\n", "line 2: file .* is neither in"),
        (b"file,label\na.png,1\n\xe4.png,2\n", "line 3 is not text in UTF-8"),
        (
            "file,label\na.png,1\n".encode("utf-16-le"),
            "line 1 holds a zero byte, as in UTF-16 without its mark",
        ),
        (codecs.BOM_UTF16_LE + b"f", "is not text in UTF-16"),
        ('file,label\na.png,1\n"b.png,2\n', "line 3 is no CSV"),
        ("", "no column 'file'"),
        ("# file,label\n", "no line below its header"),
    ],
)
def test_what_cannot_is_named_with_its_line(read: Read, text: str | bytes, sentence: str) -> None:
    with pytest.raises(GalaxyError, match=sentence):
        read(text)


@pytest.mark.parametrize("labels", [(0, 1, 2), ("0.0", "1.0", "2.0"), (7, 7), range(9)])
def test_numbers_without_names_are_refused_with_the_way_out(
    read: Read, tmp_path: Path, labels: Sequence[object]
) -> None:
    lines = ["file,label"]
    for i, label in enumerate(labels):
        (tmp_path / "in" / f"{i}.png").touch()
        lines.append(f"{i}.png,{label}")
    with pytest.raises(
        GalaxyError, match=r"does not say what they are; .* --classes A,B,C, or say --classes galaxy10"
    ):
        read("\n".join(lines), None)


def test_all_ten_numbers_are_galaxy10s_and_names_need_nobody_to_ask(read: Read, tmp_path: Path) -> None:
    for i in range(10):
        (tmp_path / "in" / f"{i}.png").touch()
    every = read("\n".join(["file,label", *(f"{i}.png,{i}" for i in range(10))]), None)
    assert [one.label for one in every] == list(range(10))
    assert [one.label for one in read("file,label\na.png,Merging\nb.png,3\n", None)] == [1, 3]


PIECES = st.sampled_from(
    [
        *"\n\r\t;, #\"'\\.-0123",
        "file",
        "label",
        "ra",
        "a.png",
        "images\\b.png",
        "--",
        "# %ECSV",
        "sep=;",
        "\0",
        "ä",
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=80) | st.lists(PIECES, max_size=30).map(lambda pieces: "".join(pieces).encode()),
    st.sampled_from(["", "file,label\n", "file;label;ra\n", "# file label\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
@example(b'a.png,3\n"' + b"x" * 200_000, "file,label\n", "utf-8")
def test_whatever_bytes_come_there_are_rows_or_one_sentence(
    read: Read, content: bytes, header: str, encoding: str
) -> None:
    said, files = "", []
    try:
        files = read(header.encode(encoding) + content)
    except GalaxyError as error:
        said = str(error)
    assert "\n" not in said
    assert len(said) < 1000
    assert said or files
    assert all(one.path.is_file() and 0 <= one.label < 10 for one in files)

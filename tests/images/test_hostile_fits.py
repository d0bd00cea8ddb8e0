"""FITS files that are not what their headers say: each is a picture or one sentence, in little time and memory."""

import gzip
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_fits import bands, fits_file, written
from refusals import is_one_sentence, megabytes_to_read, picture_or_refusal, refusal

from galaxy_core.errors import BadFileError
from galaxy_core.images.read import open_image, read_image

fits = pytest.importorskip("astropy.io.fits")

FLUX = np.random.default_rng(0).normal(0, 0.01, (3, 40, 48)).astype(np.float32)
PLAIN = fits_file(FLUX)
PACKED = {packing: fits_file(FLUX, packing=packing) for packing in ("RICE_1", "GZIP_1", "GZIP_2")}


def card(text: str) -> bytes:
    return f"{text:80}".encode("latin-1")


def header(*cards: str) -> bytes:
    """A header of these lines as they are, END among them or not."""
    return b"".join(map(card, cards)).ljust(-(-80 * len(cards) // 2880) * 2880)


SIMPLE = "SIMPLE  =                    T"
BITS = "BITPIX  =                  -32"


def changed(data: bytes, key: str, value: str) -> bytes:
    """The file with another value for a keyword, the last of that name."""
    place = data.rindex(f"{key:8}=".encode())
    return data[:place] + card(f"{key:8}= {value:>20}") + data[place + 80 :]


def with_fields(data: bytes, change: Callable[[np.ndarray], None]) -> bytes:
    """A packed file whose descriptors, int32 (tiles, 2), are changed."""
    from galaxy_core.images.fits_checks import find_hdus

    hdu = find_hdus(data, "", 10**6)[1]
    rows = np.frombuffer(data, np.uint8).copy()
    width, n_rows = int(hdu.values["NAXIS1"]), int(hdu.values["NAXIS2"])
    table = rows[hdu.start : hdu.start + width * n_rows].reshape(n_rows, width)
    pairs = np.ascontiguousarray(table[:, :8]).view(">i4")
    change(pairs)
    table[:, :8] = pairs.view(np.uint8)
    return rows.tobytes()


def gzip_bomb() -> bytes:
    """Tiles of a few kB that unpack to a hundred MB each."""
    bomb = np.frombuffer(gzip.compress(bytes(100 * 2**20)), np.uint8)
    data = np.empty(3, object)
    data[:] = [bomb] * 3
    column = fits.Column("COMPRESSED_DATA", "1PB()", array=data)
    table = fits.BinTableHDU.from_columns([column])
    said = {"ZIMAGE": True, "ZCMPTYPE": "GZIP_1", "ZBITPIX": -32, "ZNAXIS": 3}
    said |= {
        "ZNAXIS1": 48,
        "ZNAXIS2": 40,
        "ZNAXIS3": 3,
        "ZTILE1": 48,
        "ZTILE2": 40,
        "ZTILE3": 1,
        **bands("grz"),
    }
    for key, value in said.items():
        table.header[key] = value
    return written([fits.PrimaryHDU(), table])


def overlapping() -> bytes:
    def change(pairs: np.ndarray) -> None:
        pairs[:] = [int(pairs[:, 0].sum()), 0]

    return with_fields(PACKED["RICE_1"], change)


def outside() -> bytes:
    def change(pairs: np.ndarray) -> None:
        pairs[5, 1] = 2**31 - 1

    return with_fields(PACKED["RICE_1"], change)


END = "END"
HOSTILE = [
    ("no END", header(SIMPLE, BITS, "NAXIS   =                    2"), "has a header without an END"),
    ("no END for ever", card(SIMPLE) + card("COMMENT x") * 30_000, "more than 20000 lines in one header"),
    (
        "many axes",
        header(SIMPLE, BITS, "NAXIS   =                 1000", END),
        "has 1000 axes, and 0 to 999 can be",
    ),
    ("minus axes", header(SIMPLE, BITS, "NAXIS   =                   -1", END), "has -1 axes"),
    ("axis of words", header(SIMPLE, BITS, "NAXIS   = 'two     '", END), "which must be a whole number"),
    ("no side", header(SIMPLE, BITS, "NAXIS   =                    2", END), "says nothing for NAXIS1"),
    ("minus side", changed(PLAIN, "NAXIS2", "-40"), "says -40 for NAXIS2"),
    (
        "large side",
        changed(PLAIN, "NAXIS1", "2000000000"),
        "has 2000000000 x 40 x 3 pixels, and at most 50 million",
    ),
    ("endless side", changed(PLAIN, "NAXIS1", "9" * 18), "at most 50 million"),
    ("side as power", changed(PLAIN, "NAXIS1", "4.8E1"), "must be a whole number"),
    (
        "twice",
        PLAIN.replace(card("SURVEY  = 'LegacySurvey'"), card("NAXIS1  = 2000000000")),
        "says NAXIS1 twice",
    ),
    (
        "twice in a long keyword",
        PLAIN.replace(card("SURVEY  = 'LegacySurvey'"), card("HIERARCH naxis1 = 2000000000")),
        "says NAXIS1 twice",
    ),
    ("bits", changed(PLAIN, "BITPIX", "7"), "says 7 for BITPIX, and only 8, 16, 32, 64, -32, -64 can be"),
    ("no bits", header(SIMPLE, "NAXIS   =                    0", END), "says nothing for BITPIX"),
    ("cut short", PLAIN[: len(PLAIN) // 2], "is cut short: its extension 0 has"),
    ("cut in a header", PACKED["RICE_1"][:4000], "has a header without an END"),
    ("no image", written([fits.PrimaryHDU()]), "holds no image"),
    (
        "a table alone",
        written([fits.PrimaryHDU(), fits.BinTableHDU(np.zeros(3, [("a", "f4")]))]),
        "holds no image",
    ),
    ("groups", written([fits.PrimaryHDU(), fits.ImageHDU(np.zeros(9))]), "holds no image"),
    ("minus more", changed(PACKED["RICE_1"], "PCOUNT", "-5"), "claims sizes that cannot be"),
    ("fields", changed(PACKED["RICE_1"], "TFIELDS", "2000000000"), "claims sizes that cannot be"),
    ("large packed side", changed(PACKED["RICE_1"], "ZNAXIS1", "2000000000"), "at most 50 million"),
    ("large tile", changed(PACKED["RICE_1"], "ZTILE1", "2000000000"), "tiles that are larger than its image"),
    ("no tile", changed(PACKED["RICE_1"], "ZTILE1", "0"), "tiles that are larger"),
    ("fewer tiles", changed(PACKED["RICE_1"], "ZTILE2", "20"), "tiles that do not fit together"),
    (
        "unknown packing",
        changed(PACKED["RICE_1"], "ZCMPTYPE", "'ZSTD    '"),
        "packed in a way ('ZSTD') that is not read",
    ),
    (
        "a packing of masks",
        fits_file(FLUX, packing="HCOMPRESS_1"),
        "('HCOMPRESS_1') that is not read; unpack it",
    ),
    ("blocks of none", changed(PACKED["RICE_1"], "ZVAL1", "0"), "tiles that do not fit together"),
    ("pixels of 9 bytes", changed(PACKED["RICE_1"], "ZVAL2", "9"), "tiles that do not fit together"),
    ("overlapping tiles", overlapping(), "tiles that do not fit together"),
    ("tiles outside", outside(), "tiles that do not fit together"),
    ("a tile that is a bomb", gzip_bomb(), "a tile that unpacks to more than its pixels"),
    ("gzip", gzip.compress(PLAIN + bytes(500 * 2**20), 1), "unpacks to more than 128 MB"),
    ("gzip cut short", gzip.compress(PLAIN)[:-9], "cannot be unpacked whole"),
    (
        "extensions",
        PLAIN + header("XTENSION= 'IMAGE   '", BITS, "NAXIS   = 0", END) * 600,
        "more than 500 extensions",
    ),
]


@pytest.mark.parametrize(("content", "words"), [pytest.param(*one[1:], id=one[0]) for one in HOSTILE])
def test_a_header_that_lies_is_refused_in_one_sentence_before_anything_is_read(
    content: bytes, words: str
) -> None:
    began = time.monotonic()
    assert words in refusal(content)
    assert time.monotonic() - began < 3


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is read from /proc")
def test_no_header_makes_the_reader_take_much_memory(tmp_path: Path) -> None:
    hostile = [content for _, content, _ in HOSTILE]
    assert megabytes_to_read(tmp_path, hostile, first=PACKED["RICE_1"]) < 160


def test_a_checksum_that_does_not_fit_is_damage() -> None:
    content = bytearray(written([fits.PrimaryHDU(FLUX, fits.Header(bands("grz")))], checksum=True))
    whole = read_image(bytes(content))
    assert whole.shape == (40, 48, 3)
    content[2880 + 5000] ^= 1
    assert "a checksum in it does not fit" in refusal(bytes(content))


def test_texts_of_a_header_are_never_shown_nor_believed() -> None:
    evil = fits.Header(
        {**bands("grz"), "BUNIT": "\\x1b[2J".replace("\\", "/"), "FILTER": "=cmd|'/c calc'!A0"}
    )
    image = open_image(written([fits.PrimaryHDU(FLUX, evil)]))
    assert not any("cmd" in text or "[2J" in text for text in (*image.notes, image.shown))


@pytest.mark.parametrize("value", [1e300, -1e300, 0.0, float("1e-300")])
def test_a_place_on_the_sky_that_cannot_be_is_no_place(value: float) -> None:
    odd = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CD1_1": value, "CD2_2": value, "CD1_2": 1e-9}
    image = open_image(fits_file(FLUX, {**bands("grz"), **odd, "A_ORDER": 10**6, "BUNIT": "nanomaggy"}))
    assert image.pixel_scale_arcsec is None


@pytest.mark.parametrize("packing", ["", *PACKED])
def test_cut_short_at_every_percent_it_is_the_whole_picture_or_refused(packing: str) -> None:
    content = PACKED.get(packing, PLAIN)
    whole = read_image(content)
    for percent in range(100):
        try:
            image = read_image(content[: percent * len(content) // 100])
        except BadFileError:
            continue
        # the last block is filled up with zeros, which may be missing
        np.testing.assert_array_equal(image, whole)
        assert len(content) - percent * len(content) // 100 < 2880


def places(n_bytes: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, n_bytes - 1), min_size=1, max_size=6)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["", *PACKED]), st.data())
def test_bytes_changed_in_header_or_data_give_an_array_or_one_sentence(
    packing: str, draw: st.DataObject
) -> None:
    content = bytearray(PACKED.get(packing, PLAIN))
    headers = 8640 if packing else 2880
    of_header = draw.draw(st.booleans())
    for place in draw.draw(places(headers if of_header else len(content))):
        content[place] = draw.draw(
            st.sampled_from(b"0123456789 -.'=/TFE") if of_header else st.integers(0, 255)
        )
    said = picture_or_refusal(bytes(content))
    assert is_one_sentence(said) or (said.dtype, said.ndim) == (np.dtype(np.uint8), 3)


KEYS = st.sampled_from(
    [
        *(
            "NAXIS",
            "NAXIS1",
            "NAXIS2",
            "NAXIS3",
            "BITPIX",
            "ZNAXIS1",
            "ZTILE1",
            "ZBITPIX",
            "PCOUNT",
            "TFIELDS",
        ),
        *("TFORM1", "ZCMPTYPE", "ZVAL1", "ZVAL2", "CTYPE1", "CD1_1", "BANDS", "BUNIT", "BSCALE", "BZERO"),
    ]
)
VALUES = st.one_of(
    st.integers(-(2**63), 2**63).map(str),
    st.floats(allow_nan=True).map(str),
    st.text("abgrzRA-'T .", max_size=12).map(lambda text: f"'{text}'"),
)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["", *PACKED]), st.lists(st.tuples(KEYS, VALUES), min_size=1, max_size=3))
def test_any_value_of_any_keyword_gives_an_array_or_one_sentence(
    packing: str, said: list[tuple[str, str]]
) -> None:
    content = PACKED.get(packing, PLAIN)
    for key, value in said:
        if f"{key:8}=".encode() in content:
            content = changed(content, key, value[:60])
    image = picture_or_refusal(content)
    assert is_one_sentence(image) or (image.dtype, image.ndim) == (np.dtype(np.uint8), 3)

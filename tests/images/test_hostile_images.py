"""A corpus of pictures that are not what they seem: each is whole pixels or one sentence, and the disk is as it was."""

import struct
import sys
import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin
from refusals import PICTURE, encoded, is_one_sentence, megabytes_to_read, picture_or_refusal, refusal

from galaxy_core.data.folder import import_folder
from galaxy_core.errors import BadFileError, GalaxyError
from galaxy_core.images.read import MOST_PIXELS, read_image

# as it is where Pillow's warnings are no errors: what is read and what is refused must not hang on that
pytestmark = pytest.mark.filterwarnings("ignore:::PIL")

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF", "AVIF", "JPEG2000")


OPTIONS: dict[str, list[dict[str, object]]] = {
    "JPEG": [{}, {"progressive": True}, {"quality": 5}],
    "PNG": [{}],
    "TIFF": [{}, {"compression": "tiff_lzw"}, {"compression": "tiff_deflate"}, {"compression": "jpeg"}],
    "WEBP": [{}, {"lossless": True}],
    "BMP": [{}],
    "GIF": [{}],
    "AVIF": [{}],
    "JPEG2000": [{}, {"no_jp2": True, "tile_size": (16, 16)}],
}


@pytest.mark.parametrize(("kind", "options"), [(kind, one) for kind in FORMATS for one in OPTIONS[kind]])
def test_cut_short_at_every_percent_it_is_the_whole_picture_or_refused(
    kind: str, options: dict[str, object]
) -> None:
    content = encoded(PICTURE, kind, **options)
    whole = read_image(content)
    for percent in range(100):
        try:
            image = read_image(content[: percent * len(content) // 100])
        except BadFileError:
            continue
        # only bytes after the last pixel may be missing
        np.testing.assert_array_equal(image, whole)
        assert percent > 90


def png_of(side: tuple[int, int], *chunks: tuple[bytes, bytes]) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunk(*one) for one in chunks) + chunk(b"IEND", b"")


def bombs() -> Iterator[tuple[str, bytes]]:
    """Small files that claim, or unpack to, far more than they are."""
    for side in ((30_000, 30_000), (65_535, 65_535), (2**31 - 1, 2**31 - 1), (8_000, 8_000)):
        yield f"png {side[0]}", png_of(side, (b"IDAT", zlib.compress(bytes(10**6))))
    text = b"comment\0\0" + zlib.compress(bytes(100 * 2**20))
    yield "png text", png_of((32, 32), (b"zTXt", text), (b"IDAT", zlib.compress(bytes(32 * 97))))
    profile = b"icc\0\0" + zlib.compress(bytes(100 * 2**20))
    yield "png profile", png_of((32, 32), (b"iCCP", profile), (b"IDAT", zlib.compress(bytes(32 * 97))))
    yield "gif", b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0) + b";"
    frame = b"," + struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0) + b"\x02\x00;"
    yield "gif frame", b"GIF89a" + struct.pack("<HHBBB", 16, 16, 0, 0, 0) + frame
    bmp = struct.pack("<IiiHHIIiiII", 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0)
    yield "bmp", b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + bmp
    tags = [(256, 4, 50_000), (257, 4, 50_000), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8)]
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    yield "tiff", b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", 0)
    jpeg = bytearray(encoded(PICTURE, "JPEG"))
    place = jpeg.index(b"\xff\xc0") + 5
    jpeg[place : place + 4] = struct.pack(">HH", 65_500, 65_500)
    yield "jpeg", bytes(jpeg)
    yield "white", encoded(Image.new("1", (9_000, 9_000)), "PNG")
    for name, content, _ in DEARER_THAN_THEY_LOOK:
        yield name, content


def tiff_with(data: bytes, tags: dict[int, tuple[int, int | None]]) -> bytes:
    """64 x 64 grey pixels in LZW; tags: (count, value) of 32-bit numbers, None the place of the data."""
    grey = {256: (1, 64), 257: (1, 64), 258: (1, 8), 259: (1, 5), 262: (1, 1), 277: (1, 1), **tags}
    behind = 8 + 2 + 12 * len(grey) + 4
    entries = (
        struct.pack("<HHII", tag, 4, count, behind if value is None else value)
        for tag, (count, value) in sorted(grey.items())
    )
    return b"II*\0" + struct.pack("<IH", 8, len(grey)) + b"".join(entries) + bytes(4) + data


def tiled(side: int) -> bytes:
    return tiff_with(bytes(20), {322: (1, side), 323: (1, side), 324: (1, None), 325: (1, 20)})


def many_scans() -> bytes:
    """The last scan of a progressive JPEG two hundred times."""
    jpeg = encoded(PICTURE, "JPEG", progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    return jpeg[:last] + jpeg[last:-2] * 200 + jpeg[-2:]


def jpeg2000_with(at: int, value: bytes, behind: bytes = b"\xff\x4f\xff\x51") -> bytes:
    """A JPEG 2000 whose bytes so far behind a marker are others."""
    content = bytearray(encoded(PICTURE, "JPEG2000"))
    place = content.index(behind) + at
    content[place : place + len(value)] = value
    return bytes(content)


DEARER_THAN_THEY_LOOK = [
    (
        "jpeg 2000 size",
        jpeg2000_with(8, struct.pack(">II", 60_000, 60_000)),
        "60000 x 60000 pixels, and at most",
    ),
    (
        "jpeg 2000 tiles",
        jpeg2000_with(8, struct.pack(">8I", 4000, 4000, 0, 0, 1, 1, 0, 0)),
        "into 16000000 tiles, far more than are needed",
    ),
    ("jpeg 2000 channels", jpeg2000_with(40, struct.pack(">H", 16_384)), "into 16384 channels"),
    ("jpeg 2000 layers", jpeg2000_with(6, struct.pack(">H", 65_535), b"\xff\x52"), "into 65535 layers"),
    (
        "jpeg 2000 blocks",
        jpeg2000_with(8, struct.pack(">8I", 7000, 7000, 0, 0, 7000, 7000, 0, 0)).replace(
            b"\x05\x04\x04", b"\x05\x00\x00", 1
        ),
        "blocks, far more than are needed",
    ),
    ("tile of 2 GB", tiled(46_336), "tiles of 46336 x 46336 pixels, far more than its picture"),
    ("tile of 400 MB", tiled(20_000), "tiles of 20000 x 20000 pixels, far more than its picture"),
    (
        "a million strips",
        tiff_with(bytes(4_000_000), {273: (10**6, None), 279: (1, 20)}),
        "lists 1000000 items in its tag 273",
    ),
    ("a rare packing", tiff_with(bytes(20), {259: (1, 34925), 273: (1, None)}), "packed in a way (34925)"),
    (
        "webp canvas",
        b"RIFF"
        + struct.pack("<I", 30)
        + b"WEBPVP8X"
        + struct.pack("<II", 10, 0)
        + b"\xfe\x3f\0" * 2
        + b"VP8 ",
        "16383 x 16383 pixels, and at most 50 million",
    ),
    ("jpeg scans", many_scans(), "in 209 scans, and at most 64"),
    ("jpeg segments", b"\xff\xd8" + b"\xff\xe5\0\2" * 100_000, "made of more than 65536 pieces"),
    ("png chunks", png_of((32, 32), *[(b"quIt", b"")] * 100_000), "made of more than 65536 pieces"),
    ("gif comment", b"GIF89a" + bytes(7) + b"!\xfe" + b"\1a" * 100_000, "made of more than 65536 pieces"),
    (
        "bmp packed",
        b"BM"
        + struct.pack("<IHHI", 0, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, 70, 70, 1, 8, 1, *[0] * 5),
        "is a packed BMP",
    ),
]


@pytest.mark.parametrize(
    ("content", "words"), [pytest.param(*one[1:], id=one[0]) for one in DEARER_THAN_THEY_LOOK]
)
def test_what_would_cost_a_decoder_far_more_than_it_shows_is_named_before_it_is_decoded(
    content: bytes, words: str
) -> None:
    assert words in refusal(content)


def test_the_stream_of_an_avif_is_asked_for_its_size_and_not_its_outside_alone() -> None:
    content = bytearray(encoded(np.zeros((64, 64, 3), np.uint8), "AVIF"))
    place = content.index(b"ispe") + 8
    content[place : place + 8] = struct.pack(">II", 16, 16)
    with pytest.raises(BadFileError, match=r"has 64 x 64 pixels, and at most 0\.001 million"):
        read_image(bytes(content), max_pixels=1000)


def test_an_avif_that_moves_is_refused_by_name() -> None:
    images = [Image.fromarray(PICTURE), Image.fromarray(PICTURE[::-1])]
    assert "is an AVIF that moves" in refusal(
        encoded(images[0], "AVIF", save_all=True, append_images=images[1:])
    )


def test_more_bytes_than_any_picture_needs_are_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "large.png").open("wb") as file:
        file.truncate(500_000_000)
    with pytest.raises(BadFileError, match="has 500 MB, and an image may have 400"):
        read_image(tmp_path / "large.png")


@pytest.mark.parametrize(("name", "bomb"), [pytest.param(*one, id=one[0]) for one in bombs()])
def test_a_decompression_bomb_costs_next_to_nothing(name: str, bomb: bytes) -> None:
    started = time.monotonic()
    image = picture_or_refusal(bomb)
    if not is_one_sentence(image):
        # what is packed beside the pixels is not unpacked, or dropped
        assert name in ("png text", "png profile", "gif frame")
        assert image.shape[:2] in ((32, 32), (16, 16))
    assert time.monotonic() - started < 5


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is read from /proc")
def test_no_decompression_bomb_takes_much_memory(tmp_path: Path) -> None:
    assert megabytes_to_read(tmp_path, [bomb for _, bomb in bombs()]) < 64


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is read from /proc")
def test_a_large_transparent_picture_takes_little_more_than_its_pixels_twice(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (3000, 3000), (90, 90, 90, 128))
    decoded, array = 4 * 3000**2 / 1e6, 3 * 3000**2 / 1e6
    assert megabytes_to_read(tmp_path, [encoded(picture, "PNG")]) < decoded + array + 32


def test_reading_a_picture_never_touches_the_filters_of_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    """They belong to all threads, and pictures are read in several."""
    seen, opened = [], Image.open

    def look_and_open(*arguments: object, **options: object) -> Image.Image:
        seen.append(list(warnings.filters))
        return opened(*arguments, **options)

    monkeypatch.setattr(Image, "open", look_and_open)
    before = list(warnings.filters)
    read_image(encoded(PICTURE, "PNG"))
    assert seen == [before]


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ((1, 1), "at least 8 a side"),
        ((7, 4000), "at least 8 a side"),
        ((40_000, 10), "40000 x 10 pixels, more than 20 times as long as wide; crop it around the galaxy"),
        ((10, 40_000), "more than 20 times"),
        ((10_000, 10_000), "at most 50 million are read; shrink it"),
    ],
)
def test_a_size_that_shows_nothing_or_takes_too_much_is_refused(size: tuple[int, int], words: str) -> None:
    assert words in refusal(encoded(Image.new("L", size), "PNG"))


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><html><title>404 Not Found</title></html>",
        b"file,label\na.png,0\n",
        b"#!/bin/sh\nrm -rf /\n",
        b"MZ\x90\x00" + bytes(100),
        b"%PDF-1.7\n" + bytes(100),
        b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file\n",
        b"\x80\x04cos\nsystem\n(S'id'\ntR.",
        b"",
    ],
)
def test_what_is_no_picture_is_refused_whatever_its_name_says(tmp_path: Path, content: bytes) -> None:
    assert "is no image that is read here" in refusal(content)
    path = tmp_path / "galaxy.png"
    path.write_bytes(content)
    with pytest.raises(BadFileError, match=r"galaxy\.png is no image"):
        read_image(path)


@pytest.mark.parametrize("orientation", range(9))
def test_every_orientation_of_a_camera_is_applied(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = {
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
        8: np.rot90,
    }.get(orientation, lambda a: a)
    np.testing.assert_array_equal(read_image(encoded(PICTURE, "PNG", exif=exif)), upright(PICTURE))


@pytest.mark.parametrize("exif", [b"\xff" * 60, b"II*\0\x08\0\0\0\xff\xff" + bytes(40), b""])
def test_an_orientation_nobody_can_read_is_as_good_as_none_or_refused(exif: bytes) -> None:
    image = picture_or_refusal(encoded(PICTURE, "PNG", exif=b"Exif\0\0" + exif))
    assert is_one_sentence(image) or np.array_equal(image, PICTURE)


def frames(kind: str) -> bytes:
    images = [Image.fromarray(np.full((16, 16, 3), value, np.uint8)) for value in (10, 200, 90)]
    options = {"lossless": True} if kind == "WEBP" else {}
    return encoded(images[0], kind, save_all=True, append_images=images[1:], **options)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_of_an_animation_or_several_pages_the_first_is_read(kind: str) -> None:
    assert np.abs(read_image(frames(kind)).astype(int) - 10).max() <= 2


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "I;16B"]
)
@pytest.mark.parametrize("kind", FORMATS)
def test_every_mode_becomes_rgb_or_is_refused(mode: str, kind: str) -> None:
    try:
        content = encoded(_in_mode(mode), kind)
    except (OSError, KeyError, ValueError):
        return  # this format does not know this mode
    image = picture_or_refusal(content)
    assert is_one_sentence(image) or (image.dtype, image.shape) == (np.dtype(np.uint8), (32, 40, 3))


def _in_mode(mode: str) -> Image.Image:
    image = Image.fromarray(PICTURE)
    if mode.startswith("I;16"):
        order = ">u2" if mode.endswith("B") else "<u2"
        return Image.frombytes(mode, (40, 32), (PICTURE[:, :, 0].astype(order) * 257).tobytes())
    if mode == "PA":
        return image.convert("P").convert("PA")
    if mode == "LAB":
        return Image.frombytes("LAB", (40, 32), PICTURE.tobytes())
    return image.convert(mode)


def test_a_palette_with_a_transparent_colour_shows_the_sky_there() -> None:
    picture = np.zeros((16, 16), np.uint8)
    picture[8:] = 1
    image = Image.fromarray(picture, "L").convert("P")
    image.putpalette([250, 250, 250, 90, 90, 90])
    read = read_image(encoded(image, "PNG", transparency=0))
    assert (read[:8] == 0).all()
    assert (read[8:] == 90).all()


def test_texts_in_a_picture_are_not_believed() -> None:
    info = PngImagePlugin.PngInfo()
    for key in ("Software", "__import__", "Raw profile type exif", "XML:com.adobe.xmp"):
        info.add_text(key, "=cmd|'/c calc'!A0 <script>alert(1)</script> \x1b[2J")
    np.testing.assert_array_equal(read_image(encoded(PICTURE, "PNG", pnginfo=info)), PICTURE)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(FORMATS),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=8)), max_size=3),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 7)), max_size=8),
)
def test_bits_flipped_and_bytes_put_in_give_an_array_or_one_sentence(
    kind: str, inserts: list[tuple[float, bytes]], flips: list[tuple[float, int]]
) -> None:
    content = bytearray(encoded(PICTURE, kind))
    for place, bit in flips:
        content[int(place * len(content))] ^= 1 << bit
    for place, data in inserts:
        content[int(place * len(content)) : int(place * len(content))] = data
    image = picture_or_refusal(bytes(content))
    assert is_one_sentence(image) or (image.dtype == np.uint8 and 64 <= image[:, :, 0].size <= MOST_PIXELS)


@pytest.fixture
def unharmed(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """A folder of the user's beside the one that is imported; it must be as it was at the end."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "secret.png").write_bytes(encoded(PICTURE, "PNG"))
    (tmp_path / "in").mkdir()
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in mine.iterdir()}

    def check() -> None:
        assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in mine.iterdir()} == before
        assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "mine"]

    yield check
    check()


@pytest.mark.parametrize(
    "name",
    ["../mine/secret.png", "{tmp}/mine/secret.png", "link.png", "folder/secret.png", "a\0.png", "=1+1.png"],
)
def test_a_list_of_labels_reads_nothing_outside_its_folder(tmp_path: Path, unharmed, name: str) -> None:
    folder = tmp_path / "in"
    (folder / "link.png").symlink_to(tmp_path / "mine" / "secret.png")
    (folder / "folder").symlink_to(tmp_path / "mine")
    (folder / "labels.csv").write_text(f"file,label\n{name.replace('{tmp}', str(tmp_path))},0\n")
    with pytest.raises(GalaxyError):
        import_folder(folder, folder / "labels.csv", tmp_path / "out.h5")
    unharmed()

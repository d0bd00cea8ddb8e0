"""One untrusted picture: an array, or one sentence."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from galaxy_core.errors import BadFileError, MissingError
from galaxy_core.images.read import read_image, to_square


def encoded(array_or_image, format_, **options):
    image = array_or_image
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    buffer = io.BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()


@pytest.fixture
def noise():
    return np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)


pytestmark = pytest.mark.filterwarnings("ignore:::PIL")
NOISE = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
FORMATS = ["JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF"]


@pytest.mark.parametrize(
    ("format_", "options"), [("PNG", {}), ("TIFF", {}), ("BMP", {}), ("WEBP", {"lossless": True})]
)
def test_lossless_formats_give_the_very_pixels(noise, format_, options):
    np.testing.assert_array_equal(read_image(encoded(noise, format_, **options)), noise)


def test_jpeg_and_gif_come_near():
    smooth = np.tile(np.arange(0, 200, 5, dtype=np.uint8)[:, None, None], (1, 40, 3))
    for format_ in ("JPEG", "GIF"):
        assert np.abs(read_image(encoded(smooth, format_)).astype(int) - smooth).max() < 8


def test_of_an_animation_the_first_frame_is_read():
    frames = [Image.fromarray(np.full((16, 16), value, np.uint8)) for value in (10, 200)]
    assert (read_image(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])) == 10).all()


def test_grey_palette_bilevel_and_cmyk_become_rgb(noise):
    grey = noise[:, :, 0]
    np.testing.assert_array_equal(read_image(encoded(grey, "PNG")), np.repeat(grey[:, :, None], 3, 2))
    palette = Image.fromarray(noise).quantize(16)
    np.testing.assert_array_equal(read_image(encoded(palette, "PNG")), np.array(palette.convert("RGB")))
    assert set(np.unique(read_image(encoded(Image.fromarray(grey > 99), "PNG")))) == {0, 255}
    cmyk = Image.fromarray(noise).convert("CMYK")
    np.testing.assert_array_equal(read_image(encoded(cmyk, "TIFF")), np.array(cmyk.convert("RGB")))


def test_what_is_transparent_becomes_black():
    image = np.full((10, 10, 4), 200, np.uint8)
    image[:5, :, 3] = 0
    image[5:, :, 3] = 255
    read = read_image(encoded(image, "PNG"))
    assert (read[:5] == 0).all()
    assert (read[5:] == 200).all()


def test_sixteen_bit_grey_is_divided_by_257():
    deep = np.array([[0, 257, 65535, 25700]] * 10, np.uint16).repeat(3, axis=1)
    for format_ in ("PNG", "TIFF"):
        assert read_image(encoded(deep, format_))[0, ::3, 0].tolist() == [0, 1, 255, 100]


@pytest.mark.parametrize(("dtype", "words"), [(np.int32, "32-bit whole"), (np.float32, "floating-point")])
def test_numbers_of_unknown_range_are_refused(dtype, words):
    with pytest.raises(BadFileError, match=words):
        read_image(encoded(np.ones((10, 10), dtype), "TIFF"))


def test_the_orientation_of_a_camera_is_applied(noise):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise by 90 degrees to see it upright
    read = read_image(encoded(noise, "PNG", exif=exif))
    np.testing.assert_array_equal(read, np.rot90(noise, -1))


def test_files_and_their_names(tmp_path, noise):
    path = tmp_path / "a.png"
    path.write_bytes(encoded(noise, "PNG"))
    np.testing.assert_array_equal(read_image(path), noise)
    np.testing.assert_array_equal(read_image(str(path)), noise)
    with pytest.raises(MissingError, match=r"nothing\.png does not exist"):
        read_image(tmp_path / "nothing.png")
    with pytest.raises(BadFileError, match="not a file"):
        read_image(tmp_path)
    path.write_text("no image")
    with pytest.raises(BadFileError, match=r"^upload\.png is no image"):
        read_image(path, name="upload.png")


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((1, 1), "1 x 1 pixels, and at least 8"),
        ((7, 50), "at least 8"),
        ((9, 200), "more than 20 times as long"),
    ],
)
def test_pictures_that_show_nothing_are_refused(shape, words):
    with pytest.raises(BadFileError, match=words):
        read_image(encoded(np.zeros(shape, np.uint8), "PNG"))


def test_more_pixels_than_allowed_are_refused():
    content = encoded(np.zeros((100, 100), np.uint8), "PNG")
    with pytest.raises(BadFileError, match=r"100 x 100 pixels, and at most 0\.0099 million"):
        read_image(content, max_pixels=9_900)
    assert read_image(content, max_pixels=10_000).shape == (100, 100, 3)


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000, 2**31 - 1])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(side):
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    bomb = (
        b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", zlib.compress(bytes(10))) + png_chunk(b"IEND", b"")
    )
    with pytest.raises(BadFileError, match=r"pixels|decoded whole"):
        read_image(bomb)


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9])
def test_a_picture_cut_short_is_refused(format_, kept):
    content = encoded(NOISE, format_)
    with pytest.raises(BadFileError, match=r"^galaxy\.img (cannot be decoded whole|is no image)"):
        read_image(content[: int(kept * len(content))], name="galaxy.img")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FORMATS), st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=6))
def test_a_spoilt_picture_is_an_array_or_one_sentence(format_, changes):
    content = bytearray(encoded(NOISE, format_))
    for place, value in changes:
        content[int(place * len(content))] = value
    try:
        image = read_image(bytes(content))
    except BadFileError:
        return
    assert image.dtype == np.uint8
    assert image.ndim == 3
    assert image.shape[2] == 3


@settings(max_examples=50, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0", b"BM"]),
)
def test_any_bytes_are_refused_in_one_way(content, start):
    with pytest.raises(BadFileError):
        read_image(start + content)


def test_the_square_is_the_centre():
    image = np.zeros((8, 12, 3), np.uint8)
    image[:, 2:10] = 50
    np.testing.assert_array_equal(to_square(image, 8), image[:, 2:10])
    assert to_square(image, 16).shape == (16, 16, 3)
    assert (to_square(image, 4) == 50).all()
    assert to_square(np.zeros((9, 300, 3), np.uint8)).shape == (256, 256, 3)

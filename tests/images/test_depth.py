"""More than eight bits a channel, and the kinds of TIFF that are easily read wrongly: right, or refused."""

import struct
import zlib
from collections.abc import Mapping

import cv2
import numpy as np
import pytest

from galaxy_core.errors import BadFileError
from galaxy_core.images.depth import LEFT_OUT
from galaxy_core.images.read import open_image, read_image

STEPS = np.arange(16 * 16).reshape(16, 16)  # all of 0 to 255
COLOURS = np.stack([STEPS, STEPS[::-1], STEPS.T], axis=2)
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2
BITS, PHOTOMETRIC, SAMPLES, MAX_SAMPLE, PLANES, EXTRA, FORMAT = 258, 262, 277, 281, 284, 338, 339


def tiff(pixels: np.ndarray | bytes, tags: Mapping[int, int | tuple[int, ...]], order: str = "<") -> bytes:
    """16 x 16 pixels as they are, behind a directory of 16-bit tags."""
    data = pixels if isinstance(pixels, bytes) else pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    entries = {256: 16, 257: 16, 259: 1, 273: 0, 278: 16, 279: len(data), PHOTOMETRIC: BLACK_IS_ZERO, **tags}
    lists = b""
    behind = 8 + 2 + 12 * len(entries) + 4
    room = sum(2 * len(value) for value in entries.values() if isinstance(value, tuple) and len(value) > 2)
    entries[273] = behind + room
    rows = b""
    for tag, value in sorted(entries.items()):
        numbers = value if isinstance(value, tuple) else (value,)
        packed = struct.pack(f"{order}{len(numbers)}H", *numbers)
        if len(packed) > 4:
            packed, lists = struct.pack(order + "I", behind + len(lists)), lists + packed
        rows += struct.pack(order + "HHI", tag, 3, len(numbers)) + packed.ljust(4, b"\0")
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, len(entries))
    return head + rows + bytes(4) + lists + data


def with_significant_bits(deep: np.ndarray, bits: int) -> bytes:
    """A grey PNG with an sBIT chunk behind its header, which ends at byte 33."""
    content = cv2.imencode(".png", deep)[1].tobytes()
    chunk = b"sBIT" + bytes([bits])
    return content[:33] + struct.pack(">I", 1) + chunk + struct.pack(">I", zlib.crc32(chunk)) + content[33:]


def grey_of(content: bytes) -> np.ndarray:
    """One channel of what was read, of which all are alike."""
    read = read_image(content)
    assert (read == read[:, :, :1]).all()
    return read[:, :, 0]


@pytest.mark.parametrize("bits", [8, 10, 12, 14])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("pixels", [STEPS, COLOURS], ids=["grey", "colours"])
def test_numbers_that_fill_fewer_bits_are_as_bright_as_they_were_meant_and_that_is_said(
    pixels: np.ndarray, suffix: str, bits: int
) -> None:
    full = 2**bits - 1
    deep = np.rint(pixels * (full / 255)).astype(np.uint16)
    read = open_image(cv2.imencode(suffix, deep[..., ::-1] if deep.ndim == 3 else deep)[1].tobytes())
    np.testing.assert_array_equal(
        read.pixels, pixels if pixels.ndim == 3 else pixels[:, :, None].repeat(3, 2)
    )
    assert read.notes == (
        f"its 16-bit numbers end at {full}, so they were taken for {bits} bits and scaled by {full}",
    )


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_numbers_that_fill_sixteen_bits_are_divided_by_257_without_a_word(suffix: str) -> None:
    read = open_image(cv2.imencode(suffix, (COLOURS * 257).astype(np.uint16)[..., ::-1])[1].tobytes())
    np.testing.assert_array_equal(read.pixels, COLOURS)
    assert read.notes == ()


def test_the_largest_number_that_a_tiff_states_is_believed_unless_a_pixel_contradicts() -> None:
    deep = (STEPS * 4).astype(np.uint16)
    read = open_image(tiff(deep, {BITS: 16, MAX_SAMPLE: 2040}))
    np.testing.assert_array_equal(read.pixels[:, :, 0], np.rint(STEPS / 2))
    assert "up to 2040, as the file says" in read.notes[0]
    assert "taken for 10 bits" in open_image(tiff(deep, {BITS: 16, MAX_SAMPLE: 255})).notes[0]


def test_the_significant_bits_of_a_png_are_believed_unless_they_were_spread_already() -> None:
    deep = (STEPS * 16).astype(np.uint16)  # as dark in 14 bits as in these 12 only by the chunk
    np.testing.assert_array_equal(
        grey_of(with_significant_bits(deep, 14)), np.rint(STEPS * (16 * 255 / 16383))
    )
    spread = (STEPS * 257).astype(np.uint16)
    np.testing.assert_array_equal(grey_of(with_significant_bits(spread, 14)), STEPS)


def test_twelve_bits_packed_without_gaps_are_read_at_their_brightness() -> None:
    deep = np.rint(STEPS * (4095 / 255)).astype(int).reshape(-1, 2)
    packed = bytes(byte for a, b in deep.tolist() for byte in (a >> 4, (a & 15) << 4 | b >> 8, b & 255))
    np.testing.assert_array_equal(grey_of(tiff(packed, {BITS: 12})), STEPS)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [8, 16])
def test_a_tiff_whose_white_is_zero_is_no_negative(bits: int, order: str) -> None:
    stored = (255 - STEPS).astype(np.uint8) if bits == 8 else ((255 - STEPS) * 257).astype(np.uint16)
    try:
        read = grey_of(tiff(stored, {BITS: bits, PHOTOMETRIC: WHITE_IS_ZERO}, order))
    except BadFileError:
        assert (bits, order) == (16, ">")  # which Pillow does not know
    else:
        np.testing.assert_array_equal(read, STEPS)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("extra", [None, 0])
def test_infrared_is_no_transparency(bits: int, extra: int | None) -> None:
    scale, kind = (1, np.uint8) if bits == 8 else (257, np.uint16)
    infrared = np.zeros((16, 16, 1), int)
    stored = (np.concatenate([COLOURS, infrared], axis=2) * scale).astype(kind)
    said = {} if extra is None else {EXTRA: extra}
    read = open_image(tiff(stored, {BITS: (bits,) * 4, SAMPLES: 4, PHOTOMETRIC: RGB, **said}))
    np.testing.assert_array_equal(read.pixels, COLOURS)
    assert read.notes == (LEFT_OUT,)


def test_what_is_said_to_be_transparent_becomes_black_in_sixteen_bits_too() -> None:
    opacity = np.zeros((16, 16, 1), int)
    opacity[8:] = 255
    stored = (np.concatenate([COLOURS, opacity], axis=2) * 257).astype(np.uint16)
    png = cv2.imencode(".png", stored[..., [2, 1, 0, 3]])[1].tobytes()
    for content in (png, tiff(stored, {BITS: (16,) * 4, SAMPLES: 4, PHOTOMETRIC: RGB, EXTRA: 2})):
        read = open_image(content)
        assert (read.pixels[:8] == 0).all()
        np.testing.assert_array_equal(read.pixels[8:], COLOURS[8:])
        assert read.notes == ()


def test_deep_colours_in_separate_planes_are_refused_since_no_decoder_here_reads_them_right() -> None:
    stored = np.moveaxis(COLOURS * 257, 2, 0).astype(np.uint16)
    size = stored[0].nbytes
    content = tiff(stored, {BITS: (16,) * 3, SAMPLES: 3, PHOTOMETRIC: RGB, PLANES: 2, 279: (size,) * 3})
    with pytest.raises(BadFileError, match="in separate planes"):
        read_image(content)


def test_numbers_with_a_sign_are_refused() -> None:
    with pytest.raises(BadFileError, match="signed or 32-bit whole numbers"):
        read_image(tiff(STEPS.astype(np.uint16), {BITS: 16, FORMAT: 2}))

"""What is asked of the bytes of a picture before a decoder sees them: how much memory and time it may take.

Decoders believe headers: a few hundred bytes can make them take gigabytes, or look at the same pixels for a minute.
It knows how the formats are laid out; it must not decode a pixel.
"""

import re
import struct
import zlib
from collections.abc import Callable

from galaxy_core.errors import BadFileError
from galaxy_core.images.avif_check import check_avif
from galaxy_core.images.jpeg2000_check import check_jpeg2000

MOST_BYTES = 400_000_000
"""So much have 50 million pixels with four channels of 16 bits, not packed at all."""
MOST_SCANS = 64
"""Encoders make 10 scans, the most thorough ones 30; each scan costs a pass over all pixels, however short it is."""
MOST_TILE_PIXELS = 2**22
MOST_PIECES = 2**16
"""Segments, chunks or blocks, which readers go through in Python; 400 MB in the usual 8 kB are 50,000."""
MOST_TIFF_ITEMS = 2**17  # strips and tiles are at most one a row and channel

# what ends a scan: neither a stuffed byte nor a restart; of several 0xFF the last counts
_JPEG_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
_IMAGE_WIDTH, _IMAGE_LENGTH, _COMPRESSION, _TILE_WIDTH, _TILE_LENGTH = 256, 257, 259, 322, 323
_TIFF_PACKINGS = {1: "none", 5: "LZW", 7: "JPEG", 8: "deflate", 32773: "PackBits", 32946: "deflate"}
_TIFF_ITEMS = {
    1: "B",
    3: "H",
    4: "I",
    6: "B",
    8: "H",
    9: "I",
    13: "I",
    16: "Q",
    17: "Q",
}  # with a sign or without
_TIFF_BYTES = (1, 2, 6, 7)  # BYTE, ASCII, SBYTE, UNDEFINED: blobs of any length


def check_bytes(data: bytes, name: str, max_pixels: int) -> None:
    """BadFileError in one sentence where decoding would cost more than the picture is worth, or bytes are damaged."""
    check_length(len(data), name)
    check = next((one for start, one in _CHECKS.items() if data.startswith(start)), None)
    if data.startswith(b"ftyp", 4):
        check = check_avif
    if check is None:
        return
    try:
        check(data, name, max_pixels)
    except (struct.error, IndexError) as error:
        raise BadFileError(
            f"{name} cannot be decoded whole; it is damaged or cut short, get it again"
        ) from error


def check_length(n_bytes: int, name: str) -> None:
    """BadFileError for a file that is larger than any picture that is read."""
    if n_bytes > MOST_BYTES:
        raise BadFileError(
            f"{name} has {n_bytes / 1e6:.0f} MB, and an image may have {MOST_BYTES / 1e6:g}; save it smaller"
        )


def _check_jpeg(data: bytes, name: str, max_pixels: int) -> None:
    n_scans = _n_scans(data, name)
    if n_scans > MOST_SCANS:
        raise BadFileError(
            f"{name} draws its pixels in {n_scans} scans, and at most {MOST_SCANS} are read; save it as PNG"
        )


def _n_scans(data: bytes, name: str) -> int:
    """Scans of the first image, found as a decoder finds them: from marker to marker until the end of the image."""
    n_scans, place = 0, 2
    for _ in range(MOST_PIECES):
        found = _JPEG_MARKER.search(data, place)
        if found is None or found[1] == b"\xd9":
            return n_scans
        place = found.end()
        if found[1] != b"\x01":  # the one marker without a length
            n_scans += found[1] == b"\xda"
            place += int.from_bytes(data[place : place + 2], "big")
    raise _too_many_pieces(name)


def _too_many_pieces(name: str) -> BadFileError:
    return BadFileError(f"{name} is made of more than {MOST_PIECES} pieces; save it anew")


def _check_png(data: bytes, name: str, max_pixels: int) -> None:
    """Each chunk has a checksum, and Pillow leaves out those of the pixels."""
    place = 8
    for _ in range(MOST_PIECES):
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 8 + length
        (expected,) = struct.unpack_from(">I", data, end)
        if zlib.crc32(memoryview(data)[place + 4 : end]) != expected:
            raise BadFileError(f"{name} is damaged: a checksum in it does not fit; get it again")
        if kind == b"IEND":
            return
        place = end + 4
    raise _too_many_pieces(name)


def _check_gif(data: bytes, name: str, max_pixels: int) -> None:
    """What stands before the first frame, comments say, is put together block by block."""
    place = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)  # behind the colours
    is_inside = False  # an extension, which ends with an empty block
    for _ in range(MOST_PIECES):
        if is_inside:
            is_inside = data[place] > 0
            place += 1 + data[place]
        elif data[place] == 0x21:
            is_inside, place = True, place + 2
        else:
            return
    raise _too_many_pieces(name)


def _check_webp(data: bytes, name: str, max_pixels: int) -> None:
    """The canvas is taken when the file is opened, before anybody can ask for its size."""
    width, height = _webp_size(data)
    if width * height > max_pixels:
        raise BadFileError(
            f"{name} has {width} x {height} pixels, and at most {max_pixels / 1e6:g} million are read; shrink it"
        )


def _webp_size(data: bytes) -> tuple[int, int]:
    if data[8:16] == b"WEBPVP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if data[8:16] == b"WEBPVP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _check_bmp(data: bytes, name: str, max_pixels: int) -> None:
    header, packing = struct.unpack_from("<I12xI", data, 14)
    if header >= 40 and packing not in (0, 3):  # plain, or plain with masks
        raise BadFileError(f"{name} is a packed BMP, a kind that is not read here; save it as PNG")


def _check_tiff(data: bytes, name: str, max_pixels: int) -> None:
    tags = _tiff_numbers(data, name)
    packing = tags.get(_COMPRESSION, 1)
    if packing not in _TIFF_PACKINGS:
        known = ", ".join(dict.fromkeys(_TIFF_PACKINGS.values()))
        raise BadFileError(
            f"{name} is a TIFF packed in a way ({packing}) that is not read here; save it with {known}"
        )
    n_pixels = min(max_pixels, tags.get(_IMAGE_WIDTH, 0) * tags.get(_IMAGE_LENGTH, 0))
    width, height = tags.get(_TILE_WIDTH, 0), tags.get(_TILE_LENGTH, 0)
    if width * height > max(MOST_TILE_PIXELS, n_pixels):
        raise BadFileError(
            f"{name} has tiles of {width} x {height} pixels, far more than its picture; save it without tiles"
        )


def _tiff_numbers(data: bytes, name: str) -> dict[int, int]:
    """The whole numbers of the first directory by tag, one each; BadFileError for a list that is far too long."""
    order = "<" if data.startswith(b"II") else ">"
    (version,) = struct.unpack_from(order + "H", data, 2)
    is_big = version == 43
    offset, count, entry = ("Q", "Q", "HHQ8s") if is_big else ("I", "H", "HHI4s")
    (place,) = struct.unpack_from(order + offset, data, 8 if is_big else 4)
    (n_entries,) = struct.unpack_from(order + count, data, place)
    place += struct.calcsize(order + count)
    numbers: dict[int, int] = {}
    if n_entries > MOST_PIECES:
        raise _too_many_pieces(name)
    for i in range(n_entries):
        tag, kind, n, value = struct.unpack_from(
            order + entry, data, place + i * struct.calcsize(order + entry)
        )
        if kind not in _TIFF_BYTES and n > MOST_TIFF_ITEMS:
            raise BadFileError(
                f"{name} lists {n} items in its tag {tag}, far more than it can have; save it anew"
            )
        if kind in _TIFF_ITEMS and n == 1:
            (number,) = struct.unpack_from(order + _TIFF_ITEMS[kind], value)
            numbers[tag] = max(number, numbers.get(tag, 0))  # of two, readers differ which one counts
    return numbers


_CHECKS: dict[bytes, Callable[[bytes, str, int], None]] = {
    b"\xff\xd8\xff": _check_jpeg,
    b"\x89PNG\r\n\x1a\n": _check_png,
    b"GIF8": _check_gif,
    b"RIFF": _check_webp,
    b"BM": _check_bmp,
    b"II*\0": _check_tiff,
    b"MM\0*": _check_tiff,
    b"II+\0": _check_tiff,
    b"MM\0+": _check_tiff,
    b"\0\0\0\x0cjP  ": check_jpeg2000,
    b"\xff\x4f\xff\x51": check_jpeg2000,
}

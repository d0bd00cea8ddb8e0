"""What is asked of a tile-compressed FITS image before it is unpacked: do its tiles fit, into the file and the image?

The table beside the image says of each tile where it lies; tiles may claim each other's bytes, or unpack to any
length. It knows the layout (standard 4.0, sections 7.3.5 and 10.1); it must not read a pixel.
"""

import math
import re
import zlib
from collections.abc import Iterator

import numpy as np

from galaxy_core.errors import BadFileError, quoted
from galaxy_core.images.fits_checks import Hdu

PACKINGS = ("RICE_1", "RICE_ONE", "GZIP_1", "GZIP_2", "NOCOMPRESS")
"""Those whose decoders know where their bytes end; HCOMPRESS_1 and PLIO_1 read on behind them."""
_FIELD_BYTES = {
    "L": 1,
    "B": 1,
    "A": 1,
    "I": 2,
    "J": 4,
    "K": 8,
    "E": 4,
    "D": 8,
    "C": 8,
    "M": 16,
    "P": 8,
    "Q": 16,
}
_DATA = {"COMPRESSED_DATA": "", "GZIP_COMPRESSED_DATA": "GZIP_1", "UNCOMPRESSED_DATA": "NOCOMPRESS"}
"""Columns that hold tiles, and how those are packed where it is not the image's own way."""
WIDEST = 8  # bytes that a pixel of a tile unpacks to at most
_RICE_SETTINGS = {"BLOCKSIZE": ("16", "32", "64"), "BYTEPIX": ("1", "2", "4")}
"""What is known of them; a decoder believes any number, and a block of none is its end."""


def check_tiles(data: bytes, hdu: Hdu, name: str) -> None:
    """BadFileError for tiles that are larger than the image, missing, overlapping, or unpack to more than pixels."""
    packing = str(hdu.values.get("ZCMPTYPE", ""))
    if packing not in PACKINGS:
        raise BadFileError(
            f"{name} is packed in a way ({quoted(packing)}) that is not read; unpack it with funpack"
        )
    if packing.startswith("RICE"):
        _check_rice(hdu, name)
    n_tiles, most_pixels = _tiling(hdu, name)
    if hdu.values.get("NAXIS2") != n_tiles:
        raise _unfit(name)
    n_taken = 0
    for column, places in _descriptors(data, hdu, name).items():
        how, (start, n_bytes) = _DATA[column] or packing, _heap(hdu)
        n_taken += int(places[:, 0].sum())
        if n_taken > n_bytes or (places < 0).any() or (places.sum(axis=1) > n_bytes).any():
            raise _unfit(name)
        for length, offset in places[places[:, 0] > 0].tolist():
            if how.startswith("GZIP"):
                packed = data[start + offset : start + offset + length]
                _check_gzip(packed, WIDEST * most_pixels, name)
            elif how.startswith("RICE") and length < 4:
                raise _unfit(name)


def _check_rice(hdu: Hdu, name: str) -> None:
    for i in range(1, 1000):
        setting = hdu.values.get(f"ZNAME{i}")
        if setting is None:
            return
        known = _RICE_SETTINGS.get(str(setting).upper())
        if known and hdu.values.get(f"ZVAL{i}") not in known:
            raise _unfit(name)


def _tiling(hdu: Hdu, name: str) -> tuple[int, int]:
    """How many tiles there must be, and how many pixels one has at most; by default a tile is a row."""
    sides = hdu.shape[::-1]
    tile = [hdu.values.get(f"ZTILE{i + 1}", side if i == 0 else 1) for i, side in enumerate(sides)]
    if not all(isinstance(n, int) and 0 < n <= side for n, side in zip(tile, sides, strict=True)):
        raise BadFileError(f"{name} has tiles that are larger than its image; save it anew")
    n_tiles = math.prod(-(-side // int(n)) for n, side in zip(tile, sides, strict=True))
    return n_tiles, math.prod(map(int, tile))


def _heap(hdu: Hdu) -> tuple[int, int]:
    """Where in the file the bytes of the tiles begin, and how many there are."""
    table = int(hdu.values.get("NAXIS1", 0)) * int(hdu.values.get("NAXIS2", 0))
    offset = int(hdu.values.get("THEAP", table))
    return hdu.start + offset, hdu.n_bytes - offset


def _descriptors(data: bytes, hdu: Hdu, name: str) -> dict[str, np.ndarray]:
    """Length in bytes and offset of each tile, int64 (tiles, 2), by column."""
    width, n_rows = int(hdu.values["NAXIS1"]), int(hdu.values["NAXIS2"])
    rows = np.frombuffer(data, np.uint8, width * n_rows, hdu.start).reshape(n_rows, width)
    found = {}
    for column, form, place in _columns(hdu, name):
        described = re.fullmatch(r"[01]?([PQ])([BIJKED])(\(\d+\))?", form)
        if column not in _DATA:
            continue
        if column in found or not described or place + _FIELD_BYTES[described[1]] > width:
            raise _unfit(name)
        kind = ">i4" if described[1] == "P" else ">i8"
        pair = (
            np.ascontiguousarray(rows[:, place : place + _FIELD_BYTES[described[1]]])
            .view(kind)
            .astype(np.int64)
        )
        if (np.abs(pair) > len(data)).any():
            raise _unfit(name)
        found[column] = pair * [_FIELD_BYTES[described[2]], 1]
    if "COMPRESSED_DATA" not in found:
        raise _unfit(name)
    return found


def _columns(hdu: Hdu, name: str) -> Iterator[tuple[str, str, int]]:
    """Name, form and place in the row of each column."""
    place = 0
    for i in range(1, int(hdu.values.get("TFIELDS", 0)) + 1):
        form = str(hdu.values.get(f"TFORM{i}", "")).strip()
        parts = re.match(r"(\d{0,9})([LXBAIJKEDCMPQ])", form)
        if not parts:
            raise _unfit(name)
        yield str(hdu.values.get(f"TTYPE{i}", "")).strip().upper(), form, place
        n = int(parts[1] or 1)
        place += -(-n // 8) if parts[2] == "X" else n * _FIELD_BYTES[parts[2]]


def _check_gzip(packed: bytes, most_bytes: int, name: str) -> None:
    """What it would unpack to is counted without keeping more than a tile."""
    if len(zlib.decompressobj(31).decompress(packed, most_bytes + 1)) > most_bytes:
        raise BadFileError(
            f"{name} has a tile that unpacks to more than its pixels; it is damaged, get it again"
        )


def _unfit(name: str) -> BadFileError:
    return BadFileError(f"{name} has tiles that do not fit together; it is damaged, get it again")

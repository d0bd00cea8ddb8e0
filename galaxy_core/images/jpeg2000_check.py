"""What a JPEG 2000 picture makes a decoder take: pixels, and the tiles, layers and blocks they are cut into.

A decoder sets up all of these before it reads a pixel (ISO/IEC 15444-1, annex A). It knows the layout; it must not
decode.
"""

import math
import struct
from dataclasses import dataclass

from galaxy_core.errors import BadFileError
from galaxy_core.images.boxes import boxes

MOST_TILES, MOST_CHANNELS, MOST_LAYERS, MOST_LEVELS = 4096, 4, 64, 32
MOST_BLOCKS = 2**18
"""Of all kinds; 50 million pixels of three colours in blocks of 64 are 37,000."""
MOST_PARTS = 2**16
_START, _SIZE, _STYLE, _TILE, _DATA, _END = 0xFF4F, 0xFF51, 0xFF52, 0xFF90, 0xFF93, 0xFFD9
_OVERRULING = (0xFF53, 0xFF5F)  # styles of one channel, changes of order


@dataclass(frozen=True)
class _Layout:
    width: int
    height: int
    n_tiles: int
    n_channels: int


def check_jpeg2000(data: bytes, name: str, max_pixels: int) -> None:
    """BadFileError for what costs more than the picture is worth; struct.error for what is damaged or cut short."""
    stream = data if data.startswith(b"\xff\x4f") else _stream(data)
    layout = _layout(stream, name, max_pixels)
    place, is_styled = 2, False
    for _ in range(MOST_PARTS):
        marker, length = struct.unpack_from(">HH", stream, place)
        if marker == _TILE:
            break
        if marker == _STYLE:
            is_styled = True
        _check_marker(stream, place, marker, layout, name)
        place += 2 + length
    if not is_styled:
        raise struct.error("no style")
    for _ in range(MOST_PARTS):
        (marker,) = struct.unpack_from(">H", stream, place)
        if marker == _END:
            return
        place = _part_end(stream, place, layout, name)
    raise _dear(name, f"more than {MOST_PARTS} parts")


def _stream(data: bytes) -> bytes:
    found = [data[start:end] for kind, start, end in boxes(data, 0, len(data)) if kind == b"jp2c"]
    if not found:
        raise struct.error("no stream")
    return found[0]


def _layout(stream: bytes, name: str, max_pixels: int) -> _Layout:
    start, marker = struct.unpack_from(">HH", stream)
    if (start, marker) != (_START, _SIZE):
        raise struct.error("no size")
    right, bottom, left, top, *tile, n_channels = struct.unpack_from(">8IH", stream, 8)
    width, height = right - left, bottom - top
    if min(width, height, *tile[:2]) <= 0 or tile[2] > left or tile[3] > top:
        raise struct.error("a size that cannot be")
    if width * height > max_pixels:
        raise BadFileError(
            f"{name} has {width} x {height} pixels, and at most {max_pixels / 1e6:g} million are read; shrink it"
        )
    n_tiles = -(-(right - tile[2]) // tile[0]) * -(-(bottom - tile[3]) // tile[1])
    for n, most, what in ((n_tiles, MOST_TILES, "tiles"), (n_channels, MOST_CHANNELS, "channels")):
        if n > most:
            raise _dear(name, f"{n} {what}")
    return _Layout(width, height, n_tiles, n_channels)


def _part_end(stream: bytes, place: int, layout: _Layout, name: str) -> int:
    """Where the next part of a tile begins, its header looked through."""
    marker, _, _, length = struct.unpack_from(">HHHI", stream, place)
    if marker != _TILE:
        raise struct.error("no tile where one must be")
    end = place + length if length else len(stream) - 2
    inner = place + 12
    for _ in range(MOST_PARTS):
        (marker,) = struct.unpack_from(">H", stream, inner)
        if marker == _DATA:
            break
        _check_marker(stream, inner, marker, layout, name)
        inner += 2 + struct.unpack_from(">H", stream, inner + 2)[0]
    if not inner + 2 <= end <= len(stream):
        raise struct.error("a tile that is cut short")
    return end


def _check_marker(stream: bytes, place: int, marker: int, layout: _Layout, name: str) -> None:
    if marker in _OVERRULING:
        raise BadFileError(f"{name} is a JPEG 2000 of a rare kind, which is not read; save it as PNG")
    if marker != _STYLE:
        return
    style, _, n_layers, _, n_levels, x, y = struct.unpack_from(">BBHBBBB", stream, place + 4)
    if n_layers > MOST_LAYERS or n_levels > MOST_LEVELS:
        raise _dear(name, f"{n_layers} layers and {n_levels} levels")
    precincts = stream[place + 14 : place + 15 + n_levels] if style & 1 else b"\xff" * (n_levels + 1)
    if len(precincts) <= n_levels:
        raise struct.error("a style that is cut short")
    n_blocks = layout.width * layout.height / 2 ** (min(x, 8) + min(y, 8) + 4)
    n_blocks += sum(
        math.ceil(layout.width / 2 ** (n_levels - level + (one & 15)) + 1)
        * math.ceil(layout.height / 2 ** (n_levels - level + (one >> 4)) + 1)
        for level, one in enumerate(precincts)
    )
    n_blocks += layout.n_tiles * (n_levels + 1)
    if n_blocks * layout.n_channels > MOST_BLOCKS:
        raise _dear(name, f"{n_blocks * layout.n_channels:.0f} blocks")


def _dear(name: str, what: str) -> BadFileError:
    return BadFileError(f"{name} cuts its pixels into {what}, far more than are needed; save it as PNG")

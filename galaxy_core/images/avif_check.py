"""How many pixels an AVIF picture makes a decoder take, whatever its outermost size says.

The size that a reader shows first stands beside the stream that is decoded, which has its own (AV1 specification,
5.5.1). It knows the layout; it must not decode a pixel.
"""

import struct
from collections.abc import Iterator

from galaxy_core.errors import BadFileError
from galaxy_core.images.boxes import boxes

_SEQUENCE_HEADER = 1
_PICTURE, _BESIDE = b"av01", (b"Exif", b"mime", b"uri ")


def check_avif(data: bytes, name: str, max_pixels: int) -> None:
    """BadFileError for more pixels than are read, and for what is no single picture; struct.error for damage."""
    top = list(boxes(data, 0, len(data)))
    if any(kind in (b"moov", b"moof") for kind, _, _ in top):
        raise BadFileError(f"{name} is an AVIF that moves, which is not read; save one picture of it")
    inside = [box for kind, start, end in top if kind == b"meta" for box in boxes(data, start + 4, end)]
    kinds = _item_kinds(data, inside)
    if any(kind not in (_PICTURE, *_BESIDE) for kind in kinds.values()):
        raise BadFileError(
            f"{name} is an AVIF put together of several pictures, which is not read; save it as PNG"
        )
    pictures = [item for item, kind in kinds.items() if kind == _PICTURE]
    items = _item_bytes(data, inside)
    sizes = [*_stated_sizes(data, inside)]
    for item in pictures:
        sizes += _stream_sizes(items[item])
    for width, height in sizes:
        if width * height > max_pixels:
            raise BadFileError(
                f"{name} has {width} x {height} pixels, and at most {max_pixels / 1e6:g} million are read; shrink it"
            )


def _item_kinds(data: bytes, inside: list[tuple[bytes, int, int]]) -> dict[int, bytes]:
    found = {}
    for kind, start, end in inside:
        if kind != b"iinf":
            continue
        first = start + (6 if data[start] == 0 else 8)
        for entry, place, _ in boxes(data, first, end):
            if entry == b"infe":
                item = ">H2x4s" if data[place] == 2 else ">I2x4s"
                number, what = struct.unpack_from(item, data, place + 4)
                found[number] = what
    return found


def _item_bytes(data: bytes, inside: list[tuple[bytes, int, int]]) -> dict[int, bytes]:
    """The content of each item, its pieces put together; they may not be more than the file."""
    (place,) = (start for kind, start, _ in inside if kind == b"iloc")
    version = data[place]
    sizes = data[place + 4] >> 4, data[place + 4] & 15, data[place + 5] >> 4, data[place + 5] & 15
    reader = _Numbers(data, place + 6)
    wide = 4 if version == 2 else 2
    found, n_bytes = {}, 0
    for _ in range(min(reader.take(wide), len(data))):
        item = reader.take(wide)
        if version and reader.take(2) & 15:
            raise struct.error("an item that lies elsewhere")
        reader.take(2)
        base, pieces = reader.take(sizes[2]), []
        for _ in range(reader.take(2)):
            if version:
                reader.take(sizes[3])
            offset, length = base + reader.take(sizes[0]), reader.take(sizes[1])
            if offset + length > len(data):
                raise struct.error("an item that ends outside of the file")
            n_bytes += length
            if n_bytes > len(data):
                raise struct.error("items that overlap")
            pieces.append(data[offset : offset + length])
        found[item] = b"".join(pieces)
    return found


class _Numbers:
    """Whole numbers one after the other."""

    def __init__(self, data: bytes, place: int) -> None:
        self._data, self._place = data, place

    def take(self, n_bytes: int) -> int:
        taken = self._data[self._place : self._place + n_bytes]
        if len(taken) < n_bytes:
            raise struct.error("a list that is cut short")
        self._place += n_bytes
        return int.from_bytes(taken, "big")


def _stated_sizes(data: bytes, inside: list[tuple[bytes, int, int]]) -> Iterator[tuple[int, int]]:
    for kind, start, end in inside:
        if kind == b"iprp":
            for part, first, last in boxes(data, start, end):
                if part == b"ipco":
                    for what, place, _ in boxes(data, first, last):
                        if what == b"ispe":
                            yield struct.unpack_from(">II", data, place + 4)


def _stream_sizes(stream: bytes) -> Iterator[tuple[int, int]]:
    """(width, height) of each sequence header, the most a frame after it may have."""
    place = 0
    while place < len(stream):
        head = stream[place]
        place += 2 if head & 4 else 1
        length, place = _leb128(stream, place) if head & 2 else (len(stream) - place, place)
        if head >> 3 & 15 == _SEQUENCE_HEADER:
            yield _sequence_size(stream[place : place + length])
        place += length


def _leb128(stream: bytes, place: int) -> tuple[int, int]:
    value = 0
    for i in range(8):
        byte = stream[place + i]
        value |= (byte & 127) << 7 * i
        if byte < 128:
            return value, place + i + 1
    raise struct.error("a length that does not end")


def _sequence_size(header: bytes) -> tuple[int, int]:
    bits = _Bits(header)
    bits.take(4)
    if bits.take(1):  # a still picture in short
        bits.take(5)
    else:
        if bits.take(1):
            raise struct.error("the clock of a film")
        has_delay = bits.take(1)
        for _ in range(bits.take(5) + 1):
            bits.take(12)
            if bits.take(5) > 7:
                bits.take(1)
            if has_delay and bits.take(1):
                bits.take(4)
    n_width, n_height = bits.take(4) + 1, bits.take(4) + 1
    return bits.take(n_width) + 1, bits.take(n_height) + 1


class _Bits:
    """Bits one after the other, the highest first."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data[:64], "big"), 8 * len(data[:64])

    def take(self, n: int) -> int:
        self._left -= n
        if self._left < 0:
            raise struct.error("a header that is cut short")
        return self._value >> self._left & (1 << n) - 1

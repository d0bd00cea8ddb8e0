"""The boxes that AVIF and JPEG 2000 files are made of (ISO/IEC 14496-12, 15444-1): a length, a kind, a content."""

import struct
from collections.abc import Iterator

MOST_BOXES = 4096
"""In one box, which readers go through; pictures have a dozen."""


def boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, and where the content begins and ends, of each; struct.error for lengths that cannot be."""
    for _ in range(MOST_BOXES):
        if start >= end:
            return
        length, kind = struct.unpack_from(">I4s", data, start)
        head = 8
        if length == 1:
            (length,), head = struct.unpack_from(">Q", data, start + 8), 16
        length = length or end - start
        if length < head or start + length > end:
            raise struct.error("a box that ends outside of what holds it")
        yield kind, start + head, start + length
        start += length
    raise struct.error("too many boxes")

"""The kinds of picture that are read: one table of their names and of the bytes they begin with."""

from dataclasses import dataclass
from pathlib import PurePosixPath

HEAD_BYTES = 32
"""So many of a file tell its kind."""


@dataclass(frozen=True)
class ImageKind:
    """`name` as Pillow has it; a file is of the kind where one of `marks`, (place, bytes) pairs, is all there."""

    name: str
    suffixes: tuple[str, ...]
    marks: tuple[tuple[tuple[int, bytes], ...], ...]


def _begins(*starts: bytes) -> tuple[tuple[tuple[int, bytes], ...], ...]:
    return tuple(((0, start),) for start in starts)


KINDS = (
    ImageKind("JPEG", (".jpg", ".jpeg", ".jfif", ".jpe"), _begins(b"\xff\xd8\xff")),
    ImageKind("PNG", (".png",), _begins(b"\x89PNG\r\n\x1a\n")),
    # the last two are BigTIFF
    ImageKind("TIFF", (".tif", ".tiff"), _begins(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    ImageKind("WEBP", (".webp",), (((0, b"RIFF"), (8, b"WEBP")),)),
    # "BM" begins many a text; four reserved bytes and the length of a header that exists follow in a bitmap
    ImageKind(
        "BMP",
        (".bmp",),
        tuple(
            ((0, b"BM"), (6, bytes(4)), (14, bytes([n, 0, 0, 0]))) for n in (12, 16, 40, 52, 56, 64, 108, 124)
        ),
    ),
    ImageKind("GIF", (".gif",), _begins(b"GIF87a", b"GIF89a")),
    ImageKind("AVIF", (".avif",), (((4, b"ftypavif"),),)),
    ImageKind(
        "JPEG2000",
        (".jp2", ".j2k", ".jpx", ".j2c", ".jpc"),
        _begins(b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51"),
    ),
    # the T of SIMPLE has its place; a file packed by gzip is known by its name alone
    ImageKind(
        "FITS",
        (".fits", ".fit", ".fts", ".fits.gz", ".fit.gz", ".fz"),
        (((0, b"SIMPLE  ="), (29, b"T")),),
    ),
)
FORMATS = tuple(kind.name for kind in KINDS)
PILLOW_FORMATS = tuple(name for name in FORMATS if name != "FITS")
"""Pillow's own FITS reader takes floats in the wrong byte order."""
SUFFIXES = tuple(suffix for kind in KINDS for suffix in kind.suffixes)


def has_image_name(name: str) -> bool:
    """Whether the name ends as that of a picture does, in capitals or not."""
    path = PurePosixPath(name)
    return bool(path.suffix) and path.name.lower().endswith(SUFFIXES)


def begins_as_image(head: bytes) -> bool:
    """Whether the first bytes of a file, HEAD_BYTES of them, are those of a picture that is read."""
    return any(
        all(head.startswith(part, place) for place, part in mark) for kind in KINDS for mark in kind.marks
    )

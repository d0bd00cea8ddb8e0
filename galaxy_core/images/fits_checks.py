"""What is asked of the bytes of a FITS file before astropy sees them: what lies where, and how large it will be.

Readers believe headers: eighty bytes can make them take any amount of memory. It knows how the format is laid out
(Pence et al. 2010, A&A 524, A42); it must not read a pixel nor import astropy.
"""

import math
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from galaxy_core.errors import BadFileError, quoted

BEGINS = b"SIMPLE  ="
BLOCK, CARD = 2880, 80
MOST_CARDS, MOST_HDUS, MOST_FIELDS = 20_000, 500, 999
MOST_BYTES = 400_000_000  # of one image, unpacked
MOST_UNZIPPED = 128_000_000
"""Of a file inside gzip, which says nothing of its size before it is unpacked."""
GZIP_BYTES = 2**14  # at a time: they become at most a thousand times as many
GZIP = b"\x1f\x8b"

Value = int | str | bool
_BITS = (8, 16, 32, 64, -32, -64)
_INTEGERS = re.compile(r"(BITPIX|NAXIS\d*|[PG]COUNT|TFIELDS|THEAP|ZBITPIX|ZNAXIS\d*|ZTILE\d+)\Z")
_TEXTS = re.compile(r"(XTENSION|ZCMPTYPE|ZNAME\d+|DATASUM|EXTNAME|IMAGETYP|TTYPE\d+|TFORM\d+)\Z")
_SETTING = re.compile(r"ZVAL\d+\Z")
_SWITCHES = ("SIMPLE", "ZIMAGE", "GROUPS")
_NO_PICTURE = re.compile(r"INVVAR|IVAR|MASK|WEIGHT|WHT|VAR|ERR|PSF|DEPTH|NEXP|FLAG|DQ|CHI2", re.IGNORECASE)
"""Names of what survey files hold beside the image."""


@dataclass(frozen=True)
class Hdu:
    """One unit of a file: its number, what its header says of its size, and where its data lie.

    `shape` is that of the image it holds, (H, W) last, packed or not; () where it holds none.
    """

    number: int
    values: dict[str, Value]
    shape: tuple[int, ...]
    start: int
    n_bytes: int

    @property
    def is_packed(self) -> bool:
        """Whether the image lies in tiles in a table."""
        return self.values.get("ZIMAGE") is True

    @property
    def is_picture(self) -> bool:
        """Whether it holds an image that is not said to be a map of errors or flags."""
        named = f"{self.values.get('EXTNAME', '')} {self.values.get('IMAGETYP', '')}"
        return bool(self.shape) and not _NO_PICTURE.search(named)


def is_fits(data: bytes) -> bool:
    """Whether these bytes are a FITS file, or a gzip of one."""
    if data.startswith(GZIP):
        try:
            data = zlib.decompressobj(31).decompress(data[:BLOCK], len(BEGINS))
        except zlib.error:
            return False
    return data.startswith(BEGINS)


def unzipped(data: bytes, name: str) -> bytes:
    """The file as it was before gzip, if it is packed by that; BadFileError for far too much and for damage."""
    if not data.startswith(GZIP):
        return data
    packer, pieces, n_bytes = zlib.decompressobj(31), list[bytes](), 0
    try:
        for place in range(0, len(data), GZIP_BYTES):
            pieces.append(packer.decompress(data[place : place + GZIP_BYTES]))
            n_bytes += len(pieces[-1])
            if n_bytes > MOST_UNZIPPED:
                raise BadFileError(
                    f"{name} unpacks to more than {MOST_UNZIPPED / 1e6:g} MB; unpack it, and cut out the galaxy"
                )
    except zlib.error as error:
        raise _damaged(name) from error
    if not packer.eof:
        raise _damaged(name)
    return b"".join(pieces)


def find_hdus(data: bytes, name: str, max_pixels: int) -> list[Hdu]:
    """All units in their order, the data of each whole in the file; the image of none is too large.

    Raises BadFileError for headers that do not end, say something twice or what cannot be, and for missing bytes.
    """
    found: list[Hdu] = []
    place = 0
    while place < len(data) and (not found or data.startswith(b"XTENSION", place)):
        if len(found) == MOST_HDUS:
            raise BadFileError(
                f"{name} has more than {MOST_HDUS} extensions; cut out the one with the galaxy"
            )
        values, start = _header(data, place, name)
        shape = _image_shape(values, name, max_pixels)
        n_bytes = _data_bytes(values, name)
        if start + n_bytes > len(data):
            raise BadFileError(
                f"{name} is cut short: its extension {len(found)} has {max(0, len(data) - start)} of {n_bytes} bytes; "
                "get it again"
            )
        found.append(Hdu(len(found), values, shape, start, n_bytes))
        place = start + -(-n_bytes // BLOCK) * BLOCK
    return found


def check_sum(data: bytes, hdu: Hdu, name: str) -> None:
    """BadFileError where the file has a checksum of the data (DATASUM) that does not fit; most have none."""
    said = hdu.values.get("DATASUM")
    if not isinstance(said, str) or not re.fullmatch(r"\s*\d{1,10}\s*", said):
        return
    padded = data[hdu.start : hdu.start + -(-hdu.n_bytes // BLOCK) * BLOCK]
    padded += bytes(-len(padded) % 4)
    total = int(np.frombuffer(padded, ">u4").sum(dtype=np.uint64))
    while total >> 32:
        total = (total & 0xFFFFFFFF) + (total >> 32)
    if total != int(said):
        raise BadFileError(f"{name} is damaged: a checksum in it does not fit; get it again")


def _header(data: bytes, place: int, name: str) -> tuple[dict[str, Value], int]:
    """What a header says of sizes and kinds, and where its data begin."""
    values: dict[str, Value] = {}
    for n, (key, value) in enumerate(_cards(data, place, name)):
        if key == "END":
            return values, place + -(-(n + 1) * CARD // BLOCK) * BLOCK
        known = _value(key, value, name)
        if known is None:
            continue
        if key in values and key not in ("EXTNAME", "IMAGETYP"):
            raise BadFileError(f"{name} says {key} twice in one header; save it anew")
        values[key] = known
    raise BadFileError(f"{name} has a header without an END in it; it is damaged or cut short, get it again")


def _cards(data: bytes, place: int, name: str) -> Iterator[tuple[str, str]]:
    """Each line of a header: its keyword in capitals, also one behind HIERARCH, and what follows."""
    for n in range(MOST_CARDS):
        card = data[place + n * CARD : place + (n + 1) * CARD].decode("latin-1")
        if len(card) < CARD:
            return
        key = card[:8].strip().upper()
        if key == "HIERARCH" and "=" in card:
            key, _, value = card[8:].partition("=")
            yield key.strip().upper(), value
        elif card[8] == "=" or key == "END":
            yield key, card[9:]
    raise BadFileError(f"{name} has more than {MOST_CARDS} lines in one header; save it anew")


def _value(key: str, text: str, name: str) -> Value | None:
    """The value of a keyword that tells sizes or kinds; None for any other."""
    if _INTEGERS.match(key):
        number = re.fullmatch(r"\s*([+-]?\d{1,18})\s*(/.*)?", text)
        if not number:
            raise BadFileError(
                f"{name} has {quoted(text.split('/')[0].strip())} for {key}, which must be a whole number"
            )
        return int(number[1])
    if _TEXTS.match(key):
        string = re.match(r"\s*'((?:[^']|'')*)'", text)
        return string[1].rstrip() if string else None
    plain = text.split("/")[0].strip()
    if _SETTING.match(key):
        return plain
    return plain == "T" if key in _SWITCHES else None


def _lengths(values: dict[str, Value], kind: str, name: str) -> tuple[int, ...]:
    """The sides of an array, as the header counts them (x first)."""
    n_axes = values.get(kind, 0)
    if not isinstance(n_axes, int) or not 0 <= n_axes <= 999:
        raise BadFileError(f"{name} has {n_axes} axes, and 0 to 999 can be; it is damaged, get it again")
    sides = []
    for axis in range(1, n_axes + 1):
        side = values.get(f"{kind}{axis}")
        if not isinstance(side, int) or side < 0:
            said = "nothing" if side is None else str(side)
            raise BadFileError(
                f"{name} says {said} for {kind}{axis}, a number of pixels; it is damaged, get it again"
            )
        sides.append(side)
    return tuple(sides)


def _bits(values: dict[str, Value], kind: str, name: str) -> int:
    bits = values.get(kind)
    if bits not in _BITS:
        said = "nothing" if bits is None else bits
        raise BadFileError(
            f"{name} says {said} for {kind}, and only {', '.join(map(str, _BITS))} can be; it is damaged, get it again"
        )
    return int(bits)


def _image_shape(values: dict[str, Value], name: str, max_pixels: int) -> tuple[int, ...]:
    """The shape of the image in a unit, () for none; BadFileError where it has too many pixels."""
    if values.get("ZIMAGE") is True:
        sides, bits = _lengths(values, "ZNAXIS", name), _bits(values, "ZBITPIX", name)
    elif values.get("XTENSION", "IMAGE") == "IMAGE" and values.get("GROUPS") is not True:
        sides, bits = _lengths(values, "NAXIS", name), _bits(values, "BITPIX", name)
    else:
        return ()
    if len(sides) < 2 or 0 in sides:
        return ()
    n_pixels = math.prod(sides)
    if n_pixels > max_pixels or n_pixels * abs(bits) // 8 > MOST_BYTES:
        raise BadFileError(
            f"{name} has {' x '.join(map(str, sides[:4]))} pixels, and at most {max_pixels / 1e6:g} million are read; "
            "cut out the galaxy"
        )
    return sides[::-1]


def _data_bytes(values: dict[str, Value], name: str) -> int:
    """How many bytes of data a unit has (standard 4.0, equations 1 and 2)."""
    sides, bits = _lengths(values, "NAXIS", name), _bits(values, "BITPIX", name)
    if values.get("GROUPS") is True and sides[:1] == (0,):
        sides = sides[1:]
    n_fields, n_more, n_groups = (values.get(key, default) for key, default in _COUNTS)
    if (
        not all(isinstance(n, int) and n >= 0 for n in (n_fields, n_more, n_groups))
        or int(n_fields) > MOST_FIELDS
    ):
        raise BadFileError(f"{name} claims sizes that cannot be; it is damaged, get it again")
    return abs(bits) // 8 * int(n_groups) * (int(n_more) + (math.prod(sides) if sides else 0))


_COUNTS = (("TFIELDS", 0), ("PCOUNT", 0), ("GCOUNT", 1))


def _damaged(name: str) -> BadFileError:
    return BadFileError(f"{name} cannot be unpacked whole; it is damaged or cut short, get it again")

"""Which plane of a FITS file is which band: by what its header says, never by the order.

It knows headers and planes; it must not know colours.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from galaxy_core.errors import BadFileError
from galaxy_core.images.fits_checks import Hdu
from galaxy_core.images.fits_options import LETTERS
from galaxy_core.images.flux import UNNAMED

Header = Mapping[str, Any]
_LETTER = re.compile(rf"(?:^|[^A-Za-z])([{LETTERS}])(?![A-Za-z0-9])", re.IGNORECASE)
"""`g`, `g DECam SDSS c0001`, `SDSS-r`, `HSC_I`: a letter of its own."""
_KEYWORDS = ("BAND", "FILTER", "BAND0", "BANDS", "EXTNAME")


def find_planes(
    hdus: Any, pictures: Sequence[Hdu], name: str, bands: str | None
) -> tuple[Header, dict[str, np.ndarray], str]:
    """(header, planes (H, W) by band, a note on what was not looked at) of the first image, or of several that have
    its shape and a band each.

    hdus: the file as astropy opens it. bands: said by the user, in the order of the planes or images.
    """
    header, first = hdus[pictures[0].number].header, pictures[0]
    used = [first]
    if _n_planes(first) == 1:
        alike = [picture for picture in pictures if picture.shape == first.shape]
        used = alike[: len(bands)] if bands else _of_one_band_each(hdus, alike)
    arrays = [np.asarray(hdus[picture.number].data) for picture in used]
    cube = np.concatenate([array.reshape(-1, *first.shape[-2:]) for array in arrays])
    letters = list(bands) if bands else _letters(header, len(cube)) or [_one(hdus, one) for one in used]
    if len(letters) != len(cube) or (None in letters and len(cube) > 1):
        said = f"its bands are said to be {bands}" if bands else "its header does not say which band each is"
        raise BadFileError(
            f"{name} has {len(cube)} planes, and {said}; name them in the header (BANDS = 'grz') or say the bands "
            "(--bands)"
        )
    planes: dict[str, np.ndarray] = {}
    for letter, plane in zip(letters, cube, strict=True):
        planes.setdefault(letter or UNNAMED, plane)
    n_more = len(pictures) - len(used)
    return (
        header,
        planes,
        f"{n_more} more of its extensions hold images and were not looked at" if n_more else "",
    )


def _n_planes(picture: Hdu) -> int:
    return int(np.prod(picture.shape[:-2], dtype=np.int64))


def _of_one_band_each(hdus: Any, alike: Sequence[Hdu]) -> list[Hdu]:
    """The first, and where it says its band, others that say another."""
    found = {_one(hdus, alike[0]): alike[0]}
    if None not in found:
        for picture in alike[1:]:
            letter = _one(hdus, picture)
            if letter is not None:
                found.setdefault(letter, picture)
    return list(found.values())


def _one(hdus: Any, picture: Hdu) -> str | None:
    """The band of an image of one plane."""
    header = hdus[picture.number].header
    for key in _KEYWORDS:
        if letter := _letter(header.get(key)):
            return letter
    return None


def _letters(header: Header, n_planes: int) -> list[str | None] | None:
    """What BAND0 … or BANDS say of a cube; None where they say nothing, or not of each plane."""
    numbered = [_letter(header.get(f"BAND{i}")) for i in range(n_planes)]
    if n_planes < 2:
        return None
    if None not in numbered:
        return numbered
    listed = re.sub(r"[\s,;/_-]", "", str(header.get("BANDS", ""))).lower()
    return list(listed) if len(listed) == n_planes and set(listed) <= set(LETTERS) else None


def _letter(value: object) -> str | None:
    found = _LETTER.search(value) if isinstance(value, str) else None
    return found[1].lower() if found else None

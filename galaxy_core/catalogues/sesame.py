"""A place on the sky by what people type: right ascension and declination, or the name of an object.

Names are asked of Sesame (CDS: Simbad, NED, VizieR) through astropy, an extra.
"""

import re
from dataclasses import dataclass

from galaxy_core.catalogues.cutouts import around
from galaxy_core.errors import BadValueError, MissingError, brief, quoted

MOST_LETTERS = 100
_PARTS = (
    r"([+-]?\d{1,3}(?:\.\d*)?)(?:[:hd°]\s*|\s+)(\d{1,2}(?:\.\d*)?)(?:[:m'′]\s*|\s+)(\d{1,2}(?:\.\d*)?)[s\"″]?"
)
_DEGREES = re.compile(r"\s*([+-]?\d{1,3}(?:\.\d*)?)\s*°?\s*[,;\s]\s*([+-]?\d{1,2}(?:\.\d*)?)\s*°?\s*")
_SEXAGESIMAL = re.compile(rf"\s*{_PARTS}\s*[,;\s]\s*{_PARTS}\s*")


@dataclass(frozen=True)
class Place:
    """Degrees, and what it was called by."""

    name: str
    ra: float
    dec: float


def find_place(text: str) -> Place:
    """`184.95 12.3`, `12:19:48.0 +12:18:00`, or a name such as `M 51`, which Sesame is asked for.

    Raises BadValueError for what is no place, MissingError for a name that nobody knows, without astropy, and without a
    connection.
    """
    text = " ".join(text.split())
    if not text or len(text) > MOST_LETTERS or not text.isprintable():
        raise BadValueError(
            f"a place is a right ascension and a declination, or a name such as M 51, got {quoted(text)}"
        )
    place = _typed(text)
    if place is None:
        return resolve_name(text)
    if not 0 <= place.ra <= 360 or not -90 <= place.dec <= 90:
        raise BadValueError(
            "a right ascension lies in [0, 360] and a declination in [-90, 90] degrees, got "
            f"{place.ra:g}, {place.dec:g}"
        )
    return Place(place.name, around(place.ra), place.dec)


def resolve_name(name: str) -> Place:
    """Where Sesame has an object of that name."""
    try:
        from astropy.coordinates.name_resolve import NameResolveError, get_icrs_coordinates
    except ImportError as error:
        raise MissingError(
            "the name of an object is asked for through astropy, which is not installed; get it with "
            "`pip install astropy` (or the extra `astro`), or give right ascension and declination"
        ) from error
    try:
        found = get_icrs_coordinates(name)
    except NameResolveError as error:
        if "unable to find" in str(error).lower():
            raise MissingError(
                f"Sesame knows no object {quoted(name)}; check the name, or give its place"
            ) from error
        raise _unreachable(error) from error
    except (OSError, ValueError) as error:
        raise _unreachable(error) from error
    return Place(name, around(float(found.ra.deg)), float(found.dec.deg))


def _typed(text: str) -> Place | None:
    """Degrees, or hours and degrees in sixtieths; None for anything else."""
    if match := _DEGREES.fullmatch(text):
        return Place(text, float(match[1]), float(match[2]))
    if match := _SEXAGESIMAL.fullmatch(text):
        return Place(text, 15 * _sixtieths(*match.group(1, 2, 3)), _sixtieths(*match.group(4, 5, 6)))
    return None


def _sixtieths(whole: str, minutes: str, seconds: str) -> float:
    value = abs(float(whole)) + float(minutes) / 60 + float(seconds) / 3600
    return -value if whole.startswith("-") else value


def _unreachable(error: Exception) -> MissingError:
    return MissingError(
        f"Sesame, which knows where objects are, could not be asked ({_reason(error)}); try again later, or give right "
        "ascension and declination"
    )


def _reason(error: Exception) -> str:
    """The last of what astropy says: the addresses before it help nobody."""
    return brief(error).rsplit(": ", 1)[-1]

"""How people read numbers, the same on pages, in reports and on a terminal. This module knows nothing else.

A space before the percent sign, a minus that is no hyphen, a dash where there is no number. What programs read, as
CSV and coordinates, is not written with it.
"""

import math
from numbers import Real
from typing import Any

NOTHING, MINUS = "–", "−"


def is_number(value: Any) -> bool:
    """Whether it is a finite number; what a record says may be anything."""
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def written(value: Any, spec: str) -> str:
    """The number as `format` writes it for that `spec`: `−0.16` for `.2f`, `63 %` of 0.63 for `.0%`."""
    return f"{value:{spec}}".replace("-", MINUS).replace("%", " %") if is_number(value) else NOTHING


def number(value: Any, digits: int = 3, sign: str = "") -> str:
    """With so many digits and never a minus before zero; `sign` is `+` where what is above zero has one too."""
    return written(value, f"{sign}z.{digits}f")


def percent(share: Any, digits: int = 0) -> str:
    """`63 %` of the share 0.63."""
    return written(share, f"z.{digits}%")


def points(share: Any, digits: int = 0) -> str:
    """`18 points` of the difference 0.18 between two shares."""
    hundredths = number(100 * share, digits)
    return f"{hundredths} {'point' if hundredths == '1' else 'points'}"


def counted(n: int, one: str, many: str = "") -> str:
    """`1 epoch`, `1,500 epochs`; `many` where it is not `one` with an s."""
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"

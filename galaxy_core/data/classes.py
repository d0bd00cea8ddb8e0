"""The classes that galaxies are told apart by: ordered names, into which labels are numbers.

They belong to the data: a file says its classes, a run keeps those it learned. It knows no file and no network.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from galaxy_core.errors import BadFileError, BadValueError, quoted

MOST_CLASSES = 1000
LONGEST_NAME = 60
LONGEST_SHORT = 16
# whatever a page, a terminal, a CSV or a shell could take for more than text is none of these
_NAME = re.compile(r"[^\W_]([\w .,'()+/%-]*[\w.')+%])?")


class UnnamedError(BadFileError, BadValueError):
    """Labels that are numbers alone, of a file that does not say what they are of."""

    def __init__(self, sentence: str, numbers: set[int]) -> None:
        super().__init__(sentence)
        self.numbers = tuple(sorted(numbers))


@dataclass(frozen=True)
class Classes(Sequence[str]):
    """Names in the order of the labels, 1 to 1,000, each once; two are equal where their `names` are.

    A name has up to 60 letters, digits, spaces and `_ - . , ' ( ) + / %`. Upper and lower case tell no two apart.
    Errors: BadValueError names the first that is no name, or is there twice.
    """

    names: tuple[str, ...]

    def __init__(self, names: Sequence[str]) -> None:
        object.__setattr__(self, "names", (names,) if isinstance(names, str) else tuple(names))
        if not 1 <= len(self.names) <= MOST_CLASSES:
            raise BadValueError(f"there must be 1 to {MOST_CLASSES} classes, got {len(self.names)}")
        seen = set[str]()
        for name in self.names:
            _check_name(name)
            if plain_name(name) in seen:
                raise BadValueError(f"each class has a name of its own, got {quoted(name)} twice")
            seen.add(plain_name(name))

    @property
    def short(self) -> tuple[str, ...]:
        """The names where there is little room: cut to 16 characters."""
        long = LONGEST_SHORT - 1
        return tuple(n if len(n) <= LONGEST_SHORT else f"{n[:long].rstrip()}…" for n in self.names)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        return self.names[index]

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __str__(self) -> str:
        return ", ".join(self.names)


def plain_name(name: str) -> str:
    """Names compare without case, hyphens and underscores."""
    return " ".join(name.casefold().replace("-", " ").replace("_", " ").split())


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise BadValueError(
            f"the name of a class has 1 to {LONGEST_NAME} letters, digits, spaces and _ - . , ' ( ) + / %, "
            f"got {quoted(name)}"
        )


GALAXY10 = Classes(
    (
        "Disturbed",
        "Merging",
        "Round Smooth",
        "In-between Round Smooth",
        "Cigar Shaped Smooth",
        "Barred Spiral",
        "Unbarred Tight Spiral",
        "Unbarred Loose Spiral",
        "Edge-on without Bulge",
        "Edge-on with Bulge",
    )
)
"""Of Galaxy10 DECaLS, in its order (Leung & Bovy 2019): the classes of a file that names none."""

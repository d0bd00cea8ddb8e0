"""HTML built from elements: text that is not markup yet is escaped on its way in, so nothing from a run folder can act.

It knows the rules of HTML and nothing of galaxies or runs.
"""

import base64
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from galaxy_core.numerals import is_number, number

_VOID = frozenset({"img", "meta", "br"})
_JPEG_QUALITY = 85


class Markup(str):
    """Text that is HTML already; only `element` and `joined` make it, and the style sheet is the one constant."""

    __slots__ = ()


@dataclass(frozen=True)
class Section:
    """A part of the report: `key` is its place in the page, `cited` the keys of the sources its numbers rest on."""

    key: str
    title: str
    body: Markup
    cited: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """A section that has nothing to show, and why, in one sentence."""

    key: str
    title: str
    reason: str


def element(tag: str, /, *children: object, **attributes: object) -> Markup:
    """`<tag attribute="…">children</tag>`; children that are no Markup are escaped, None is left out.

    Underscores in the name of an attribute become hyphens, one at its end is dropped (`class_`).
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escaped(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Markup(f"<{tag}{written}>")
    return Markup(f"<{tag}{written}>{joined(children)}</{tag}>")


def joined(parts: Iterable[object]) -> Markup:
    """Parts one after the other, each escaped unless it is Markup, None left out."""
    return Markup(
        "".join(part if isinstance(part, Markup) else _escaped(part) for part in parts if part is not None)
    )


def paragraphs(sentences: Iterable[object], class_: str | None = None) -> Markup:
    """One paragraph a sentence."""
    return joined(element("p", sentence, class_=class_) for sentence in sentences)


def table(
    heads: Sequence[object],
    rows: Iterable[Sequence[object]],
    *,
    caption: object = None,
    numbers_from: int = 1,
    class_: str | None = None,
) -> Markup:
    """A table whose first column heads its rows; columns from `numbers_from` on are set as numbers."""
    kinds = [None if i < numbers_from else "number" for i in range(len(heads))]
    top = [element("th", head, scope="col", class_=kind) for head, kind in zip(heads, kinds, strict=True)]
    body = [element("tr", *_cells(row, kinds)) for row in rows]
    made = element(
        "table",
        element("caption", caption) if caption is not None else None,
        element("thead", element("tr", *top)),
        element("tbody", *body),
        class_=class_,
    )
    return element("div", made, class_="wide")


def picture(image: np.ndarray, alt: str, width: int, height: int | None = None) -> Markup:
    """An image uint8 RGB (H, W, 3) inside the page, with words for those who cannot see it; square by default."""
    file = BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=_JPEG_QUALITY)
    data = base64.b64encode(file.getvalue()).decode("ascii")
    return element("img", src=f"data:image/jpeg;base64,{data}", alt=alt, width=width, height=height or width)


def with_interval(value: Any, low: Any, high: Any, digits: int = 3, sign: str = "") -> Markup:
    """`0.790 (0.755–0.821)`, the brackets in one piece; they are there only where both ends are known."""
    middle = number(value, digits, sign)
    if not (is_number(value) and is_number(low) and is_number(high)):
        return joined([middle])
    between = " to " if sign or low < 0 else "–"
    ends = f"({number(low, digits, sign)}{between}{number(high, digits, sign)})"
    return joined([middle, " ", element("span", ends, class_="interval")])


def _cells(row: Sequence[object], kinds: Sequence[str | None]) -> list[Markup]:
    return [
        element("td" if i else "th", value, scope=None if i else "row", class_=kind)
        for i, (value, kind) in enumerate(zip(row, kinds, strict=True))
    ]


def _escaped(value: object) -> str:
    # half a surrogate pair, which JSON may hold, cannot be written as UTF-8
    text = str(value).encode("utf-8", "replace").decode("utf-8")
    return escape("".join("�" if _is_hidden(letter) else letter for letter in text), quote=True)


def _is_hidden(letter: str) -> bool:
    """Whether it is not seen or turns the text around it, as a name may that pretends to be another."""
    return letter not in "\n\t" and unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp")

"""The door for text that others wrote: addresses, names of files and runs, cards, what an error quotes of them.

Streamlit renders nearly every text as Markdown, Plotly its labels as HTML. Ours are sentences of `words` with places in
them; whatever fills a place is shown as it was written and does nothing. Knows nothing of pages.
"""

import re
import unicodedata
from collections.abc import Iterable
from string import Formatter
from typing import Any

from galaxy_core.numerals import written

MOST_OF_A_NAME, MOST_OF_A_SENTENCE = 200, 900
"""Letters; nobody reads a longer name, and a sentence may quote several."""

_ACTIVE = re.compile(r"[\\`*~\[\]<>$|]|&(?=[#\w])|(?<![^\W_])_|_(?![^\W_])")
"""What Markdown takes for more than itself. Between letters `_` is itself, and most names of runs have one."""
_BEGINS = re.compile(r"^(?:[-+](?=[-+\s]|$)|[=#]|\d+[.)](?=\s|$))")
"""A list, a rule or a heading, where it begins a text."""
_JOINS = re.compile(r":(?=[\w+/-])|www(?=\.)|@(?=\w)", re.IGNORECASE)
"""`http://`, `www.`, an address of mail, `:red[`, `:smile:`, `:material/home:`: what is found again after Markdown is
read, so that no backslash helps.
"""
_ADDRESS = re.compile(r"https://[\w.-]+/[\w./?&=,+-]*", re.ASCII)
_CODE = re.compile(r"(?<!`)(`[^`]+`)(?!`)")
_APART = "\N{ZERO WIDTH SPACE}"
_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
"""Categories of letters that are not seen, or turn the text around them."""


class Markdown(str):
    """Text that may be shown as Markdown: it is ours, or has passed this door."""

    __slots__ = ()


def plain(value: object, most: int = MOST_OF_A_NAME) -> str:
    """One line of at most `most` visible letters; for places that render nothing: pickers, cells, names of files."""
    text = " ".join(str(value).split())
    if len(text) > most:
        text = f"{text[: most - most // 3 - 3]} … {text[-(most // 3) :]}"
    return "".join("�" if unicodedata.category(letter) in _HIDDEN else letter for letter in text)


def quoted(value: object, most: int = MOST_OF_A_NAME) -> Markdown:
    """The same for places that render Markdown: every letter stands for itself. Markdown is left as it is."""
    if isinstance(value, Markdown):
        return value
    return Markdown(_inert(plain(value, most)))


def told(sentence: object) -> Markdown:
    """A whole sentence of the package, or an error, which may quote what others wrote; its commands are shown as code.

    Between backticks nothing acts, so that it does not matter whose they are.
    """
    if isinstance(sentence, Markdown):
        return sentence
    parts = _CODE.split(plain(sentence, MOST_OF_A_SENTENCE))
    return Markdown("".join(part if i % 2 else _inert(part) for i, part in enumerate(parts)))


def _inert(text: str) -> str:
    text = _ACTIVE.sub(r"\\\g<0>", text)
    text = _BEGINS.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", text)
    return _JOINS.sub(rf"\g<0>{_APART}", text)


def joined(between: str, parts: Iterable[object]) -> Markdown:
    """Parts one after the other; `between` is ours."""
    return Markdown(between.join(told(part) for part in parts))


def fill(sentence: str, /, **values: Any) -> Markdown:
    """One of our sentences with its places filled; in a place between backticks only these could act."""
    parts, is_code = list[str](), False
    for ours, name, spec, _ in Formatter().parse(sentence):
        parts.append(ours)
        is_code ^= ours.count("`") % 2 == 1
        if name is not None:
            parts.append(_filled(values[name], spec or "", is_code))
    return Markdown("".join(parts))


def link(ours: str, address: str) -> Markdown:
    """A link called by our words, which opens beside the page; nothing for an address that is more than a plain one."""
    return Markdown(f"[{ours}]({address})" if _ADDRESS.fullmatch(address) else "")


def _filled(value: object, spec: str, is_code: bool) -> str:
    if isinstance(value, Markdown):
        return value
    text = written(value, spec) if spec else str(value)
    if is_code:
        # by a letter that looks alike and that no shell knows: the code may be a command that somebody copies
        return plain(text, MOST_OF_A_SENTENCE).replace("`", "\N{MODIFIER LETTER GRAVE ACCENT}")
    return text if isinstance(value, int | float) else told(text)


def of_chart(figure: Any) -> Any:
    """A Plotly figure whose names, labels and values are shown as they were written; its templates are ours."""
    if isinstance(figure, dict):
        return {
            key: value if str(key).endswith("template") else of_chart(value) for key, value in figure.items()
        }
    if getattr(figure, "dtype", None) is not None and figure.dtype.kind in "OUS":
        figure = figure.tolist()
    if isinstance(figure, list | tuple):
        return [of_chart(value) for value in figure]
    return label(figure) if isinstance(figure, str) else figure


def label(value: object) -> str:
    """For a label or a template of Plotly, which knows some HTML and, in a template, `%{…}`."""
    text = plain(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("%{", "%&#123;")

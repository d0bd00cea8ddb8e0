"""The errors a user may meet: one sentence that names the value, the rule and the way out.

Each child is also the standard error it refines, so callers may catch either. What a stranger wrote is told through
`quoted`, what a library said of it through `brief`. This module knows nothing else.
"""

import os
import reprlib
import unicodedata

LONGEST_QUOTE = 80
LONGEST_SENTENCE = 1000
"""With room for two paths; what is longer loses its middle, since the way out stands at the end."""


class GalaxyError(Exception):
    """Base of every error this package raises for a user's mistake or a machine's limit."""


class BadValueError(GalaxyError, ValueError):
    """A setting or argument outside its rule."""


class BadFileError(GalaxyError, ValueError):
    """A file whose content was refused; nothing of it was used."""


class MissingError(GalaxyError, FileNotFoundError):
    """Something asked for by name is not there."""


class DiskFullError(GalaxyError, OSError):
    """The disk had no room; what was there before is unharmed."""


class LockedError(GalaxyError, TimeoutError):
    """Somebody else holds what was asked for; file and holder are named."""


class StoppedError(GalaxyError, InterruptedError):
    """Work was stopped on request and can be carried on."""


def one_line(error: BaseException) -> str:
    """The error as one sentence on one line, its class named when it has no words of its own.

    Whatever it quotes, no character of it moves a cursor, and it is never longer than LONGEST_SENTENCE.
    """
    return _shortened(printable(" ".join(str(error).split())) or type(error).__name__, LONGEST_SENTENCE)


def brief(error: BaseException) -> str:
    """What a library said of a stranger's file, short enough to stand inside a sentence of ours."""
    return _shortened(one_line(error), 2 * LONGEST_QUOTE)


def quoted(value: object) -> str:
    """A stranger's value as an error may show it: in Python's spelling, one line, at most LONGEST_QUOTE characters.

    Nothing of it is shown that is not printed as itself, and a value nested or long is not spelt out first.
    """
    if isinstance(value, str | os.PathLike):
        value = str(value)
    try:
        return _shortened(_QUOTE.repr(value), LONGEST_QUOTE)
    except ValueError:  # Python spells out no number of more than 4300 digits
        return f"a very large {type(value).__name__}"


def printable(text: str) -> str:
    """The text with every character that is not shown as itself written as in Python: a newline as `\\n`.

    Else a file name could move the cursor, colour or clear a terminal, or pretend to be another line.
    """
    return "".join(one if _is_shown(one) else one.encode("unicode_escape").decode() for one in text)


_QUOTE = reprlib.Repr()
_QUOTE.maxstring = _QUOTE.maxother = _QUOTE.maxlong = LONGEST_QUOTE
_QUOTE.maxlevel = 2


def _is_shown(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) == "Zs"


def _shortened(text: str, most: int) -> str:
    """The text without its middle where it is longer than `most`."""
    n_end = most // 3
    return text if len(text) <= most else f"{text[: most - n_end - 3]}...{text[-n_end:]}"

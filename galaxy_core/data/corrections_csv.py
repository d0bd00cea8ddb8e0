"""Corrections that come back as a CSV, as one was written here or by hand: all lines are right, or none is taken.

It knows lines and what a file of galaxies holds; it must not know where corrections are kept (`data.corrections`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from galaxy_core.data.classes import Classes
from galaxy_core.data.corrections import ANOTHER, VERDICTS, Correction
from galaxy_core.data.labels_text import read_text_table
from galaxy_core.errors import BadFileError, BadValueError, one_line, quoted
from galaxy_core.files.spreadsheet import as_written

NEEDED = {"row", "verdict"}
_PLURAL = {"is": "are", "has": "have"}


@dataclass
class _Faults:
    """By kind of fault, in words: the lines that have it, and what stands in the first of them."""

    lines: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def add(self, kind: str, line: int, value: str) -> None:
        self.lines.setdefault(kind, []).append((line, value))

    def told(self) -> str:
        """One part of a sentence for each kind, whose first word is a verb of the third person."""
        return "; ".join(self._told(kind, found) for kind, found in self.lines.items())

    def _told(self, kind: str, found: list[tuple[int, str]]) -> str:
        verb, rest = kind.split(" ", 1)
        one, (line, value) = len(found) == 1, found[0]
        verb = verb if one else _PLURAL.get(verb, verb.removesuffix("s"))
        lines = "1 line" if one else f"{len(found)} lines"
        return f"{lines} {verb} {rest} ({'' if one else 'the first is '}line {line}: {quoted(value)})"


def read_corrections(path: Path, labels: np.ndarray, classes: Classes, sha256: str) -> dict[int, Correction]:
    """By row the corrections of a CSV with the columns row, verdict and, where the verdict is another class, class.

    note, made, label and data_sha256 are read where they are: label and data_sha256 must be those of the file of
    galaxies (labels int (N,)), made is a time with its offset, now where it is empty. Other columns are passed over.
    Raises BadFileError with a sentence that tells each kind of fault, on how many lines, and the first of them.
    """
    table = read_text_table(path, lambda names: {name.lower() for name in names} >= NEEDED)
    names = [name.lower() for name in table.header]
    if missing := sorted(NEEDED - set(names)):
        raise BadFileError(
            f"{path} has no column {' and no column '.join(missing)}; it needs row and verdict, and class for another "
            "class, as `galaxy data corrections FILE --out CSV` writes them"
        )
    found: dict[int, Correction] = {}
    faults = _Faults()
    for line, values in table.rows:
        said = dict(zip(names, map(as_written, values), strict=False))
        row = _row_of(said, line, labels, classes, sha256, faults)
        correction = _correction_of(said, line, classes, faults)
        if row in found:
            faults.add("names a row that another names", line, said["row"])
        elif row is not None and correction is not None:
            found[row] = correction
    if faults.lines:
        raise BadFileError(f"{path} is not taken: {faults.told()}; mend them, and read it again")
    if not found:
        raise BadFileError(f"{path} has no line below its header; add one for each galaxy")
    return found


def taken_in_words(n: int, n_later: int) -> str:
    """What became of n corrections of a CSV."""
    older = f"; {n - n_later} no later than what is kept already" if n > n_later else ""
    return f"corrections taken: {n_later} of {n}{older}"


def _row_of(
    said: Mapping[str, str], line: int, labels: np.ndarray, classes: Classes, sha256: str, faults: _Faults
) -> int | None:
    """The galaxy that a line is about; None where it is none of this file."""
    text, other = said.get("row", ""), said.get("data_sha256", "")
    if other and other != sha256:
        faults.add("is of another file of galaxies, by data_sha256", line, other)
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) < len(labels)):
        faults.add(f"names no row from 0 to {len(labels) - 1}", line, text)
        return None
    label = said.get("label", "")
    if label and label != classes[int(labels[int(text)])]:
        faults.add("says another label than the file in that row", line, label)
        return None
    return int(text)


def _correction_of(
    said: Mapping[str, str], line: int, classes: Classes, faults: _Faults
) -> Correction | None:
    verdict, class_name = said.get("verdict", ""), said.get("class", "")
    if verdict not in VERDICTS:
        faults.add(f"has a verdict that is none of {', '.join(VERDICTS)}", line, verdict)
    elif (verdict == ANOTHER) != bool(class_name):
        faults.add(
            f"has a class without the verdict {ANOTHER}, or the verdict without a class", line, class_name
        )
    elif class_name and class_name not in classes:
        faults.add("names no class of the file", line, class_name)
    else:
        try:
            return Correction(verdict, class_name, said.get("note", ""), made=_time_of(said.get("made", "")))
        except BadValueError as error:
            note = said.get("note", "")[:40]
            faults.add(f"has a text that is not taken ({one_line(error)})", line, note)
        except (ValueError, OverflowError):
            kind = "has no time with an offset in made, as 2026-01-31T12:00:00+00:00"
            faults.add(kind, line, said["made"])
    return None


def _time_of(text: str) -> str:
    """In UTC, so that times can be compared as text; empty where nothing is said. ValueError for what is no time."""
    if not text:
        return ""
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"{text} has no offset")
    return time.astimezone(UTC).isoformat(timespec="microseconds")

"""results.csv: the rows of all questions, kept from one call to the next; beside it what each question was made of.

It knows no question; a question is a name and its rows, replaced as a whole.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from galaxy_core.errors import BadFileError, MissingError, brief, quoted
from galaxy_core.files.atomic import write_text_atomically
from galaxy_core.files.csv_text import csv_text
from galaxy_core.studies.study import Row

COLUMNS = ("question", "run or pair", "score", "value", "low", "high", "command")
N_ROWS = "n_rows"
EARLIER_NAMES = {"compare": "difference"}
"""Of questions in tables of earlier versions: asked again, their rows are replaced."""


class EvidenceTable:
    """The table at `path` (.csv), read if it is there; `order` is that of the questions in it.

    With `overwrite` the table begins anew. The marks lie in a file of the same name that ends in .made.json. Errors:
    MissingError where the folder is not there, BadFileError for another table, which is left as it is.
    """

    def __init__(
        self, path: Path, order: Sequence[str], *, overwrite: bool = False, spreadsheet_safe: bool = True
    ) -> None:
        if not path.parent.is_dir():
            raise MissingError(
                f"the folder {path.parent} to write {path.name} in does not exist; make it first"
            )
        self._path, self._order = path, tuple(order)
        self._marks_path = path.with_suffix(".made.json")
        self._spreadsheet_safe = spreadsheet_safe
        self._rows = _read(path) if path.exists() and not overwrite else {}
        self._marks = {} if overwrite else _read_marks(self._marks_path)

    def n_rows(self, question: str) -> int:
        """How many rows the question has."""
        return len(self._rows.get(question, ()))

    def has(self, question: str, mark: Mapping[str, Any] | None) -> bool:
        """Whether the question was answered of what has this mark, and all its rows are still there."""
        n_rows = self.n_rows(question)
        return mark is not None and n_rows > 0 and self._marks.get(question) == {**mark, N_ROWS: n_rows}

    def put(self, question: str, rows: Sequence[Row], mark: Mapping[str, Any] | None) -> None:
        """Replace the rows of the question and write everything.

        Its old mark goes before the rows and the new one comes after them: a kill in between costs one answer, and
        never leaves rows under the mark of others.
        """
        if self._marks.pop(question, None) is not None:
            self._write_marks()
        self._rows[question] = list(rows)
        write_text_atomically(self._path, self._text())
        if mark is not None:
            self._marks[question] = {**mark, N_ROWS: len(rows)}
            self._write_marks()

    def _write_marks(self) -> None:
        write_text_atomically(self._marks_path, json.dumps(self._marks, indent=1, allow_nan=False) + "\n")

    def _text(self) -> str:
        names = [name for name in self._order if name in self._rows]
        names += [name for name in self._rows if name not in self._order]
        rows = ((name, *row[:6]) for name in names for row in self._rows[name])
        return csv_text(COLUMNS, rows, spreadsheet_safe=self._spreadsheet_safe)


def _read(path: Path) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            head, *lines = csv.reader(file, strict=True)
        if tuple(head) != COLUMNS:
            raise ValueError(f"its columns are not {', '.join(COLUMNS)}")
        for question, of, score, *numbers, shown_by in lines:
            value, low, high = map(_number, numbers)
            found.setdefault(EARLIER_NAMES.get(question, question), []).append(
                Row(of, score, value, low, high, shown_by)
            )
    except (ValueError, csv.Error) as error:
        raise BadFileError(
            f"{path} is no table of evidence to go on with ({brief(error)}); name another file or move it away"
        ) from error
    return found


def _read_marks(path: Path) -> dict[str, Any]:
    """The marks by question; none where there is no such file or it is damaged, so that all is measured anew."""
    try:
        marks = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return marks if isinstance(marks, dict) else {}


def _number(text: str) -> float | None:
    value = float(text) if text else None
    if value is not None and not math.isfinite(value):
        raise ValueError(f"{quoted(text)} is no number")
    return value

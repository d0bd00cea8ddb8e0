"""A table as CSV text: full precision, empty where there is no number, nothing that a spreadsheet would execute."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from galaxy_core.evaluation.spreadsheet import inert


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """One line of headings and one a row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow("" if v is None else inert(v) if isinstance(v, str) else v for v in row)
    return text.getvalue()

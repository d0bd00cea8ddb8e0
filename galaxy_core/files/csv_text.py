"""A table as CSV text: full precision, empty where there is no number, nothing that a spreadsheet would execute."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from galaxy_core.files.spreadsheet import inert


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, spreadsheet_safe: bool = True) -> str:
    """One line of headings and one a row; every text as it is where it need not be safe for a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(inert(v) if spreadsheet_safe and isinstance(v, str) else v for v in row)
    return text.getvalue()

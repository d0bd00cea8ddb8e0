"""Tables of studies as CSV: plain columns, full precision, empty where there is no number."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from galaxy_core.errors import BadValueError


def check_csv(path: Path) -> None:
    """Refuse a file that is no .csv before hours of work, not after."""
    if path.suffix.lower() != ".csv":
        raise BadValueError(f"--out must end in .csv, got {path.name}; the table has one kind")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write the file, whole or not at all; text that a spreadsheet would execute is made harmless."""
    from galaxy_core.data.atomic import write_text_atomically
    from galaxy_core.evaluation.spreadsheet import inert

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([inert(value) if isinstance(value, str) else value for value in row])
    write_text_atomically(path, text.getvalue())

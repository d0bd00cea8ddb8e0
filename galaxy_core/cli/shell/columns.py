"""Tables of studies as CSV: plain columns, full precision, empty where there is no number."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any


def write_csv(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    overwrite: bool,
    spreadsheet_safe: bool,
) -> None:
    """Write the file, whole or not at all."""
    from galaxy_core.files.atomic import write_text_atomically
    from galaxy_core.files.csv_text import csv_text

    text = csv_text(columns, rows, spreadsheet_safe=spreadsheet_safe)
    write_text_atomically(path, text, overwrite=overwrite)

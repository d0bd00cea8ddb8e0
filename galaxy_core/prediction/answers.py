"""The answers on images that are in memory already, as the CSV that `galaxy predict` writes."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from galaxy_core.prediction.predict import ClassesOf, Row, answer_row, most_classes, refused_row, write_rows


def answers_csv(
    files: Sequence[tuple[str, str | None]],
    probabilities: Mapping[str, np.ndarray],
    classes: ClassesOf = MappingProxyType({}),
) -> bytes:
    """One row a file and run, with the columns of `galaxy predict`.

    files: each name, with the reason where it was refused; probabilities of each run, (N, C), of the N files
    that were not, in their order. Names a spreadsheet would execute are made harmless.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.csv"
        rows = _rows(files, probabilities, classes)
        write_rows(path, rows, n_classes=most_classes(classes), spreadsheet_safe=True)
        return path.read_bytes()


def _rows(
    files: Sequence[tuple[str, str | None]], probabilities: Mapping[str, np.ndarray], classes: ClassesOf
) -> Iterator[Row]:
    position = 0
    for name, reason in files:
        if reason is not None:
            yield refused_row(name, reason)
            continue
        for run, shares in probabilities.items():
            yield answer_row(name, run, shares[position], classes)
        position += 1

"""The answers on images that are in memory already, as the CSV that `galaxy predict` writes."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from galaxy_core.prediction.predict import COLUMNS, PROBABILITY_COLUMNS, Row, write_rows


def answers_csv(files: Sequence[tuple[str, str | None]], probabilities: Mapping[str, np.ndarray]) -> bytes:
    """One row a file and run, with the columns file, run, predicted, error, p0 … p9.

    files: each name, with the reason where it was refused; probabilities of each run, (N, 10), of the N files
    that were not, in their order. Names a spreadsheet would execute are made harmless.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.csv"
        write_rows(path, _rows(files, probabilities), spreadsheet_safe=True)
        return path.read_bytes()


def _rows(files: Sequence[tuple[str, str | None]], probabilities: Mapping[str, np.ndarray]) -> Iterator[Row]:
    position = 0
    for name, reason in files:
        if reason is not None:
            yield {**dict.fromkeys(COLUMNS), "file": name, "error": reason}
            continue
        for run, shares in probabilities.items():
            numbers = dict(zip(PROBABILITY_COLUMNS, shares[position], strict=True))
            answer = int(shares[position].argmax())
            yield {"file": name, "run": run, "predicted": answer, "error": None, **numbers}
        position += 1

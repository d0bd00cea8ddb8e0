"""One test part, measured: the plain JSON of metrics.json and the lines of predictions.csv.

Training calls it once at the end, `galaxy evaluate` again on any file. It knows no run and no network.
"""

import csv
import io
import math
from pathlib import Path
from typing import Any

import numpy as np

from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.errors import BadValueError
from galaxy_core.files.atomic import write_text_atomically
from galaxy_core.metrics import statistics

LEVEL = 0.95
# a sum of float32 numbers is off by 1e-6 at most; float16 weights change the numbers, not the sum
LARGEST_SUM_ERROR = 1e-3


def measure(labels: np.ndarray, probabilities: np.ndarray, classes: Classes = GALAXY10) -> dict[str, Any]:
    """Loss, accuracy and balanced accuracy with 95 % intervals, completeness and purity per class, confusion.

    labels int (N,) into `classes`, probabilities float (N, classes) with rows that sum to 1. The result is plain JSON;
    None where a number is undefined (a class without galaxies has no completeness). Errors: BadValueError for
    wrong shapes, labels out of range, probabilities that are not finite or do not sum to 1.
    """
    labels, probabilities = _checked(labels, probabilities, len(classes))
    predicted = probabilities.argmax(axis=1)
    correct = labels == predicted
    table = statistics.confusion(labels, predicted, len(classes))
    low, high = statistics.wilson_interval(int(correct.sum()), len(labels), LEVEL)
    balanced_low, balanced_high = statistics.balanced_interval(labels, correct, LEVEL)
    return {
        "n": len(labels),
        "loss": _number(statistics.cross_entropy(labels, probabilities)),
        "accuracy": _number(statistics.accuracy(labels, predicted)),
        "accuracy_low": _number(low),
        "accuracy_high": _number(high),
        "balanced_accuracy": _number(statistics.balanced_accuracy(labels, predicted)),
        "balanced_low": _number(balanced_low),
        "balanced_high": _number(balanced_high),
        "per_class": per_class(table, classes),
        "confusion": table.tolist(),
        "method": _method(correct),
    }


def write_predictions(path: Path, index: np.ndarray, labels: np.ndarray, probabilities: np.ndarray) -> None:
    """Write predictions.csv: index, label, p0 … of each class, every number so that reading gives it back exactly.

    index int (N,) into the data, labels int (N,), probabilities (N, classes); replaced in one step.
    """
    n_classes = np.shape(probabilities)[1]
    labels, probabilities = _checked(labels, probabilities, n_classes)
    if np.shape(index) != labels.shape:
        raise BadValueError(
            f"index and labels must have one length, got {np.shape(index)} and {labels.shape}"
        )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["index", "label", *(f"p{c}" for c in range(n_classes))])
    for number, label, row in zip(index, labels, probabilities, strict=True):
        writer.writerow([int(number), int(label), *map(str, row)])
    write_text_atomically(path, text.getvalue())


def per_class(table: np.ndarray, classes: Classes) -> list[dict[str, Any]]:
    """Class, name, n, completeness and purity of each class from counts (C, C), true class down."""
    found, clean = statistics.completeness(table), statistics.purity(table)
    return [
        {
            "class": c,
            "name": classes[c],
            "n": int(table[c].sum()),
            "completeness": _number(found[c]),
            "purity": _number(clean[c]),
        }
        for c in range(len(table))
    ]


def _method(correct: np.ndarray) -> dict[str, str]:
    return {
        "accuracy": f"95 % Wilson score interval for {int(correct.sum())} right of {len(correct)} galaxies",
        "balanced_accuracy": "mean completeness of the classes that occur; 95 % Wilson score interval at the "
        "effective number of galaxies K² / Σ 1/n_k",
        "meaning": "The intervals cover the choice of test galaxies, not the chance in training: "
        "train several seeds for that.",
    }


def _checked(labels: np.ndarray, probabilities: np.ndarray, n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    labels, probabilities = np.asarray(labels), np.asarray(probabilities)
    if labels.ndim != 1 or probabilities.shape != (len(labels), n_classes):
        raise BadValueError(
            f"labels (N,) and probabilities (N, {n_classes}) must agree in N, "
            f"got {labels.shape} and {probabilities.shape}"
        )
    if len(labels) and not 0 <= labels.min() <= labels.max() < n_classes:
        raise BadValueError(f"labels must lie in 0..{n_classes - 1}, got {labels.min()}..{labels.max()}")
    if not np.isfinite(probabilities).all():
        raise BadValueError("probabilities must be finite; the training diverged, use a lower learning rate")
    if len(labels) and np.abs(probabilities.sum(axis=1, dtype=np.float64) - 1).max() > LARGEST_SUM_ERROR:
        raise BadValueError("each row of probabilities must sum to 1; apply softmax to logits first")
    return labels.astype(np.int64), probabilities


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)

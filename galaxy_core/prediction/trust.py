"""One answer of a calibrated run, with what may be said of it: how sure, which classes, how strange.

It reads the calibration.json of the run, which may have come from anywhere, and believes nothing of it unchecked.
"""

import csv
import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from galaxy_core.data.classes import GALAXY10
from galaxy_core.errors import BadFileError, BadValueError, MissingError, brief, quoted
from galaxy_core.metrics.calibration import softmax
from galaxy_core.metrics.conformal import prediction_sets, set_in_words
from galaxy_core.metrics.novelty import SCORES, share_as_unusual
from galaxy_core.metrics.reweighting import SURVEY_FREQUENCIES, shift_prior, training_frequencies
from galaxy_core.prediction.predict import columns
from galaxy_core.results.provenance import data_of
from galaxy_core.results.records import CALIBRATION, is_kept, kept
from galaxy_core.runs.run import Run

NOVELTY = "energy"
STRANGE_SHARE = 0.05
TRUST_COLUMNS = ("set", "coverage", "as_strange")  # and `calibrated_p0` … of each class


@dataclass(frozen=True, eq=False)
class TrustedAnswer:
    """What a calibrated run says of one image.

    probabilities float64 (C,) at the fitted temperature; `is_in_set` bool (C,), and `classes` the set in words,
    which holds the true class with the stated `coverage`; `as_strange` the share of held-out galaxies whose
    answer is at least as unusual, too sure or too unsure (novelty.share_as_unusual).
    """

    probabilities: np.ndarray
    is_in_set: np.ndarray
    classes: str
    coverage: float
    as_strange: float

    @property
    def is_strange(self) -> bool:
        """Whether no more than one held-out galaxy in twenty is as strange: then believe none of the rest."""
        return bool(self.as_strange <= STRANGE_SHARE)

    @property
    def sentence(self) -> str:
        """The set with its promise, and a warning where the image is strange."""
        promise = (
            f"{self.classes}; such sets hold the true class of {100 * self.coverage:g} % of galaxies "
            "like those it learned from"
        )
        return f"{promise}, but this image is unlike them" if self.is_strange else promise


class Trust:
    """The calibration of one run, ready to be asked.

    Errors: MissingError where the run was never calibrated, BadFileError where the file is damaged or belongs
    to other weights.
    """

    def __init__(self, run: Run) -> None:
        values = _read(run)
        self._classes = run.classes
        try:
            self.temperature = _number(values["temperature"], 1e-3, 1e3)
            self._thresholds = {
                _number(one["coverage"], 0, 1): _number(one["threshold"], 0, 1) for one in values["sets"]
            }
            reference = [_number(score, -1e6, 1e6) for score in values["novelty"][NOVELTY]]
            if not reference:
                raise ValueError("it has no held-out galaxies")
        except (KeyError, TypeError, ValueError) as error:
            raise BadFileError(
                f"{CALIBRATION} of {run.name} is damaged ({brief(error)}); "
                f"make it anew with `galaxy study calibration {run.name} --again`"
            ) from error
        self._reference = np.array(reference, np.float64)

    @property
    def coverages(self) -> tuple[float, ...]:
        """The promises there are sets for, the smallest first."""
        return tuple(sorted(self._thresholds))

    def is_strange(self, logits: np.ndarray) -> np.ndarray:
        """Of each image, bool (N,), from its logits (N, C): `TrustedAnswer.is_strange`, which no coverage changes."""
        return np.asarray(self._as_strange(logits) <= STRANGE_SHARE)

    def _as_strange(self, logits: np.ndarray) -> np.ndarray:
        return share_as_unusual(SCORES[NOVELTY](logits), self._reference)

    def answers(self, logits: np.ndarray, coverage: float = 0.9) -> list[TrustedAnswer]:
        """What may be said of each image, from its logits (N, C); BadValueError for a promise not measured."""
        if coverage not in self._thresholds:
            known = ", ".join(f"{one:g}" for one in self.coverages)
            raise BadValueError(
                f"there are sets for a coverage of {known}, got {coverage:g}; choose one of them"
            )
        shares = softmax(logits, self.temperature)
        sets = prediction_sets(softmax(logits), self._thresholds[coverage])
        strange = self._as_strange(logits)
        return [
            TrustedAnswer(one, is_in, set_in_words(is_in, self._classes), coverage, float(share))
            for one, is_in, share in zip(shares, sets, strange, strict=True)
        ]


def is_calibrated(run: Run) -> bool:
    """Whether there is a calibration to ask."""
    return is_kept(run, CALIBRATION)


def shown_frequencies(run: Run) -> np.ndarray | None:
    """How often each class was shown to the network in training, float64 (C,); None where nothing tells.

    Alike where rare classes were repeated. Else as in the test part, which is drawn class by class as the training
    part is, together with the added mock galaxies, of which every class has as many; None where the test part lacks
    a class. Nothing tells it of weights that came from elsewhere. What corrections changed of a few labels is not
    known here and does not count; `prediction.calibrate` counts it.
    """
    data, n_classes = data_of(run), len(run.classes)
    n_train, n_mocks = data.get("n_train"), data.get("n_train_mock", 0)
    if not isinstance(n_train, int) or not isinstance(n_mocks, int):
        return None
    if run.config.oversample:
        return np.full(n_classes, 1 / n_classes)
    counts = np.array([item["n"] for item in (run.measured() or {}).get("per_class", [])], np.float64)
    if len(counts) != n_classes or counts.min() < 1:
        return None
    counts *= n_train / counts.sum()
    return training_frequencies(counts, is_oversampled=False, n_mocks=n_mocks)


def as_on_the_sky(run: Run, probabilities: np.ndarray) -> np.ndarray | None:
    """The run's probabilities (N, C) with the survey's class frequencies as prior; None where either is unknown."""
    shown = shown_frequencies(run) if run.classes == GALAXY10 else None
    return None if shown is None else shift_prior(probabilities, shown, SURVEY_FREQUENCIES)


def with_trust(answers: bytes, trusted: Mapping[str, Iterable[TrustedAnswer]]) -> bytes:
    """A CSV of answers (`answers_csv`) with TRUST_COLUMNS behind each row; the set as class numbers, "5 6".

    trusted: of each calibrated run an answer an image, in the order of the file. Rows of other runs and of files
    that were refused have nothing there.
    """
    header, *rows = csv.reader(io.StringIO(answers.decode(), newline=""))
    waiting = {run: iter(of_run) for run, of_run in trusted.items()}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    calibrated = [f"calibrated_{name}" for name in header if name not in columns(0)]
    writer.writerow([*header, *TRUST_COLUMNS, *calibrated])
    for row in rows:
        answer = next(waiting.get(row[header.index("run")], iter(())), None)
        writer.writerow([*row, *_fields(answer, len(calibrated))])
    return text.getvalue().encode()


def _fields(answer: TrustedAnswer | None, n_classes: int) -> list[object]:
    if answer is None:
        return [""] * (len(TRUST_COLUMNS) + n_classes)
    classes = " ".join(str(c) for c in np.flatnonzero(answer.is_in_set))
    shares = answer.probabilities.tolist()
    return [classes, answer.coverage, answer.as_strange, *shares, *[""] * (n_classes - len(shares))]


def _read(run: Run) -> dict[str, Any]:
    try:
        values = kept(run, CALIBRATION)
    except BadFileError as error:
        raise BadFileError(f"{error} with `galaxy study calibration {run.name} --again`") from error
    if values is None:
        raise MissingError(
            f"{run.name} is not calibrated yet; do it with `galaxy study calibration {run.name}`"
        )
    return values


def _number(value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{quoted(value)} is no number")
    if not low <= value <= high:
        raise ValueError(f"{value:g} does not lie in [{low:g}, {high:g}]")
    return float(value)

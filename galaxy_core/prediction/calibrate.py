"""How far the single answers of a finished run can be trusted: measured once, kept as calibration.json.

What is fitted (temperature, thresholds, references) comes from the run's validation part, what is reported from its
test part. No training engine is needed, so a run that came from elsewhere is calibrated like one's own, and
training ends no later for it; the price is that it is asked for.
"""

import dataclasses
import math
from typing import Any

import numpy as np

from galaxy_core.data.classes import GALAXY10
from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import BadValueError
from galaxy_core.metrics import calibration, conformal, novelty, reweighting
from galaxy_core.metrics.statistics import cross_entropy
from galaxy_core.prediction.evaluate import Progress, part_to_test, served_logits
from galaxy_core.prediction.predict import Asked
from galaxy_core.results.provenance import data_of
from galaxy_core.results.records import CALIBRATION, VERSION, VERSIONS
from galaxy_core.runs.run import Run

COVERAGES = (0.8, 0.9, 0.95)
MOST_REFERENCES = 1000
METHOD = {
    "temperature": "least cross-entropy on the validation part (Guo et al. 2017)",
    "error": "expected calibration error over as many bins of equal mass as the cube root of the number of galaxies, "
    "the noise of so few in a bin taken off; its 95 % interval holds the errors that would not seldom show as much",
    "sets": "split conformal, score 1 − p(true class) (Sadinle et al. 2019), from the validation part, the likeliest "
    "class always in; the promise is for all classes together",
    "novelty": "scores of the validation part (energy: Liu et al. 2020; largest logit: Hendrycks et al. 2022; "
    "doubt: Hendrycks & Gimpel 2017)",
    "survey": "test part weighted to the published class counts of Galaxy10 DECaLS, Wilson's interval at Kish's "
    "effective number; `shifted` answers with these frequencies as prior (Saerens et al. 2002), in place of those that "
    "were learned, corrections among them; nothing for other classes",
}


def calibrate_run(
    run: Run,
    galaxies: Galaxies,
    *,
    lineup: Asked | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Temperature, reliability, sets, novelty and survey scores of a finished run, as plain JSON.

    `galaxies` must be the file it was trained on, with its split. Errors: BadValueError where it is another.
    """
    part, _, sentence = part_to_test(run, galaxies)
    if part != "test":
        raise BadValueError(
            f"{run.name} is calibrated on its own validation part, and here is none. {sentence}"
        )
    split = run.split()
    rows = np.concatenate([split.validation, split.test])
    logits = _logits(run, galaxies, rows, lineup, progress)
    n = len(split.validation)
    held_out, tested = galaxies.labels[split.validation], galaxies.labels[split.test]
    trained = _learned_labels(run, galaxies.labels, split.train)
    return {
        "run": run.name,
        VERSION: VERSIONS[CALIBRATION],
        "weights_sha256": run.card().get("weights_sha256"),
        "split_hash": split.hash,
        "n_validation": n,
        "n_test": len(tested),
        **measured_trust(logits[:n], held_out, logits[n:], tested),
        "survey": _survey(logits[n:], tested, _shown(run, trained)) if run.classes == GALAXY10 else None,
        "method": METHOD,
    }


def measured_trust(
    held_out_logits: np.ndarray,
    held_out: np.ndarray,
    test_logits: np.ndarray,
    tested: np.ndarray,
) -> dict[str, Any]:
    """What is fitted on held-out answers (logits (M, C), labels (M,)) and how it does on tested ones (N)."""
    temperature = calibration.fit_temperature(held_out_logits, held_out)
    return {
        "temperature": temperature,
        "before": _confidence(test_logits, tested, 1.0),
        "after": _confidence(test_logits, tested, temperature),
        "sets": [_sets(held_out_logits, held_out, test_logits, tested, one) for one in COVERAGES],
        "novelty": {name: _reference(score(held_out_logits)) for name, score in novelty.SCORES.items()},
    }


def _logits(
    run: Run, galaxies: Galaxies, rows: np.ndarray, lineup: Asked | None, progress: Progress | None
) -> np.ndarray:
    if lineup is None:
        from galaxy_core.serving.lineup import Lineup

        lineup = Lineup([run])
    return served_logits(lineup, run.name, galaxies.images, rows, progress)


def _confidence(logits: np.ndarray, labels: np.ndarray, temperature: float) -> dict[str, Any]:
    shares = calibration.softmax(logits, temperature)
    confidence, is_right = shares.max(axis=1), shares.argmax(axis=1) == labels
    return {
        "loss": cross_entropy(labels, shares),
        "brier": calibration.brier_score(labels, shares),
        "accuracy": float(is_right.mean()),
        "mean_confidence": float(confidence.mean()),
        "error": calibration.calibration_error(confidence, is_right).to_json(),
        "bins": [dataclasses.asdict(one) for one in calibration.reliability(confidence, is_right)],
    }


def _sets(
    held_out_logits: np.ndarray,
    held_out: np.ndarray,
    test_logits: np.ndarray,
    tested: np.ndarray,
    coverage: float,
) -> dict[str, Any]:
    threshold = conformal.set_threshold(calibration.softmax(held_out_logits), held_out, coverage)
    sets = conformal.prediction_sets(calibration.softmax(test_logits), threshold)
    likely_low, likely_high = conformal.likely_coverage(len(held_out), coverage)
    measured = dataclasses.asdict(conformal.measured_coverage(sets, tested))
    return {
        "coverage": coverage,
        "threshold": threshold,
        "likely_low": likely_low,
        "likely_high": likely_high,
        **measured,
    }


def _reference(scores: np.ndarray) -> list[float]:
    """Held-out scores in order; of very many, a thousand that are evenly spread over them."""
    ordered = np.sort(scores)
    if len(ordered) > MOST_REFERENCES:
        ordered = ordered[np.linspace(0, len(ordered) - 1, MOST_REFERENCES).round().astype(int)]
    return [float(score) for score in ordered]


def _learned_labels(run: Run, labels: np.ndarray, train: np.ndarray) -> np.ndarray:
    """The labels of the training part as they were learned: corrected, and without the galaxies that were left out."""
    learned = run.corrected()
    return labels[train] if learned is None else learned.labels(labels)[learned.rows(train)]


def _shown(run: Run, trained: np.ndarray) -> np.ndarray:
    """How often each class was shown to the run in training, mock galaxies among them, float64 (C,)."""
    n_mocks = data_of(run).get("n_train_mock", 0)
    n_mocks = n_mocks if isinstance(n_mocks, int) else 0
    counts = np.bincount(trained, minlength=len(run.classes))
    return reweighting.training_frequencies(counts, is_oversampled=run.config.oversample, n_mocks=n_mocks)


def _survey(logits: np.ndarray, labels: np.ndarray, shown: np.ndarray) -> dict[str, Any]:
    shares = calibration.softmax(logits)
    shifted = reweighting.shift_prior(shares, shown, reweighting.SURVEY_FREQUENCIES)
    return {
        name: {k: None if math.isnan(v) else v for k, v in dataclasses.asdict(one).items()}
        for name, one in (
            ("plain", reweighting.reweighted_accuracy(labels, shares.argmax(axis=1) == labels)),
            ("shifted", reweighting.reweighted_accuracy(labels, shifted.argmax(axis=1) == labels)),
        )
    }

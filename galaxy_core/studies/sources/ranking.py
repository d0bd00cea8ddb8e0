"""How well forecasts rank the rows of a sweep that was trained and tested after all, and how little that may settle.

It reads what was written when the runs were tested; nothing is predicted here.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from galaxy_core.metrics import transferability
from galaxy_core.metrics.paired import holm
from galaxy_core.metrics.sign_flips import difference_interval
from galaxy_core.metrics.sky_pieces import sky_pieces
from galaxy_core.numerals import number, percent
from galaxy_core.results.neighbours import neighbours_of
from galaxy_core.results.table import table_rows
from galaxy_core.runs.run import Run
from galaxy_core.studies.sources.forecast import DepthScore

LEVEL = 0.95
NAMES = {"neighbours": "5 neighbours", "probe": "linear probe", "log_me": "LogME", "h_score": "H-score"}


def measured_accuracies(runs: Sequence[Run]) -> dict[int, float]:
    """Test accuracy by ImageNet percent of some finished runs of one policy, the mean over seeds and folds."""
    found: dict[int, list[float]] = {}
    for row in table_rows(runs):
        if row.test_accuracy is not None:
            found.setdefault(row.imagenet_percent, []).append(row.test_accuracy)
    return {percent: float(np.mean(values)) for percent, values in found.items()}


def ranking(depths: Sequence[DepthScore], measured: Mapping[int, float]) -> dict[str, dict[str, Any]]:
    """How well each score ranks the measured test accuracies by ImageNet percent: Kendall's tau, its p-value, n.

    Percentages without a measured accuracy are left out; None where too few are left to rank.
    """
    shared = [one for one in depths if round(100 * one.cut) in measured]
    accuracies = [measured[round(100 * one.cut)] for one in shared]
    ranked = {}
    for name in NAMES:
        tau, p_value = transferability.kendall([getattr(one, name) for one in shared], accuracies)
        is_known = not math.isnan(tau)
        ranked[name] = {
            "tau": tau if is_known else None,
            "p": p_value if is_known else None,
            "n": len(shared),
        }
    return ranked


def ranked(depths: Sequence[DepthScore], runs: Sequence[Run]) -> dict[str, dict[str, Any]]:
    """Kendall's tau of each score with the measured accuracies of the runs of one policy, as `ranking`, and
    `low` and `high`.

    These hold tau at 95 % over the choice of test galaxies: pairs of rows that the paired test cannot tell apart, all
    pairs considered (Bonferroni), may come either way round; the forecast stays. None where tau is None or the rows
    share no test galaxy. The p-value is against no order at all; it knows the number of rows and nothing of the
    galaxies.
    """
    ranks = ranking(depths, measured_accuracies(runs))
    percents, galaxies, rightness = shared_rightness(runs)
    by_percent = {round(100 * one.cut): one for one in depths}
    is_known = np.array([percent in by_percent for percent in percents], bool)
    neighbours = tuple(dict.fromkeys(group for run in runs for group in neighbours_of(run)))
    order = known_order(rightness[is_known], sky_pieces(galaxies, neighbours))
    known = [by_percent[percent] for percent in percents if percent in by_percent]
    for name, rank in ranks.items():
        scores = np.array([getattr(one, name) for one in known], np.float64)
        rank["low"], rank["high"] = _bounds(scores, order, rank["tau"]) if len(galaxies) else (None, None)
    return ranks


def ranking_in_words(ranks: Mapping[str, Mapping[str, Any]]) -> str:
    """One sentence: which scores rank the rows better than chance, all tries considered (Holm 1979)."""
    n = max((int(rank["n"]) for rank in ranks.values()), default=0)
    tried = {name: rank for name, rank in ranks.items() if rank["tau"] is not None}
    if not tried:
        return f"{n} measured {'row has' if n == 1 else 'rows have'} no order to speak of; three or more are needed."
    corrected = dict(zip(tried, holm([rank["p"] for rank in tried.values()]), strict=True))
    beyond = [NAMES[name] for name, p in corrected.items() if p <= 1 - LEVEL and tried[name]["tau"] > 0]
    backwards = [NAMES[name] for name, p in corrected.items() if p <= 1 - LEVEL and tried[name]["tau"] < 0]
    if not beyond and not backwards:
        found = sorted(rank["tau"] for rank in tried.values())
        span = f"tau {number(found[0], 2, '+')} to {number(found[-1], 2, '+')}"
        start = f"With {n} rows none of the {len(tried)} scores ranks them better than chance"
        return f"{start} ({span}): so few settle little."
    sentences = []
    if beyond:
        sentences.append(f"Ranks the {n} rows better than chance: {', '.join(beyond)}.")
    if backwards:
        sentences.append(f"Ranks the {n} rows the wrong way round: {', '.join(backwards)}.")
    return " ".join([*sentences, "Other galaxies or another seed may still reorder them."])


def undertrained_in_words(depths: Sequence[DepthScore], runs: Sequence[Run]) -> str:
    """One sentence on rows that stayed below a linear probe of their own frozen part; empty where there is none.

    What lies above the cut could have become the probe, so the training holds such a row back. Named only where
    the 95 % intervals of all its runs lie below the probe's.
    """
    by_percent = {round(100 * one.cut): one for one in depths}
    highs: dict[int, list[float]] = {}
    for row in table_rows(runs):
        if row.imagenet_percent in by_percent and row.test_high is not None:
            highs.setdefault(row.imagenet_percent, []).append(row.test_high)
    below = [at for at, some in highs.items() if max(some) < by_percent[at].probe_low]
    if not below:
        return ""
    measured = measured_accuracies(runs)
    said = ", ".join(
        f"{at} % ({percent(measured[at])} right, the probe {percent(by_percent[at].probe)})" for at in below
    )
    which = "This row is held back by its" if len(below) == 1 else "These rows are held back by their"
    return (
        f"Below a linear probe of the same frozen features, intervals apart: {said}. {which} training, not "
        "by the features, which moves the order that the scores are held against."
    )


def known_order(rightness: np.ndarray, pieces: np.ndarray) -> np.ndarray:
    """Of each pair of rows, in the order of `np.triu_indices`, 1 where the first is right more often, −1 where the
    second is, 0 where the galaxies cannot tell: rightness float (rows, N), pieces of sky int (N,).
    """
    first, second = np.triu_indices(len(rightness), 1)
    level = 1 - (1 - LEVEL) / max(len(first), 1)
    bounds = [
        difference_interval(rightness[i] - rightness[k], pieces, level)
        for i, k in zip(first, second, strict=True)
        if rightness.shape[1]
    ]
    return np.array([int(low > 0) - int(high < 0) for low, high in bounds], np.int64)


def shared_rightness(runs: Sequence[Run]) -> tuple[list[int], np.ndarray, np.ndarray]:
    """ImageNet percents of some tested runs, the galaxies that all tested, and how often each was put right.

    Places in the file int64 (galaxies,) and float64 (percents, galaxies): the mean over the seeds and folds of a
    percent; runs that were not tested, and percents nobody tested, are left out.
    """
    by_name = {run.name: run for run in runs}
    members: dict[int, list[Run]] = {}
    for row in table_rows(runs):
        if row.test_accuracy is not None:
            members.setdefault(row.imagenet_percent, []).append(by_name[row.run])
    answers = {percent: _answers(some) for percent, some in members.items()}
    galaxies: np.ndarray | None = None
    for index, _ in answers.values():
        galaxies = np.unique(index) if galaxies is None else np.intersect1d(galaxies, index)
    if galaxies is None:
        return [], np.empty(0, np.int64), np.empty((0, 0))
    return list(answers), galaxies, np.stack([_share_right(*one, galaxies) for one in answers.values()])


def _answers(runs: Sequence[Run]) -> tuple[np.ndarray, np.ndarray]:
    found = [run.predictions() for run in runs]
    index = np.concatenate([one.index for one in found])
    return index, np.concatenate([one.labels == one.probabilities.argmax(axis=1) for one in found])


def _share_right(index: np.ndarray, is_right: np.ndarray, galaxies: np.ndarray) -> np.ndarray:
    is_wanted = np.isin(index, galaxies)
    places = np.searchsorted(galaxies, index[is_wanted])
    n_right = np.bincount(places, weights=is_right[is_wanted], minlength=len(galaxies))
    return np.asarray(n_right / np.bincount(places, minlength=len(galaxies)), np.float64)


def _bounds(scores: np.ndarray, order: np.ndarray, tau: float | None) -> tuple[float | None, float | None]:
    """The least and the largest tau with such scores where some pairs are in order and the others may be either way."""
    if tau is None:
        return None, None
    first, second = np.triu_indices(len(scores), 1)
    forecast = np.sign(scores[first] - scores[second])
    n_open = int(np.sum((order == 0) & (forecast != 0)))
    settled, scale = float(forecast @ order), math.sqrt(float(np.sum(forecast**2)) * len(order))
    return max(-1.0, min((settled - n_open) / scale, tau)), min(1.0, max((settled + n_open) / scale, tau))

"""The folds of a cross-validation pooled: one set of answers in which every galaxy is tested once.

It reads run folders and what they say of themselves; nothing is predicted here. `pooled_table` makes rows of it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from galaxy_core.errors import BadValueError, MissingError, quoted
from galaxy_core.metrics.measure import measure
from galaxy_core.metrics.sky_pieces import sky_pieces
from galaxy_core.results.neighbours import damaged, neighbours_of
from galaxy_core.results.setting import Setting, asked_of, setting_of, unlike
from galaxy_core.runs.names import without_fold
from galaxy_core.runs.run import CONFIG, Run


@dataclass(frozen=True, eq=False)
class Pooled:
    """The answers of all folds of one setting and seed: each galaxy once, in the order of the file.

    index int64 (N,) into the data, labels int64 (N,), probabilities float32 (N, 10) that rest on the fold whose test
    part the galaxy is in, groups int64 (N,): equal where galaxies are neighbours on the sky.
    """

    runs: tuple[Run, ...]
    index: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    groups: np.ndarray

    @property
    def name(self) -> str:
        """What the folds are called together: `first-020-s0`."""
        return without_fold(self.runs[0].name)


def is_fold(run: Run) -> bool:
    """Whether the run is one fold of a cross-validation."""
    return not run.is_source and (run.path / CONFIG).is_file() and run.config.n_folds is not None


def pool(runs: Sequence[Run]) -> Pooled:
    """The folds of one setting and seed as one set of answers.

    Errors: MissingError names the folds that are missing or not finished, BadValueError a run that is no fold, runs
    that differ in more than the fold, a fold that is there twice, and a galaxy that is tested twice or never.
    """
    _require_one_setting(runs)
    if sentence := missing_folds(runs):
        raise MissingError(sentence)
    runs = sorted(runs, key=_fold)
    answers = [run.predictions() for run in runs]
    index = np.concatenate([one.index for one in answers])
    order = np.argsort(index, kind="stable")
    _require_each_once(runs, index, np.concatenate([np.full(len(a.index), k) for k, a in enumerate(answers)]))
    return Pooled(
        tuple(runs),
        index[order],
        np.concatenate([one.labels for one in answers])[order],
        np.concatenate([one.probabilities for one in answers])[order],
        _sky_groups(runs[0], index[order]),
    )


def pooled_metrics(pooled: Pooled) -> dict[str, Any]:
    """What metrics.json says of one run, of the pooled folds of one seed."""
    return measure(pooled.labels, pooled.probabilities, pooled.runs[0].classes)


def missing_folds(runs: Sequence[Run]) -> str:
    """A sentence that names the folds without a finished run; empty where all are there.

    The runs are folds of one setting and seed. Errors: BadValueError where a finished fold is there twice.
    """
    n_folds = runs[0].config.n_folds or 0
    there = Counter(_fold(run) for run in runs if run.is_finished)
    for fold, n in there.items():
        if n > 1:
            names = ", ".join(run.name for run in runs if run.is_finished and _fold(run) == fold)
            raise BadValueError(f"fold {fold} is there {n} times ({names}); name one of them")
    absent = [str(fold) for fold in range(n_folds) if fold not in there]
    if not absent:
        return ""
    which = f"fold {absent[0]}" if len(absent) == 1 else f"folds {', '.join(absent)}"
    return (
        f"{without_fold(runs[0].name)} is not pooled: {which} of 0 to {n_folds - 1} missing or not finished."
    )


def _require_one_setting(runs: Sequence[Run]) -> None:
    if not runs:
        raise BadValueError("there are no runs to pool; name the folds of one cross-validation")
    for run in runs:
        if not is_fold(run):
            raise BadValueError(f"{run.name} is no fold of a cross-validation; train with --folds and --fold")
    first, *others = sorted(runs, key=lambda run: not run.is_finished)
    for other in others:
        of_first, of_other = _settings_of(first, other)
        if differing := unlike(of_first, of_other, across=()):
            raise BadValueError(
                f"{first.name} and {other.name} differ in more than the fold ({differing}); "
                "pool runs of one recipe, seed and file"
            )


def _settings_of(*runs: Run) -> list[Setting]:
    """Of runs that are not all finished, what was asked alone: of the galaxies they say nothing yet."""
    if all(run.is_finished for run in runs):
        return [setting_of(run, ("fold",)) for run in runs]
    return [asked_of(run.config, ("fold",)) for run in runs]


def _require_each_once(runs: Sequence[Run], index: np.ndarray, fold_of: np.ndarray) -> None:
    rows, counts = np.unique(index, return_counts=True)
    if counts.max(initial=0) > 1:
        twice = rows[counts.argmax()]
        names = ", ".join(runs[fold].name for fold in fold_of[index == twice])
        raise BadValueError(
            f"galaxy {twice} is tested by {names}; the folds of one split test each galaxy once"
        )
    split = runs[0].split()
    never = np.setdiff1d(np.concatenate([split.train, split.validation, split.test]), rows)
    if len(never):
        others = f" and {len(never) - 1} more" if len(never) > 1 else ""
        raise BadValueError(
            f"galaxy {never[0]}{others} of {without_fold(runs[0].name)} is tested by no fold; "
            "train the folds of one split again"
        )


def _sky_groups(run: Run, index: np.ndarray) -> np.ndarray:
    """The piece of sky of each galaxy, int64 (N,), from what split.json says of neighbours; index is sorted."""
    neighbours = neighbours_of(run)
    if strangers := [row for members in neighbours for row in members if row not in index]:
        raise damaged(run, ValueError(f"no such galaxies: {quoted(strangers)}"))
    return sky_pieces(index, neighbours)


def _fold(run: Run) -> int:
    return run.config.fold or 0

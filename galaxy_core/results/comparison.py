"""Runs against each other on the galaxies both were tested on.

It reads what was written when the runs were tested; nothing is predicted here.
"""

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.metrics.paired import Judged, Pair, compare_all, in_words
from galaxy_core.results.neighbours import neighbours_of
from galaxy_core.results.setting import DRAWS, QUESTION, setting_of, unlike
from galaxy_core.results.table import table_rows
from galaxy_core.runs.config import MOST_FOLDS
from galaxy_core.runs.names import without_fold
from galaxy_core.runs.run import CONFIG, Run

METHOD = (
    "Paired on the same galaxies: exact McNemar test (sign flips where seeds are pooled or galaxies share a piece of "
    "sky), interval of the same test at 95 % for each pair alone, p-values corrected for the number of pairs by Holm."
)


def compare_runs(runs: Sequence[Run], *, across: Collection[str] = QUESTION, seed: int = 0) -> list[Pair]:
    """Every pair of rows among some tested runs; runs that differ in their seed or fold alone are one row.

    Rows that differ in anything but `across` (names of `setting`) are said to be unlike. Errors: MissingError for a
    run that is not tested yet, BadValueError where the runs were tested on different files, or where there is but
    one row.
    """
    pairs = compare_all(judged(runs), np.random.default_rng(seed))
    settings = {name: setting_of(members[0], DRAWS) for name, members in _members(runs).items()}
    return [replace(one, unlike=unlike(settings[one.first], settings[one.second], across)) for one in pairs]


def judged(runs: Sequence[Run]) -> list[Judged]:
    """The rows those runs make, in the order of the table: the seeds and folds of one setting pooled.

    Where all runs are of one setting, each is a row of its own.
    """
    _require_same_data(runs)
    return [_pooled(name, members) for name, members in _members(runs).items()]


def row_names(runs: Sequence[Run]) -> dict[str, str]:
    """The row that each run, by its name, is one of: the names that the pairs of `compare_runs` have."""
    return {run.name: row for row, members in _members(runs).items() for run in members}


def values_of(pair: Pair) -> dict[str, Any]:
    """The numbers of a pair by name, whether it is distinguishable, and its sentence."""
    derived = {"is_distinguishable": pair.is_distinguishable, "sentence": in_words(pair)}
    return {**dataclasses.asdict(pair), **derived}


def _members(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """The runs of each row by its name, in the order of the table."""
    by_name = {run.name: run for run in runs}
    ordered = [by_name[row.run] for row in table_rows(runs)]
    groups: dict[str, list[Run]] = {}
    for run in ordered:
        groups.setdefault(setting_of(run, DRAWS), []).append(run)
    if len(groups) == 1:
        groups = {run.name: [run] for run in ordered}
    return dict(zip(_names_of_rows(list(groups.values())), groups.values(), strict=True))


def _pooled(name: str, members: Sequence[Run]) -> Judged:
    answers = [run.predictions() for run in members]
    draws = [_draw(run) for run in members]
    return Judged(
        name,
        np.concatenate([one.index for one in answers]),
        np.concatenate([one.labels == one.probabilities.argmax(axis=1) for one in answers]),
        np.concatenate([np.full(len(one.index), draw) for draw, one in zip(draws, answers, strict=True)]),
        tuple(dict.fromkeys(group for run in members for group in neighbours_of(run))),
    )


def _draw(run: Run) -> int:
    """One number for the seed and the fold: what two rows must share for their runs to be compared one by one."""
    if not (run.path / CONFIG).is_file():
        return 0
    return run.config.seed * (MOST_FOLDS + 1) + (0 if run.config.fold is None else 1 + run.config.fold)


def _names_of_rows(groups: Sequence[Sequence[Run]]) -> list[str]:
    """The shortest names that tell the rows apart: the percentage, the policy with it, else the runs."""
    rows = [table_rows(members[:1])[0] for members in groups]
    for names in (
        [f"{row.imagenet_percent} %" for row in rows],
        [f"{row.policy} {row.imagenet_percent} %" for row in rows],
    ):
        if len(set(names)) == len(names):
            return names
    return [without_fold(members[0].name) if len(members) > 1 else members[0].name for members in groups]


def _require_same_data(runs: Sequence[Run]) -> None:
    tested_on = {run.name: (run.card().get("data") or {}).get("sha256") for run in runs}
    names = list(tested_on)
    other = next((name for name in names if tested_on[name] != tested_on[names[0]]), None)
    if other is not None:
        raise BadValueError(
            f"{names[0]} and {other} were tested on different files; rows of different galaxies cannot be paired"
        )

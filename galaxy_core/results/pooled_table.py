"""Cross-validations as lines of the table: one a setting, its folds pooled and its seeds averaged.

The seeds of a setting all answer the same galaxies, so they are not more galaxies: intervals are drawn over the
galaxies, each with the share of the seeds that have it right.
"""

import dataclasses
import statistics as plain
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.errors import BadValueError
from galaxy_core.metrics import statistics
from galaxy_core.metrics.measure import LEVEL, per_class
from galaxy_core.networks.policy import POLICIES
from galaxy_core.results.cross_validation import (
    Pooled,
    is_fold,
    missing_folds,
    pool,
    pooled_metrics,
)
from galaxy_core.results.setting import DRAWS, Setting, asked_of, setting_of
from galaxy_core.results.table import PAPER_COLUMNS, TableRow, table_rows
from galaxy_core.runs.run import Run

METHOD = (
    "95 % Wilson score interval of the mean over the seeds, at as many galaxies as those tested are worth (sky "
    "neighbours together); it covers the choice of galaxies, the spread over seeds the chance in training."
)


_AS_OF_A_ROW = ("policy", "source", "imagenet_percent", "trainable_percent", "backbone", *PAPER_COLUMNS)


@dataclass(frozen=True)
class PooledRow:
    """One line of the table: the seeds of one setting, each pooled over its folds.

    `test_accuracy`, `test_loss` and `balanced_accuracy` are means over the seeds, each on all `n_galaxies`; `_low`
    and `_high` bound the mean at 95 % over the choice of galaxies, `_spread` is the standard deviation over seeds
    (None for one). The training columns are means over all runs, of the last epoch. `per_class` and `confusion` are
    as in metrics.json, the counts averaged over the seeds; `setting` is what all its runs agree in.
    """

    name: str
    policy: str
    source: str
    imagenet_percent: int
    trainable_percent: int
    n_folds: int
    n_seeds: int
    n_galaxies: int
    n_mocks: int
    train_loss: float | None
    train_accuracy: float | None
    test_loss: float
    test_accuracy: float
    test_low: float
    test_high: float
    test_spread: float | None
    test_lowest: float
    test_highest: float
    balanced_accuracy: float
    balanced_low: float
    balanced_high: float
    balanced_spread: float | None
    paper_test_accuracy: float | None
    per_class: list[dict[str, Any]]
    confusion: list[list[float]]
    backbone: str
    paper_train_loss: float | None
    paper_train_accuracy: float | None
    paper_test_loss: float | None
    setting: Setting = ""
    classes: Classes = GALAXY10


@dataclass(frozen=True)
class PooledTable:
    """`rows` of what is whole, `runs` the names of the runs in them, `missing` a sentence a seed that lacks folds."""

    rows: list[PooledRow]
    runs: frozenset[str]
    missing: list[str]


def pooled_table(runs: Iterable[Run]) -> PooledTable:
    """All cross-validations among some runs, in the order of the table; runs without folds are left out.

    A seed of which folds are missing or not finished is not pooled, and a sentence says which. Errors:
    BadValueError where a fold is there twice.
    """
    by_seed = _by_seed([run for run in runs if is_fold(run)])
    missing = [missing_folds(members) for members in by_seed]
    whole = [pool(members) for members, lacks in zip(by_seed, missing, strict=True) if not lacks]
    by_setting: dict[Setting, list[Pooled]] = {}
    for one in whole:
        by_setting.setdefault(setting_of(one.runs[0], DRAWS), []).append(one)
    rows = [pooled_row(seeds) for seeds in by_setting.values()]
    names = frozenset(run.name for one in whole for run in one.runs)
    return PooledTable(sorted(rows, key=_order), names, [sentence for sentence in missing if sentence])


def _by_seed(folds: Sequence[Run]) -> list[list[Run]]:
    """The folds of each setting and seed; one that is not finished beside those that were asked the same."""
    groups: dict[Setting, list[Run]] = {}
    for run in folds:
        if run.is_finished:
            groups.setdefault(setting_of(run, ("fold",)), []).append(run)
    asked = {asked_of(members[0].config, ("fold",)): members for members in groups.values()}
    for run in folds:
        if not run.is_finished:
            key = asked_of(run.config, ("fold",))
            if key not in asked:
                asked[key] = groups[key] = []
            asked[key].append(run)
    return list(groups.values())


def pooled_row(seeds: Sequence[Pooled]) -> PooledRow:
    """The row of the seeds of one setting; BadValueError where they did not test the same galaxies."""
    first = seeds[0]
    for other in seeds[1:]:
        if not (np.array_equal(first.index, other.index) and np.array_equal(first.labels, other.labels)):
            raise BadValueError(f"{first.name} and {other.name} were not tested on the same galaxies")
    measured = [pooled_metrics(one) for one in seeds]
    score = np.mean([one.probabilities.argmax(1) == one.labels for one in seeds], axis=0)
    intervals = statistics.grouped_intervals(first.labels, score, first.groups, LEVEL)
    counts = np.sum([one["confusion"] for one in measured], axis=0)
    accuracies = [one["accuracy"] for one in measured]
    return PooledRow(
        **_about(seeds),
        test_loss=plain.fmean(one["loss"] for one in measured),
        test_accuracy=plain.fmean(accuracies),
        test_low=intervals[0][0],
        test_high=intervals[0][1],
        test_spread=_spread(accuracies),
        test_lowest=min(accuracies),
        test_highest=max(accuracies),
        balanced_accuracy=plain.fmean(one["balanced_accuracy"] for one in measured),
        balanced_low=intervals[1][0],
        balanced_high=intervals[1][1],
        balanced_spread=_spread([one["balanced_accuracy"] for one in measured]),
        per_class=[
            {**item, "n": item["n"] // len(seeds)} for item in per_class(counts, first.runs[0].classes)
        ],
        confusion=(counts / len(seeds)).tolist(),
        setting=setting_of(first.runs[0], DRAWS),
        classes=first.runs[0].classes,
    )


def as_table_rows(rows: Iterable[PooledRow]) -> list[TableRow]:
    """Pooled rows in the shape of the rows of single runs, for whoever draws those; their seed is None."""
    columns = [item.name for item in dataclasses.fields(TableRow)]
    return [
        TableRow(**{c: getattr(row, c) for c in columns if c not in ("run", "seed")}, run=row.name, seed=None)
        for row in rows
    ]


def _about(seeds: Sequence[Pooled]) -> dict[str, Any]:
    """What a row says besides the scores on the test parts."""
    rows = table_rows(run for one in seeds for run in one.runs)
    config, row = seeds[0].runs[0].config, rows[0]
    name = seeds[0].name
    return {
        # the seeds of `first-020` are called first-020-s0, first-020-s1, …
        "name": name if len(seeds) == 1 else name.removesuffix(f"-s{config.seed}"),
        **{column: getattr(row, column) for column in _AS_OF_A_ROW},
        "n_folds": config.n_folds,
        "n_seeds": len(seeds),
        "n_galaxies": len(seeds[0].index),
        "n_mocks": config.n_mocks,
        "train_loss": _mean([one.train_loss for one in rows]),
        "train_accuracy": _mean([one.train_accuracy for one in rows]),
    }


def _order(row: PooledRow) -> tuple[Any, ...]:
    return list(POLICIES).index(row.policy), row.imagenet_percent, row.source, row.n_mocks, row.name


def _spread(values: Sequence[float]) -> float | None:
    return plain.stdev(values) if len(values) > 1 else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return plain.fmean(known) if known else None

"""The runs of a report as its tables and figures speak of them: the lines, their labels, who stands for whom."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from galaxy_core.data.classes import Classes
from galaxy_core.results.pooled_table import PooledTable, as_table_rows, pooled_table
from galaxy_core.results.setting import DRAWS, Setting, setting_of
from galaxy_core.results.table import TableRow, table_rows
from galaxy_core.runs.run import Run


@dataclass(frozen=True)
class Material:
    """What every section works with: finished runs in the order of the table, and their rows.

    `lines` are the rows to show: single runs, and each cross-validation as one line. `labels` names every run and
    line by the words above its column.
    """

    runs: tuple[Run, ...]
    lines: tuple[TableRow, ...]
    pooled: PooledTable
    labels: dict[str, str]

    @property
    def classes(self) -> Classes:
        """What all of them tell apart."""
        return self.runs[0].classes

    @property
    def singles(self) -> list[Run]:
        """The runs that are lines of their own."""
        return [run for run in self.runs if run.name not in self.pooled.runs]


def gather(runs: Sequence[Run]) -> Material:
    """Order the runs as the table does and pool the folds of cross-validations."""
    by_name, rows = {run.name: run for run in runs}, table_rows(runs)
    pooled = pooled_table(runs)
    lines = [row for row in rows if row.run not in pooled.runs] + as_table_rows(pooled.rows)
    labels = {**labels_of(rows), **labels_of(lines)}
    return Material(tuple(by_name[row.run] for row in rows), tuple(lines), pooled, labels)


def one_of_each_setting(runs: Sequence[Run]) -> list[Run]:
    """The first run of each setting: runs that differ in their seed or fold alone look much alike."""
    found: dict[Setting, Run] = {}
    for run in runs:
        found.setdefault(setting_of(run, DRAWS), run)
    return list(found.values())


def share_taken_over(row: TableRow) -> str:
    """ "ImageNet 20 %", "from scratch": what the network of a row was made of."""
    if row.policy == "scratch" or (row.policy.startswith("transfer") and row.imagenet_percent == 0):
        return "from scratch"
    source = {"imagenet": "ImageNet", "none": "random"}.get(row.source, row.source)
    if row.policy == "freeze_prefix":
        frozen = f"{row.imagenet_percent}\u00a0%" if row.imagenet_percent else "nothing"
        return f"{source} 100\u00a0%, {frozen} frozen"
    return f"{source} {row.imagenet_percent}\u00a0%"


def labels_of(rows: Sequence[TableRow]) -> dict[str, str]:
    """The shortest words that tell the rows apart: the share, the policy with it, the seed too, else the name."""
    if not rows:
        return {}
    shares = [share_taken_over(row) for row in rows]
    policies = [f"{share}, {row.policy}" for share, row in zip(shares, rows, strict=True)]
    for words in (shares, _with_seeds(shares, rows), policies, _with_seeds(policies, rows)):
        if max(Counter(words).values()) == 1:
            return {row.run: label for row, label in zip(rows, words, strict=True)}
    return {row.run: row.run for row in rows}


def _with_seeds(words: Sequence[str], rows: Sequence[TableRow]) -> list[str]:
    return [f"{word}, seed {row.seed}" for word, row in zip(words, rows, strict=True)]

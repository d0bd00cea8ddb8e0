"""How many of each class a table of answers holds: as answered, and corrected by the run's answers on its test part."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from galaxy_core.catalogues.catalogue import Catalogue
from galaxy_core.errors import BadFileError, BadValueError, GalaxyError, quoted
from galaxy_core.metrics.class_counts import Answers, ClassShares, class_shares
from galaxy_core.prediction.answer_table import prefix_of
from galaxy_core.runs.run import Run, find_run

Progress = Callable[[int, int], None]
MISFIT = 0.001
"""Below this the objects are said to be unlike the test galaxies."""


@dataclass(frozen=True, eq=False)
class Counted:
    """What a run says of the objects of a table, `n` with a class and `n_without`; `corrected` None where `why` tells.

    `classes` are their names, their numbers where the run is not here; `learned_corrections` tells of the run.
    """

    run: str
    classes: Sequence[str]
    n: int
    n_without: int
    raw: np.ndarray
    corrected: ClassShares | None
    why: str = ""
    learned_corrections: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain values: a row a class."""
        rows: list[dict[str, Any]] = []
        for c, name in enumerate(self.classes):
            row = {
                "class": c,
                "name": name,
                "raw": int(self.raw[c]),
                "raw_share": float(self.raw[c] / self.n),
            }
            if self.corrected:
                for key, shares in (("corrected", self.corrected.shares), *self._bounds()):
                    row |= {key: float(shares[c] * self.n), f"{key}_share": float(shares[c])}
            rows.append(row)
        known = (
            {"misfit": self.corrected.misfit, "n_test": self.corrected.n_labelled} if self.corrected else {}
        )
        of_run = {"run": self.run, "n": self.n, "n_without": self.n_without, "classes": rows}
        return {**of_run, **known, **({"why": self.why} if self.why else {})}

    def _bounds(self) -> tuple[tuple[str, np.ndarray], ...]:
        assert self.corrected
        return ("low", self.corrected.low), ("high", self.corrected.high)

    @property
    def sentences(self) -> list[str]:
        """What must be said beside the numbers."""
        if self.corrected is None:
            return [f"not corrected: {self.why}"] if self.why else []
        said = [
            f"corrected by the run's answers on its {self.corrected.n_labelled} test galaxies, for objects that look "
            "as those do, class by class; intervals at 95 % over both"
        ]
        if self.learned_corrections:
            said.append(
                "the labels of these test galaxies are those of the file, without the corrections that the run learned"
            )
        share = self.raw / self.n
        if ((self.corrected.low <= share) & (share <= self.corrected.high)).all():
            said.append(
                "so few test galaxies do not tell these counts from the raw ones: every interval holds both"
            )
        if self.corrected.misfit < MISFIT:
            said.append(
                "no mixture of the test galaxies would be answered like this: these objects are unlike them, so "
                "believe neither column"
            )
        return said


def counts_of(table: Catalogue, only: str | None = None, progress: Progress | None = None) -> list[Counted]:
    """What each run in a table of answers says, in the order in which they come; of `only` one where it is named.

    Errors: BadFileError for what is no table of answers, or holds answers of other weights than the run of that name
    has; BadValueError for a run that is not in it.
    """
    answers, n_without = _read(table, progress)
    if only is not None and only not in answers:
        raise BadValueError(
            f"{table.path.name} holds no answers of {quoted(only)}; it has {', '.join(answers)}"
        )
    return [
        _counted(name, one, n_without.get(name, 0) + n_without.get("", 0), table)
        for name, one in answers.items()
        if only in (None, name)
    ]


def _counted(name: str, answers: Answers, n_without: int, table: Catalogue) -> Counted:
    numbers = [str(c) for c in range(len(answers.counts))]
    try:
        run = find_run(name)
        classes = list(run.classes)
    except GalaxyError as error:
        return Counted(name, numbers, answers.n, n_without, answers.counts, None, str(error))
    _check_weights(run, table)
    if len(classes) != len(numbers):
        raise BadFileError(
            f"{table.path.name} has answers of {name} with {len(numbers)} classes, and the run here has {len(classes)}"
        )
    try:
        tested = run.predictions()
        found = class_shares(answers, tested.probabilities, tested.labels, np.random.default_rng(0))
    except GalaxyError as error:
        return Counted(name, classes, answers.n, n_without, answers.counts, None, str(error))
    is_told = run.config.corrections
    return Counted(name, classes, answers.n, n_without, answers.counts, found, learned_corrections=is_told)


def _check_weights(run: Run, table: Catalogue) -> None:
    """BadFileError where the table says that its answers are of other weights."""
    said = {table.metadata.get(f"run_{i}"): i for i in range(1, len(table.metadata) + 1)}
    theirs = table.metadata.get(f"run_{said.get(run.name)}_weights_sha256")
    ours = run.card().get("weights_sha256")
    if theirs and ours and theirs != ours:
        raise BadFileError(
            f"{table.path.name} holds answers of other weights than {run.name} has here ({str(theirs)[:12]}…, not "
            f"{str(ours)[:12]}…); predict again, or count where they were made"
        )


def _read(table: Catalogue, progress: Progress | None) -> tuple[dict[str, Answers], dict[str, int]]:
    """The answers of each run, and how many objects it has no class for ("": of a run that is not said)."""
    prefix = prefix_of(table.names)
    shares = [f"{prefix}p{c}" for c in range(len(table.names)) if f"{prefix}p{c}" in table.names]
    if prefix is None or not shares or f"{prefix}run" not in table.names:
        raise BadFileError(
            f"{table.path.name} is no table of answers: it has no columns run, predicted and p0 … as `galaxy predict` "
            "writes them"
        )
    answers: dict[str, Answers] = {}
    n_without: dict[str, int] = {}
    n_read = 0
    for batch in table.batches([f"{prefix}run", f"{prefix}predicted", *shares]):
        for name, values, is_answer in _by_run(batch):
            n_without[name] = n_without.get(name, 0) + int((~is_answer).sum())
            if is_answer.any():
                known = values[is_answer]
                n_classes = _n_classes(known, table)
                one = answers.setdefault(name, Answers(n_classes))
                _check_shares(known[:, :n_classes], len(one.counts), table)
                one.add(known[:, :n_classes])
        n_read += batch.num_rows
        if progress:
            progress(n_read, table.n_rows)
    if not answers:
        raise BadFileError(f"{table.path.name} holds no object with a class, so there is nothing to count")
    return answers, n_without


def _by_run(batch: pa.RecordBatch) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Of each run in a batch its probabilities float64 (N, C), NaN where there are none; which rows have a class."""
    names = np.array(pc.cast(batch.column(0), pa.string()).fill_null("").to_pylist())
    predicted, *shares = map(_numbers, batch.columns[1:])
    values = np.stack(shares, axis=1)
    for name in dict.fromkeys(names.tolist()):
        rows = names == name
        yield name, values[rows], predicted[rows] >= 0


def _numbers(column: pa.Array) -> np.ndarray:
    """float64 with NaN for nulls."""
    try:
        return np.asarray(pc.cast(column, pa.float64()).fill_null(np.nan))
    except pa.ArrowException as error:
        raise BadFileError(
            f"the columns predicted and p0 … of a table of answers hold no numbers but {column.type}; predict again"
        ) from error


def _n_classes(known: np.ndarray, table: Catalogue) -> int:
    """So many probabilities the answers of a run have; the columns behind are empty."""
    is_known = np.isfinite(known)
    n = int(is_known[0].sum())
    if not n or not is_known[:, :n].all() or is_known[:, n:].any():
        raise BadFileError(
            f"{table.path.name} has answers of one run with different numbers of probabilities"
        )
    return n


def _check_shares(shares: np.ndarray, n_classes: int, table: Catalogue) -> None:
    if shares.shape[1] != n_classes or shares.min() < 0 or np.abs(shares.sum(axis=1) - 1).max() > 0.01:
        raise BadFileError(
            f"{table.path.name} has probabilities that do not lie between 0 and 1 or do not sum to 1; predict again"
        )

"""A linear probe on the last features of the sources that runs took layers from, in the view of these runs.

Such features have seen none of the galaxies, so that what a probe loses on some of them is lost to what it learned from
and not to what a run remembers of its training.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.metrics.resample import Estimate
from galaxy_core.metrics.sign_flips import judged_difference
from galaxy_core.metrics.transferability import linear_probe
from galaxy_core.numerals import counted, number, points
from galaxy_core.results.provenance import data_of
from galaxy_core.results.records import Kept, Record, keep, kept_of, made_of
from galaxy_core.results.table import NO_SOURCE, TableRow, table_rows
from galaxy_core.runs.run import Run
from galaxy_core.serving.depths import Depths
from galaxy_core.studies.sources.forecast import MOST_GALAXIES, features_at
from galaxy_core.studies.sources.named import NONE_TAKEN, mark_of_source, source_taken, sources_of, view_of
from galaxy_core.studies.study import Asked, Progress, Row, measured, refused_in_words, rows_from, share_of

ACCURACY = "balanced accuracy"
Probe = Callable[[str, np.ndarray, Progress], Iterable[Row]]
"""The rows of a source by name, from its features float64 (zooms, N, D)."""


def of_each_source(
    asked: Asked,
    progress: Progress,
    file: str,
    rows: np.ndarray,
    lie: Sequence[Row],
    head: Mapping[str, Any],
    probe: Probe,
    zooms: Sequence[float] = (1.0,),
) -> Iterator[Row]:
    """Of every source and view among the runs what `probe` makes of its features of the galaxies int (N,) `rows`, seen
    as the runs see them and enlarged so many times.

    It is kept as the record `file` of each run, with `head` and after the rows `lie` of the galaxies themselves.
    """
    settings = table_rows(asked.runs)
    sources_of(settings)
    yield from lie
    alike: dict[str, list[tuple[str, Run]]] = {}
    for row in (one for one in settings if one.source != NO_SOURCE):
        run = asked.run(row.run)
        crop, size = view_of(run)
        name = f"{row.source} ({run.config.backbone}, {crop} px at {size})"
        alike.setdefault(name, []).append((row.source, run))
    for k, (name, taken) in enumerate(alike.items()):
        with refused_in_words(asked.told):
            part = share_of(progress, 2 * k, 2 * len(alike))
            features = _features(*taken[0], asked.galaxies, rows, zooms, part)
            made = list(probe(name, features, share_of(progress, 2 * k + 1, 2 * len(alike))))
            own = {"data_sha256": asked.galaxies.sha256, "seed": asked.seed, **head}
            own |= {"rows": [row[:5] for row in (*lie, *made)]}
            for _, run in taken:
                source = {"source_sha256": mark_of_source(run)}
                keep(run, file, {**made_of(run), **source, **own}, ("data_sha256",))
            yield from made


def kept_of_sources(asked: Sequence[tuple[Run, TableRow]], file: str) -> Kept[tuple[Row, ...]]:
    """What was kept with each run of its source and of the galaxies it learned from."""

    def read(row: TableRow, record: Record) -> tuple[Row, ...]:
        return tuple(row for of, *plain in record["rows"] for row in rows_from(str(of), [plain]))

    def wanted(run: Run) -> Record:
        return {"data_sha256": data_of(run).get("sha256"), "source_sha256": mark_of_source(run)}

    taken = [(run, row) for run, row in asked if row.source != NO_SOURCE]
    return kept_of(taken, file, read, wanted) if taken else Kept({}, unusable=(NONE_TAKEN,))


def tell(found: Iterable[tuple[Row, ...]]) -> Iterator[Row]:
    """The rows of each source once, of however many runs took it over."""
    return iter(dict.fromkeys(chain.from_iterable(found)))


def not_too_many(rows: np.ndarray, asked: Asked) -> np.ndarray:
    """At most MOST_GALAXIES of these rows, drawn by chance, in order; where some are left out it is told."""
    if len(rows) <= MOST_GALAXIES:
        return rows
    asked.told.append(f"asked of {MOST_GALAXIES:,} of {len(rows):,} galaxies, drawn by chance")
    return np.sort(np.random.default_rng(asked.seed).permutation(rows)[:MOST_GALAXIES])


def tell_left_out(n: int, of_what: str, asked: Asked) -> None:
    """One sentence on galaxies that cannot be asked about: `3 galaxies without a position are left out`."""
    if n:
        are = "is" if n == 1 else "are"
        asked.told.append(f"{counted(n, 'galaxy', 'galaxies')} without {of_what} {are} left out")


def probe_right(
    features: np.ndarray, labels: np.ndarray, train: np.ndarray, held_out: np.ndarray, test: np.ndarray
) -> np.ndarray:
    """Whether a probe that learned from `train` is right of each galaxy of `test`, bool; all three are rows."""
    from threadpoolctl import threadpool_limits

    learned = (features[train], labels[train], features[held_out], labels[held_out])
    # the matrices are small: threads of BLAS that wait for each other cost ten times the work on a busy machine
    with threadpool_limits(1, user_api="blas"):
        return np.asarray(linear_probe(*learned, features[test]) == labels[test])


def balancing(labels: np.ndarray) -> np.ndarray:
    """Weights (N,) under which a mean over galaxies is the mean over classes of their means."""
    _, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return np.asarray(len(labels) / (len(counts) * counts[places]), np.float64)


def change(
    of: str, score: str, labels: np.ndarray, changes: np.ndarray, groups: np.ndarray, seed: int
) -> Row:
    """What is won of the balanced accuracy, from what is of each galaxy, those of a group taken as one."""
    weights = balancing(labels)
    won, most = weights * changes, float(weights.max())
    (low, high), _ = judged_difference(won / most, np.random.default_rng(seed), groups)
    return measured(of, score, Estimate(float(won.mean()), most * low, most * high, len(won)))


def cost_in_words(what: str, of: str, estimate: tuple[float, float, float]) -> str:
    """What several of something cost, of a change that is won: `Fields 1 degree apart cost the features of X 5 points
    (2 to 8).`
    """
    whose = f"the features of {of}"
    value, high, low = (-one for one in estimate)
    if low > 0 or high < 0:
        does, sign = ("cost", 1) if value > 0 else ("gain", -1)
        ends = " to ".join(number(100 * sign * one, 0) for one in ((low, high) if sign > 0 else (high, low)))
        return f"{what[0].upper()}{what[1:]} {does} {whose} {points(abs(value))} ({ends})."
    ends = " to ".join(number(100 * one, 0, "+") for one in (low, high))
    return f"No cost of {what} can be told for {whose}: {points(value)} ({ends})."


def _features(
    source: str, run: Run, galaxies: Galaxies, rows: np.ndarray, zooms: Sequence[float], progress: Progress
) -> np.ndarray:
    """The last features of the source in the view of the run, enlarged, float64 (zooms, N, D)."""
    taken, (crop, size) = source_taken(source, run), view_of(run)
    last = taken.backbone.feature_layer
    depths = Depths(taken.backbone, taken.tensors, [last])
    made = [
        features_at(
            depths, galaxies.images, rows, (round(crop / zoom), size), share_of(progress, k, len(zooms))
        )[last]
        for k, zoom in enumerate(zooms)
    ]
    return np.asarray(made, np.float64)

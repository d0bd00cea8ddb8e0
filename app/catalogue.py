"""The runs on disk as pages want them: one entry each, grouped into sweeps; damaged ones set apart with a sentence."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.errors import GalaxyError, one_line
from galaxy_core.maps.cells import is_coarse
from galaxy_core.networks.policy import needs_source
from galaxy_core.results.setting import NO_SOURCE, is_same_recipe, recipe_of
from galaxy_core.results.table import TableRow, is_source, table_rows
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import belongs_to_sweep, folds_of
from galaxy_core.runs.run import CARD, METRICS, WEIGHTS, Run, list_runs
from galaxy_core.runs.status import Status

SINGLE_RUNS, SOURCES = "single runs", "sources"
MOST_OF_CLASSES = 60
"""Characters of the classes behind the name of a sweep that has others, too."""
Fingerprint = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Entry:
    """One classifier run: its row in the table, how it is doing, the sweep it belongs to, and its source.

    `source` is `none` where its cut leaves nothing to take over: such a run belongs to the curve of every source.
    """

    run: Run
    config: TrainConfig
    row: TableRow
    status: Status
    sweep: str
    source: str

    @property
    def name(self) -> str:
        """Its name."""
        return self.run.name

    @property
    def percent(self) -> int:
        """Its cut in percent of the layers."""
        return self.row.imagenet_percent

    @property
    def classes(self) -> Classes:
        """What it tells apart."""
        return self.row.classes

    @property
    def fold(self) -> tuple[int, int] | None:
        """Which fold of how many is tested; None of a run with a single split. Other folds test other galaxies."""
        return None if self.config.fold is None else (self.config.fold, self.config.n_folds or 0)

    @property
    def alike(self) -> tuple[str, int | None, tuple[int, int] | None, str]:
        """Policy, seed, fold and recipe: what runs agree in that may be compared over their cuts."""
        return self.row.policy, self.row.seed, self.fold, recipe_of(self.row.setting)

    def data(self) -> dict[str, object]:
        """What its card says of the galaxies; empty while there is no card."""
        data = self.run.card().get("data") if self.run.is_whole else None
        return data if isinstance(data, dict) else {}


@dataclass(frozen=True)
class Catalogue:
    """All runs there are: `entries` can be shown, `damaged` are sentences about those that cannot."""

    entries: tuple[Entry, ...]
    damaged: tuple[str, ...]

    @property
    def active(self) -> tuple[Entry, ...]:
        """Runs that are training or waiting to."""
        return tuple(entry for entry in self.entries if entry.status.is_active)

    @property
    def sweeps(self) -> tuple[str, ...]:
        """Names of the sweeps, that with the most finished cuts first, of equals the one whose maps can be explained;
        single runs last; runs that only serve as a source when alone. Folds that are shown beside others, without
        weights of their own, are none.
        """
        shown = [entry for entry in self.entries if not self._is_beside_others(entry)]
        cuts: dict[str, set[int]] = {entry.sweep: set() for entry in shown}
        coarse: set[str] = set()
        for entry in shown:
            if entry.run.is_whole:
                cuts[entry.sweep].add(entry.percent)
            if is_coarse(entry.config.view):
                coarse.add(entry.sweep)
        sweeps = [name for name in cuts if name != SOURCES]
        order = {name: (is_no_sweep(name), -len(cuts[name]), name in coarse) for name in sweeps}
        return tuple(sorted(sweeps, key=order.__getitem__)) or tuple(cuts)

    def find(self, name: str | None) -> Entry | None:
        """The entry of that name, or None."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def of_sweep(self, sweep: str) -> tuple[Entry, ...]:
        """The entries of one sweep, in the order of the table."""
        members = [entry for entry in self.entries if entry.sweep == sweep]
        return tuple(
            sorted(members, key=lambda e: (e.row.policy, e.percent, e.row.seed or 0, e.config.fold or 0))
        )

    def folds_beside(self, entries: Iterable[Entry]) -> tuple[Entry, ...]:
        """The folds in which the recipes of these rows were tested: named after them, and asked the same."""
        rows: dict[str, list[Entry]] = {}
        for row in (entry for entry in entries if entry.fold is None):
            rows.setdefault(folds_of(_name_of_rows(row)), []).append(row)
        return tuple(
            fold
            for sweep, own in rows.items()
            for fold in self.of_sweep(sweep)
            if fold.fold is not None and any(is_same_recipe(row.row.setting, fold.row.setting) for row in own)
        )

    def _is_beside_others(self, entry: Entry) -> bool:
        if entry.fold is None or entry.run.is_whole or not entry.run.is_finished:
            return False
        rows = (other for other in self.entries if folds_of(_name_of_rows(other)) == entry.sweep)
        return any(is_same_recipe(row.row.setting, entry.row.setting) for row in rows)


def read_catalogue() -> Catalogue:
    """Read all run folders anew. Pre-trained weights without a classifier are left out."""
    entries: list[Entry] = []
    damaged: list[str] = []
    for run in list_runs():
        try:
            if not is_source(run):
                entries.append(_entry(run))
        except GalaxyError as error:
            damaged.append(f"{run.name}: {one_line(error)}")
        except (KeyError, TypeError, ValueError, OSError) as error:
            damaged.append(f"{run.name} is damaged ({type(error).__name__}); delete it or train it again")
    return Catalogue(tuple(_with_classes_apart(_with_sources_apart(entries))), tuple(damaged))


def sweep_of(name: str) -> str:
    """The sweep a run belongs to by its name; `single runs` where it belongs to none."""
    starts = [name[:i] for i, letter in enumerate(name) if letter == "-"]
    return next((start for start in starts if belongs_to_sweep(name, start)), SINGLE_RUNS)


def _name_of_rows(entry: Entry) -> str:
    """What a row goes by: the name of its sweep, or its own where it belongs to none."""
    return entry.name if is_no_sweep(entry.sweep) else entry.sweep


def by_sweep(entries: Iterable[Entry]) -> dict[str, list[Run]]:
    """The runs of each sweep, in their order."""
    runs: dict[str, list[Run]] = {}
    for entry in entries:
        runs.setdefault(entry.sweep, []).append(entry.run)
    return runs


def fingerprint(entries: Iterable[Entry]) -> Fingerprint:
    """Names and times of the files that answers depend on: the key under which answers are kept."""
    return tuple((entry.name, _newest(entry.run)) for entry in entries)


def _entry(run: Run) -> Entry:
    config, row = run.config, table_rows([run])[0]
    source = row.source if needs_source(config.policy, config.cut) else NO_SOURCE
    return Entry(run, config, row, run.status(), sweep_of(run.name), source)


def _with_sources_apart(entries: list[Entry]) -> list[Entry]:
    """A run of no sweep that others take their weights from is a means, not a result."""
    serving = {entry.config.source for entry in entries}
    return [
        replace(entry, sweep=SOURCES) if entry.sweep == SINGLE_RUNS and entry.name in serving else entry
        for entry in entries
    ]


def _with_classes_apart(entries: list[Entry]) -> list[Entry]:
    """Runs that tell other classes apart are never compared, so no sweep has both: those of Galaxy10 keep its name."""
    kinds: dict[str, set[Classes]] = {}
    for entry in entries:
        kinds.setdefault(entry.sweep, set()).add(entry.classes)
    return [
        replace(entry, sweep=f"{entry.sweep}: {', '.join(entry.classes.short)[:MOST_OF_CLASSES]}")
        if len(kinds[entry.sweep]) > 1 and entry.classes != GALAXY10
        else entry
        for entry in entries
    ]


def is_no_sweep(name: str) -> bool:
    """Whether no command knows that name: runs that belong to no sweep, or a part of one."""
    return name in (SINGLE_RUNS, SOURCES) or ":" in name


def by_classes(entries: Iterable[Entry]) -> list[tuple[Entry, ...]]:
    """The entries that tell the same classes apart, in their order."""
    found: dict[Classes, tuple[Entry, ...]] = {}
    for entry in entries:
        found[entry.classes] = (*found.get(entry.classes, ()), entry)
    return list(found.values())


def _newest(run: Run) -> int:
    files = [run.path / name for name in (WEIGHTS, CARD, METRICS)]
    return max((file.stat().st_mtime_ns for file in files if file.is_file()), default=0)

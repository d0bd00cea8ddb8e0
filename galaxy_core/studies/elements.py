"""Which element of a galaxy do runs look at: heat on bulge, bar, arms and the rest over freshly rendered galaxies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from galaxy_core.data.classes import GALAXY10
from galaxy_core.data.hdf5_checks import opened
from galaxy_core.data.inventory import MOCK_VERSION
from galaxy_core.data.mock import make_mock_galaxies
from galaxy_core.errors import BadValueError, GalaxyError, quoted
from galaxy_core.images.view import View
from galaxy_core.maps.cells import refuse_coarse
from galaxy_core.maps.elements import PARTS, element_shares
from galaxy_core.maps.focus import null_maps
from galaxy_core.maps.galaxy_mask import find_galaxy
from galaxy_core.metrics.resample import Estimate, ratio_estimates, verdict_above
from galaxy_core.results.records import ELEMENTS, Record, estimate_from, keep, kept_of, made_of
from galaxy_core.results.table import TableRow, table_rows
from galaxy_core.runs.run import CONFIG, Run, list_runs
from galaxy_core.studies.charts import over_share
from galaxy_core.studies.shown import OpenLineup, Progress, Shown, by_view, open_lineup, show
from galaxy_core.studies.study import HEAT, Asked, Figure, Row, Study, measured, span_in_words

if TYPE_CHECKING:
    from pandas import DataFrame

N_GALAXIES, SEED = 200, 770_001
FEWEST = 3  # galaxies of a class that have the element; below this there is no value worth printing
ALL = "all"
COLUMNS = (
    *("run", "policy", "imagenet_percent", "seed", "class", "element", "n", "enrichment", "low", "high"),
    *("brightness", "minus_brightness", "minus_low", "minus_high"),
)


@dataclass(frozen=True)
class ElementHeat:
    """Heat on one element over the galaxies of one class (or all) that have it: share of heat over share of area.

    `brightness` is the same of the brightness at the map's cells, `beyond` the first minus the second.
    """

    setting: TableRow
    class_name: str
    element: str
    enrichment: Estimate
    brightness: Estimate
    beyond: Estimate

    def row(self) -> tuple[Any, ...]:
        """One tuple of COLUMNS."""
        own, value, beyond = self.setting, self.enrichment.to_json(), self.beyond.to_json()
        return (
            *(own.run, own.policy, own.imagenet_percent, own.seed, self.class_name, self.element),
            *(value[name] for name in ("n", "value", "low", "high")),
            self.brightness.to_json()["value"],
            *(beyond[name] for name in ("value", "low", "high")),
        )

    @property
    def preference(self) -> str:
        """Whether the heat prefers the element to the rest of the image: confirmed, refuted or undecided."""
        return verdict_above(self.enrichment, 1.0)

    @property
    def beyond_brightness(self) -> str:
        """Whether it does so more than the light of the element explains, in the same words."""
        return verdict_above(self.beyond, 0.0)


@dataclass(frozen=True, eq=False)
class _Rendered:
    """Mock galaxies: images uint8 (N, 256, 256, 3), labels (N,), masks uint16 (N, 256, 256)."""

    images: np.ndarray
    labels: np.ndarray
    masks: np.ndarray


def study_elements(
    runs: Sequence[Run],
    *,
    n_galaxies: int = N_GALAXIES,
    seed: int = SEED,
    lineup_of: OpenLineup = open_lineup,
    progress: Progress | None = None,
) -> list[ElementHeat]:
    """Enrichment of every run on every element, over all galaxies and over each class, kept in its run folder.

    Class-centred maps of the true class, so that the bar of a barred spiral is asked for "barred". The galaxies
    are rendered from `seed`; BadValueError where a run's own mock galaxies came from it, or where its maps are too
    coarse. Shares are of what a run sees.
    """
    refuse_coarse(runs)
    for run in runs:
        _refuse_other_classes(run)
        _refuse_own_seed(run, seed)
    made = _render(n_galaxies, seed)
    shares: dict[str, list[np.ndarray]] = {run.name: [] for run in runs}
    for view, members in by_view(runs).items():
        names = [run.name for run in members]
        for shown in show(lineup_of(members), made.images, made.labels, np.arange(n_galaxies), progress):
            for name, rows in _shares(shown, made.masks, view, names):
                shares[name].append(rows)
    found = []
    for setting in table_rows(runs):
        heats = list(_heats(setting, np.stack(shares[setting.run]), made.labels))
        found += heats
        run = next(run for run in runs if run.name == setting.run)
        lines = [dict(zip(COLUMNS[4:], heat.row()[4:], strict=True)) for heat in heats]
        drawn = {"mock_galaxies": n_galaxies, "mock_seed": seed, "mock_version": MOCK_VERSION}
        head = {**drawn, **made_of(run)}
        keep(run, ELEMENTS, {**head, "heat": lines})
    return found


def heats_from(setting: TableRow, record: Record) -> list[ElementHeat]:
    """What the record of a run says of every element; errors as of `records.estimate_from`."""
    if record.get("mock_version", MOCK_VERSION) != MOCK_VERSION:
        raise ValueError("its galaxies were drawn otherwise than today")
    return [_heat_from(setting, line) for line in record["heat"]]


def _heat_from(setting: TableRow, line: Record) -> ElementHeat:
    n = line["n"]
    three = [
        {"value": line[value], "low": line.get(low), "high": line.get(high), "n": n}
        for value, low, high in (
            ("enrichment", "low", "high"),
            ("brightness", "", ""),
            ("minus_brightness", "minus_low", "minus_high"),
        )
    ]
    return ElementHeat(setting, str(line["class"]), str(line["element"]), *map(estimate_from, three))


def _shares(
    shown: Shown, masks: np.ndarray, view: View, runs: Sequence[str]
) -> Iterator[tuple[str, np.ndarray]]:
    """Each run and image: (3, 11) heat of the map, heat of the brightness, area, within what is seen."""
    square = view.square(masks.shape[1:])
    maps = {name: shown.maps_of(name, shown.labels, centred=True) for name in runs}
    for i, row in enumerate(shown.rows):
        image, mask = shown.images[i], find_galaxy(shown.images[i])
        for name in runs:
            own = maps[name][i]
            brightness = null_maps(image[square], mask, (own.shape[0], own.shape[1]))[1]
            heat, area = element_shares(np.stack([own, brightness]), masks[row][square])
            yield name, np.concatenate([heat, area[None]])


def _heats(setting: TableRow, shares: np.ndarray, labels: np.ndarray) -> Iterator[ElementHeat]:
    """shares (N, 3, 11): of all galaxies, then of each class, the elements that enough of them have."""
    groups = [(ALL, np.ones(len(labels), bool))]
    groups += [(GALAXY10[c], labels == c) for c in np.unique(labels)]
    for name, members in groups:
        heat, brightness, area = np.moveaxis(shares[members], 1, 0)
        rng = np.random.default_rng(0)
        three = [ratio_estimates(above, area, rng) for above in (heat, brightness, heat - brightness)]
        for element, own, null, beyond in zip(PARTS, *three, strict=True):
            if own.n >= FEWEST:
                yield ElementHeat(setting, name, element, own, null, beyond)


def _render(n_galaxies: int, seed: int) -> _Rendered:
    images = np.empty((n_galaxies, 256, 256, 3), np.uint8)
    labels, masks = np.empty(n_galaxies, np.int64), np.empty((n_galaxies, 256, 256), np.uint16)
    for i, galaxy in enumerate(make_mock_galaxies(n_galaxies, seed)):
        images[i], labels[i], masks[i] = galaxy.image, galaxy.label, galaxy.masks
    return _Rendered(images, labels, masks)


def _refuse_other_classes(run: Run) -> None:
    if run.classes != GALAXY10:
        raise BadValueError(
            f"{run.name} tells apart {quoted(str(run.classes))}, and the galaxies that are rendered for this question "
            "are of Galaxy10's classes; leave it out"
        )


def _refuse_own_seed(run: Run, seed: int) -> None:
    """Galaxies that a run was trained on show nothing; where its file is gone nobody can tell."""
    if any(file_seed_equals(own, seed) for own in _seeds_of(run, frozenset())):
        raise BadValueError(f"{run.name} was trained on mock galaxies of seed {seed}; choose another --seed")


def _seeds_of(run: Run, before: frozenset[str]) -> Iterator[object]:
    """Of all mock galaxies its weights have learned from: its file's, those added, and the same of its source."""
    card = run.card() if run.is_whole else {}
    yield _seed_of_file(run)
    for one in (card.get("data"), *_listed(card.get("before"))):
        mocks = one.get("mocks") if isinstance(one, dict) else None
        yield mocks.get("seed") if isinstance(mocks, dict) else None
    source = card.get("source")
    name = source.get("name") if isinstance(source, dict) else None
    earlier = next((one for one in list_runs() if one.name == name), None)
    if earlier is not None and earlier.name not in before | {run.name}:
        yield from _seeds_of(earlier, before | {run.name})


def _seed_of_file(run: Run) -> object:
    if run.is_source or not (run.path / CONFIG).is_file() or not Path(run.config.data).is_file():
        return None
    try:
        with opened(Path(run.config.data)) as file:
            return file.attrs.get("seed")
    except GalaxyError:
        return None


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def file_seed_equals(own: object, seed: int) -> bool:
    """Whether the attribute of a file, whatever it is, is this seed."""
    return isinstance(own, int | np.integer) and int(own) == seed


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """Heat over area on every element of rendered galaxies, over all of them and over each class."""
    n_galaxies = int(asked.options["mocks"])
    return tell([study_elements(asked.runs, n_galaxies=n_galaxies, progress=progress, **asked.serving)])


def tell(found: Iterable[Sequence[ElementHeat]]) -> Iterator[Row]:
    """The rows of the elements of each run."""
    for heat in chain.from_iterable(found):
        score = f"heat over area: {heat.element} of {heat.class_name}"
        yield measured(heat.setting.run, score, heat.enrichment)
        yield measured(heat.setting.run, f"{score}, minus that of the light", heat.beyond)


def sentence(frame: DataFrame) -> str:
    """Whether "barred" looks at the bar, and the bulge of all galaxies."""
    scores = ("heat over area: bar of Barred Spiral", f"heat over area: bulge of {ALL}")
    return " ".join(span_in_words(frame, score) for score in scores)


def chart(frame: DataFrame) -> Figure:
    """Heat over area of each element of all galaxies; 1 is no preference."""
    names = {f"heat over area: {element} of {ALL}": element for element in PARTS}
    return over_share(frame, names, "heat over area, 1 is no preference")


STUDY = Study(
    *("elements", 80, HEAT, "Which element of a galaxy is looked at?", rows, sentence, chart),
    options={"mocks": N_GALAXIES},
    needs_galaxies=False,
    of_maps=True,
    kept=lambda asked: kept_of(asked, ELEMENTS, heats_from),
    tell=tell,
    note="Share of the heat over share of the area: 1 where a map has no preference.",
    cited=("efron",),
)

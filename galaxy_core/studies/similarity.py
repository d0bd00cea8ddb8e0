"""What has training changed: linear CKA of each run with its source, layer by layer, below and above the cut.

Linear CKA is 1 where what one network makes of galaxies could be turned into the other's by rotating and scaling, 0
where they have nothing in common. A record lies with the run and is found by the weights and views of both networks,
the galaxies and the seed that drew of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from galaxy_core import __version__
from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.metrics.alignment import MOST_IMAGES, alignment_matrix
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.cut import cut_at, tap_at
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone
from galaxy_core.results.provenance import data_of
from galaxy_core.results.records import SIMILARITY, Kept, Record, keep, kept_of, weights_sha256
from galaxy_core.results.table import NO_SOURCE, TableRow, table_rows
from galaxy_core.runs.run import Run, find_run
from galaxy_core.serving.depths import PAPER_CUTS, Depths
from galaxy_core.serving.writer import Tensors
from galaxy_core.studies.charts import rows_of_cells
from galaxy_core.studies.sources.forecast import features_at
from galaxy_core.studies.sources.named import (
    NONE_TAKEN,
    mark_of_source,
    source_of,
    source_taken,
    sources_of,
    view_of,
)
from galaxy_core.studies.study import (
    TRUST,
    Asked,
    Figure,
    Progress,
    Row,
    Study,
    refused_in_words,
    share_of,
    span_in_words,
)
from galaxy_core.transfer.source import IMAGENET, Source

if TYPE_CHECKING:
    from pandas import DataFrame

Features = Mapping[str, np.ndarray]
View = tuple[int, int]

KEY = ("first_sha256", "second_sha256", "data_sha256", "first_view", "second_view", "seed")
BELOW, ABOVE = "mean below the cut", "mean above the cut"


def every_depth(backbone: Backbone) -> tuple[str, ...]:
    """The ends of the blocks and the layers at which the paper's rows are handed over: the places to compare at."""
    taps = {tap_at(backbone, cut).name for cut in PAPER_CUTS if cut}
    return tuple(layer.name for layer in backbone.layers if layer.name in {*backbone.ends_of_blocks, *taps})


@dataclass(frozen=True, eq=False)
class LayerAlignment:
    """Linear CKA float64 (L, L) of pooled features of two networks of one backbone: rows the first's layers, columns
    the second's. As a picture: x and y are `layers`, z is `values`, from 0 to 1.
    """

    backbone: Backbone
    layers: tuple[str, ...]
    values: np.ndarray
    n_images: int

    @property
    def _places(self) -> list[int]:
        names = [layer.name for layer in self.backbone.layers]
        return [names.index(layer) for layer in self.layers]

    @property
    def diagonal(self) -> np.ndarray:
        """Each layer with itself, float64 (L,)."""
        return np.diag(self.values)

    @property
    def percents(self) -> list[float]:
        """How many of the network's layers, in percent, lie at or below each: a cut from there on keeps it whole."""
        return [100 * (place + 1) / self.backbone.n_layers for place in self._places]

    def n_below(self, cut: float) -> int:
        """How many of the layers compared lie below a cut in [0, 1]."""
        n_layers = cut_at(self.backbone, cut).n_layers
        return sum(place < n_layers for place in self._places)

    def to_json(self) -> dict[str, Any]:
        """Plain values; None where a layer's features never change."""
        rows = [[None if math.isnan(value) else float(value) for value in row] for row in self.values]
        return {
            "backbone": self.backbone.name,
            "layers": list(self.layers),
            "values": rows,
            "n_images": self.n_images,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> LayerAlignment:
        """What `to_json` gave; KeyError, TypeError or ValueError for anything else."""
        backbone = get_backbone(str(values.get("backbone", DEFAULT_BACKBONE)))
        layers = tuple(values["layers"])
        table = np.array([[math.nan if v is None else v for v in row] for row in values["values"]])
        if (
            not layers
            or not set(layers) <= backbone.by_name.keys()
            or table.shape != (len(layers), len(layers))
        ):
            raise ValueError(
                f"{len(layers)} layers and a table of shape {table.shape} do not belong together"
            )
        if (
            not np.issubdtype(table.dtype, np.floating)
            or np.any(np.abs(table) > 1.5)
            or np.isinf(table).any()
        ):
            raise ValueError("an alignment lies between 0 and 1")
        return cls(backbone, layers, table.astype(np.float64), int(values["n_images"]))


def layer_features(
    backbone: Backbone,
    tensors: Tensors,
    galaxies: Galaxies,
    view: tuple[int, int],
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, np.ndarray]:
    """Features float32 (n, channels) at `every_depth`, of at most MOST_IMAGES galaxies that `seed` draws, the same for
    every network; averaged over the image, so that runs of other image sizes can be compared.

    view: crop and size in pixels. To be aligned with those of another network; so each is asked but once.
    """
    depths = Depths(backbone, tensors, every_depth(backbone))
    rows = np.sort(np.random.default_rng(seed).permutation(len(galaxies.labels))[:MOST_IMAGES])
    return features_at(depths, galaxies.images, rows, view, progress)


def align(backbone: Backbone, first: Features, second: Features) -> LayerAlignment:
    """The alignment of two networks from what `layer_features` made of them, at the same layers."""
    n_images = len(next(iter(first.values())))
    return LayerAlignment(backbone, tuple(first), alignment_matrix(first, second), n_images)


@dataclass(frozen=True, eq=False)
class Compared:
    """A run and the network it was compared with: its source, or the one that was asked for."""

    run: str
    other: str
    cut: float
    found: LayerAlignment


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """Every layer of each run that has a source, or against any network, and the means below and above its cut."""
    settings, networks = table_rows(asked.runs), _Networks(asked)
    if not networks.against:
        sources_of(settings)
    for k, row in enumerate(settings):
        other = networks.against or row.source
        if other == NO_SOURCE:
            asked.told.append(f"{row.run} took nothing from a source, so there is none to be like")
            continue
        with refused_in_words(asked.told):
            run, own = asked.run(row.run), share_of(progress, k, len(settings))
            found = networks.aligned(run, other, own)
            yield from tell([Compared(run.name, other, run.config.cut, found)])


def tell(every: Iterable[Compared]) -> Iterator[Row]:
    """The rows of each run."""
    for one in every:
        score = f"{WITH}{one.other}"
        values = [None if math.isnan(value) else float(value) for value in one.found.diagonal]
        for layer, percent, value in zip(one.found.layers, one.found.percents, values, strict=True):
            yield Row(one.run, f"{score}{AT}{layer} ({percent:.0f} %)", value)
        n_below = one.found.n_below(one.cut)
        for words, side in ((BELOW, values[:n_below]), (ABOVE, values[n_below:])):
            known = [value for value in side if value is not None]
            if known:
                yield Row(one.run, f"{score}, {words}", fmean(known))


class _Networks:
    """The features of what many runs are held against, so that each is asked but once a view."""

    def __init__(self, asked: Asked) -> None:
        self.against = str(asked.options["against"])
        self._galaxies = asked.galaxies
        self._opened: dict[str, Source] = {}
        self._known: dict[tuple[str, View], Features] = {}

    def aligned(self, run: Run, name: str, progress: Progress) -> LayerAlignment:
        """The run and the network of that name, which sees galaxies as the run does unless it is a run; kept."""
        if name not in self._opened or not self.against:
            self._opened[name] = source_of(name, run) if self.against else source_taken(name, run)
        other, view = self._opened[name], view_of(run)
        seen = view
        if self.against and name != IMAGENET and not find_run(name).is_source:
            seen = view_of(find_run(name))
        if (name, seen) not in self._known:
            self._known[name, seen] = self._features(other.backbone, dict(other.tensors), seen, progress)
        own = self._features(run.network, run.tensors(), view, progress)
        found = align(run.network, own, self._known[name, seen])
        marks = (weights_sha256(run), other.sha256, self._galaxies.sha256)
        if all(marks):
            names = {"galaxy_core": __version__, "first": run.name, "second": name}
            keep(run, SIMILARITY, {**names, **_key(*marks, view, seen), **found.to_json()}, KEY)
        return found

    def _features(self, backbone: Backbone, tensors: Tensors, view: View, progress: Progress) -> Features:
        return layer_features(backbone, tensors, self._galaxies, view, progress=progress)


def _key(first: str, second: str, data: str, first_view: View, second_view: View) -> dict[str, Any]:
    return dict(zip(KEY, (first, second, data, list(first_view), list(second_view), 0), strict=True))


def kept_similarity(asked: Sequence[tuple[Run, TableRow]]) -> Kept[Compared]:
    """What was kept of each run and its source; of a run without one the question cannot be asked."""
    own = {run.name: (run, row) for run, row in asked if row.source != NO_SOURCE}

    def read(row: TableRow, record: Record) -> Compared:
        return Compared(row.run, row.source, own[row.run][0].config.cut, LayerAlignment.from_json(record))

    def wanted(run: Run) -> Record:
        marks = (weights_sha256(run), mark_of_source(run), str(data_of(run).get("sha256")))
        return _key(*marks, view_of(run), view_of(run))

    return kept_of(own.values(), SIMILARITY, read, wanted) if own else Kept({}, unusable=(NONE_TAKEN,))


def sentence(frame: DataFrame) -> str:
    """What stayed below the cut, and what the last layer has become."""
    layers = [score for score in dict.fromkeys(frame.score) if AT in score]
    last = {score.split(AT)[0]: score for score in layers}
    below = [score for score in dict.fromkeys(frame.score) if score.endswith(BELOW)]
    return " ".join(span_in_words(frame, score) for score in (*below, *last.values()))


def chart(frame: DataFrame) -> Figure:
    """A row a run, a column a layer; a white line at the run's cut: left of it layers were taken over."""
    known = frame[frame.score.str.contains(AT)]
    layers = known.score.str.split(AT).str[1]
    percents = layers.str.extract(r"\((\d+) %\)$")[0].astype(float)
    is_below = percents <= known.percent.round()
    return rows_of_cells(known.assign(column=layers, is_below=is_below))


WITH, AT = "linear CKA with ", " at "

STUDY = Study(
    *("similarity", 120, TRUST, "What has training changed, layer by layer?", rows, sentence, chart),
    options={"against": ""},
    kept=kept_similarity,
    tell=tell,
    note="Linear CKA: 1 where what the run makes of galaxies is its source's but for rotation and scale, 0 where the "
    f"two have nothing in common. Unbiased, features averaged over the image, at most {MOST_IMAGES:,} galaxies. White "
    "line: the cut; left of it layers were taken over.",
    cited=("kornblith",),
)

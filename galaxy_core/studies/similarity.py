"""What has training changed: linear CKA of each run with its source, layer by layer, below and above the cut."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import fmean
from typing import TYPE_CHECKING

from galaxy_core.errors import BadValueError
from galaxy_core.networks.backbone import Backbone
from galaxy_core.results.records import weights_sha256
from galaxy_core.results.table import NO_SOURCE, TableRow, table_rows
from galaxy_core.runs.run import Run
from galaxy_core.serving.writer import Tensors
from galaxy_core.studies.charts import intervals
from galaxy_core.studies.sources.layers import Features, LayerAlignment, align, every_depth, layer_features
from galaxy_core.studies.sources.named import source_of, sources_of
from galaxy_core.studies.sources.similarity_record import keep_similarity, similarity_record
from galaxy_core.studies.study import TRUST, Asked, Figure, Progress, Row, Study, refused_in_words, share_of
from galaxy_core.transfer.source import Source

if TYPE_CHECKING:
    from pandas import DataFrame

View = tuple[int, int]


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """Every layer of each run that has a source, and the means below and above its cut."""
    settings, sources = table_rows(asked.runs), _Sources(asked)
    sources_of(settings)
    for k, row in enumerate(settings):
        if row.source == NO_SOURCE:
            asked.told.append(f"{row.run} took nothing from a source, so there is none to be like")
            continue
        with refused_in_words(asked.told):
            run, own = asked.run(row.run), share_of(progress, k, len(settings))
            yield from _similarity(run, row, sources.aligned(run, row.source, own))


def _similarity(run: Run, row: TableRow, found: LayerAlignment) -> Iterator[Row]:
    of = f"{row.run} and {row.source}"
    n_below = found.n_below(run.config.cut)
    values = [None if math.isnan(value) else float(value) for value in found.diagonal]
    for layer, value in zip(found.layers, values, strict=True):
        yield Row(of, f"linear CKA at {layer}", value)
    for words, side in (("below", values[:n_below]), ("above", values[n_below:])):
        known = [value for value in side if value is not None]
        if known:
            layers = "1 layer" if len(known) == 1 else f"{len(known)} layers"
            yield Row(of, f"linear CKA, mean of {layers} {words} the cut", fmean(known))


class _Sources:
    """The features of each source, which many runs are held against, so that each is asked but once a view."""

    def __init__(self, asked: Asked) -> None:
        self._galaxies = asked.galaxies
        self._opened: dict[str, Source] = {}
        self._known: dict[tuple[str, View], Features] = {}

    def aligned(self, run: Run, name: str, progress: Progress) -> LayerAlignment:
        """As `layers.compare_layers` with the source, which sees galaxies as the run does; kept with the run."""
        if name not in self._opened:
            self._opened[name] = source_of(name, run)
        source = self._opened[name]
        _require_same(run, source)
        view = (run.config.crop, run.config.image_size)
        if (name, view) not in self._known:
            self._known[name, view] = self._features(run.network, dict(source.tensors), view, progress)
        own = self._features(run.network, run.tensors(), view, progress)
        found = align(run.network, own, self._known[name, view])
        marks = ((run.name, weights_sha256(run)), (name, source.sha256))
        keep_similarity([run], similarity_record(*marks, self._galaxies.sha256, (view, view), found))
        return found

    def _features(self, backbone: Backbone, tensors: Tensors, view: View, progress: Progress) -> Features:
        depths = every_depth(backbone)
        return layer_features(backbone, tensors, self._galaxies, view, layers=depths, progress=progress)


def _require_same(run: Run, source: Source) -> None:
    """Refuse a source that is another one now than when the run was begun."""
    asked = run.card().get("source")
    begun = asked.get("sha256") if isinstance(asked, dict) else None
    if begun and source.sha256 and begun != source.sha256:
        raise BadValueError(
            f"{run.name} was begun from other weights than {source.name} has now, so what it kept cannot be told; "
            "train it again"
        )


def sentence(frame: DataFrame) -> str:
    """The means below and above the cut of each run."""
    means = frame[frame.score.str.contains(", mean of ")]
    return " ".join(f"{one.of}: {one.score} {one.value:.2f}." for one in means.itertuples())


def chart(frame: DataFrame) -> Figure:
    """The means below and above the cut of each run."""
    means = frame[frame.score.str.contains(", mean of ")]
    told = means.assign(score=means.score.str.split().str[-3])
    return intervals(told, ["below", "above"], "linear CKA with the source, mean of layers")


STUDY = Study("similarity", 120, TRUST, "What has training changed, layer by layer?", rows, sentence, chart)

"""What sources promised before training, how well that ranks the runs made of them, and what training has changed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import TYPE_CHECKING

from galaxy_core.errors import BadValueError
from galaxy_core.networks.backbone import Backbone
from galaxy_core.report.evidence.asked import (
    Answer,
    Asked,
    Progress,
    Row,
    command,
    refused_in_words,
    share_of,
)
from galaxy_core.results.table import NO_SOURCE, TableRow, table_rows

if TYPE_CHECKING:
    from galaxy_core.runs.run import Run
    from galaxy_core.serving.writer import Tensors
    from galaxy_core.studies.sources.forecast import Forecast
    from galaxy_core.studies.sources.layers import Features, LayerAlignment
    from galaxy_core.transfer.source import Source

View = tuple[int, int]
_NO_SOURCES = "none of these runs took layers from a source; name one that did"


def transferability(asked: Asked, progress: Progress) -> Answer:
    """Scores of the frozen features of each source at each cut, and how they rank the runs that took it over."""
    answer, rows = Answer(), table_rows(asked.runs)
    names = _sources(rows)
    if not names:
        raise BadValueError(_NO_SOURCES)
    for k, name in enumerate(names):
        with refused_in_words(answer.sentences):
            answer.rows += _forecast(name, rows, asked, share_of(progress, k, len(names)))
    return answer


def similarity(asked: Asked, progress: Progress) -> Answer:
    """Linear CKA of each run with its source, layer by layer, and the mean over those below and above the cut."""
    answer, rows, sources = Answer(), table_rows(asked.runs), _Sources(asked)
    if not _sources(rows):
        raise BadValueError(_NO_SOURCES)
    for k, row in enumerate(rows):
        if row.source == NO_SOURCE:
            answer.sentences.append(f"{row.run} took nothing from a source, so there is none to be like")
            continue
        with refused_in_words(answer.sentences):
            run, own = asked.run(row.run), share_of(progress, k, len(rows))
            answer.rows += _similarity(run, row, sources.aligned(run, row.source, own), asked)
    return answer


def _sources(rows: Sequence[TableRow]) -> list[str]:
    return list(dict.fromkeys(row.source for row in rows if row.source != NO_SOURCE))


def _forecast(name: str, rows: Sequence[TableRow], asked: Asked, progress: Progress) -> list[Row]:
    """The forecast of one source in the view of the runs made of it, and its rank correlations, policy by policy."""
    from galaxy_core.data.split import split_galaxies
    from galaxy_core.studies.sources.forecast_record import forecast_of, keep_forecast, measured_forecast

    galaxies, seed = asked.galaxies, asked.seed
    begun = asked.run(next(row.run for row in rows if row.source == name))
    view = _view(begun)
    split = split_galaxies(galaxies.labels, galaxies.ra, galaxies.dec, seed=seed)
    record = measured_forecast(_source(name, begun), galaxies, split, view, seed=seed, progress=progress)
    keep_forecast(record)
    seen = ("--crop", view[0], "--image-size", view[1])
    words = ("--source", name, *asked.data_words, *seen, *asked.seed_words)
    found = forecast_of(record)
    made = list(depth_rows(name, found, words))
    for policy in dict.fromkeys(row.policy for row in rows if row.source == name):
        # at a cut of 0 a run has no source: it is the row from which all sources start
        members = [row.run for row in rows if row.policy == policy and row.source in (name, NO_SOURCE)]
        made += rank_rows(f"{name} against {policy}", found, members, words, asked)
    return made


def depth_rows(name: str, found: Forecast, words: Sequence[object]) -> Iterator[Row]:
    """Every score of a source at every cut; `words` make `galaxy transferability` show them."""
    from galaxy_core.studies.sources.ranking import NAMES

    shown_by = command("transferability", *words, "--json")
    for one in found.depths:
        at = f"at a cut of {round(100 * one.cut)} %"
        neighbours = (one.neighbours, one.neighbours_low, one.neighbours_high)
        yield Row(name, f"{NAMES['neighbours']} {at}", *neighbours, shown_by)
        yield Row(name, f"{NAMES['probe']} {at}", one.probe, one.probe_low, one.probe_high, shown_by)
        yield Row(name, f"{NAMES['log_me']} {at}", one.log_me, None, None, shown_by)
        yield Row(name, f"{NAMES['h_score']} {at}", one.h_score, None, None, shown_by)
    if found.leep is not None:
        yield Row(name, "LEEP", found.leep, None, None, shown_by)


def rank_rows(
    of: str, found: Forecast, members: Sequence[str], words: Sequence[object], asked: Asked
) -> Iterator[Row]:
    """How each score ranks the runs of these names, where there are enough of them to rank."""
    from galaxy_core.studies.sources.ranking import NAMES, ranked

    against = [word for name in asked.names_of(members) for word in ("--against", name)]
    shown_by = command("transferability", *words, *against, "--json")
    for name, rank in ranked(found.depths, [asked.run(member) for member in members]).items():
        if rank["tau"] is not None:
            score = f"Kendall's tau of {NAMES[name]} with the accuracy of {rank['n']} rows"
            yield Row(of, score, rank["tau"], rank["low"], rank["high"], shown_by)
            yield Row(of, f"p of {NAMES[name]}", rank["p"], None, None, shown_by)


def _similarity(run: Run, row: TableRow, found: LayerAlignment, asked: Asked) -> Iterator[Row]:
    of = f"{row.run} and {row.source}"
    n_below = found.n_below(run.config.cut)
    values = [None if math.isnan(value) else float(value) for value in found.diagonal]
    is_below = [place < n_below for place in range(len(found.layers))]
    shown_by = command("similarity", row.run, row.source, *asked.data_words, "--json")
    for layer, value in zip(found.layers, values, strict=True):
        yield Row(of, f"linear CKA at {layer}", value, None, None, shown_by)
    own = asked.own_command("similarity", [row.run])
    for words, side in (("below", True), ("above", False)):
        known = [v for v, one in zip(values, is_below, strict=True) if one is side and v is not None]
        if known:
            layers = "1 layer" if len(known) == 1 else f"{len(known)} layers"
            score = f"linear CKA, mean of {layers} {words} the cut"
            yield Row(of, score, fmean(known), None, None, own)


class _Sources:
    """The features of each source, which many runs are held against, so that each is asked but once a view."""

    def __init__(self, asked: Asked) -> None:
        self._galaxies = asked.galaxies
        self._opened: dict[str, Source] = {}
        self._known: dict[tuple[str, View], Features] = {}

    def aligned(self, run: Run, name: str, progress: Progress) -> LayerAlignment:
        """As `layers.compare_layers` with the source, which sees galaxies as the run does; kept with the run."""
        from galaxy_core.results.records import weights_sha256
        from galaxy_core.studies.sources.layers import align
        from galaxy_core.studies.sources.similarity_record import keep_similarity, similarity_record

        if name not in self._opened:
            self._opened[name] = _source(name, run)
        source = self._opened[name]
        _require_same(run, source)
        view = _view(run)
        if (name, view) not in self._known:
            self._known[name, view] = self._features(run.network, dict(source.tensors), view, progress)
        own = self._features(run.network, run.tensors(), view, progress)
        found = align(run.network, own, self._known[name, view])
        marks = ((run.name, weights_sha256(run)), (name, source.sha256))
        keep_similarity([run], similarity_record(*marks, self._galaxies.sha256, (view, view), found))
        return found

    def _features(self, backbone: Backbone, tensors: Tensors, view: View, progress: Progress) -> Features:
        from galaxy_core.studies.sources.layers import every_depth, layer_features

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


def _source(name: str, run: Run) -> Source:
    from galaxy_core.transfer.source import load_source

    source = load_source(name, run.network)
    if source is None:
        raise BadValueError(
            f"there are no features to score in a source named {name}; name a run or imagenet"
        )
    return source


def _view(run: Run) -> View:
    return run.config.crop, run.config.image_size

"""Networks whose layers are compared: chosen runs and the sources they came from, and what was kept of each pair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import words.layers
import words.waiting
from catalogue import Entry
from state import is_imagenet_here

from galaxy_core.networks.backbone import Backbone
from galaxy_core.results.table import NO_SOURCE
from galaxy_core.runs.run import WEIGHTS, Run, list_runs
from galaxy_core.transfer.source import IMAGENET
from parts import waiting
from parts.shield import plain_errors
from parts.waiting import Step

if TYPE_CHECKING:
    import numpy as np

    from galaxy_core.data.galaxy10 import Galaxies
    from galaxy_core.studies.sources.layers import LayerAlignment

View = tuple[int, int]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Side:
    """One network: a run with its own view and cut, or a source (`run` is None for ImageNet), which has neither."""

    name: str
    network: Backbone
    run: Run | None
    view: View | None
    cut: float | None
    sha256: str
    """The mark of its weights; empty where there is none, and then nothing is kept of it."""

    @property
    def key(self) -> tuple[str, int]:
        """Which weights these are, without reading them."""
        return self.name, (self.run.path / WEIGHTS).stat().st_mtime_ns if self.run else 0

    def seen_as(self, other: "Side") -> View:
        """Crop and size in pixels; a source is shown galaxies as the other network is."""
        view = self.view or other.view
        assert view
        return view


def sides_of(entries: Sequence[Entry]) -> dict[str, Side]:
    """By name: the finished runs of the first's backbone and galaxies, then the sources that are here."""
    whole = [entry for entry in entries if entry.run.is_whole and entry.data().get("sha256")]
    runs = [entry for entry in whole if _alike(entry) == _alike(whole[0])]
    sides = {entry.name: _side(entry) for entry in runs}
    for entry in runs:
        source = source_of(entry)
        if source is not None:
            sides.setdefault(source.name, source)
    return sides


def _alike(entry: Entry) -> tuple[object, str]:
    return entry.data()["sha256"], entry.config.backbone


def source_of(entry: Entry) -> Side | None:
    """The source of a run as a network of its own; None where it has none or its weights are not here."""
    if entry.source == NO_SOURCE:
        return None
    if entry.source == IMAGENET:
        network = entry.config.network
        mark = _source_sha256(entry)
        return Side(IMAGENET, network, None, None, None, mark) if is_imagenet_here(network) else None
    run = next((run for run in list_runs() if run.name == entry.source and run.is_whole), None)
    if run is None:
        return None
    # a run that others start from is a network like any other, and sees galaxies in its own way
    view = None if run.is_source else (run.config.crop, run.config.image_size)
    return Side(run.name, run.network, run, view, None, _sha256(run))


def known_alignment(first: Side, second: Side, data_sha256: str) -> "LayerAlignment | None":
    """From the folder of either, or worked out here before."""
    from galaxy_core.studies.sources.similarity_record import kept_similarity

    folders = [side.run for side in (first, second) if side.run]
    kept = kept_similarity(folders, first.sha256, second.sha256, data_sha256, _views(first, second))
    return kept or waiting.known(_key(first, second, data_sha256))


def measured_alignments(
    pairs: Sequence[tuple[Side, Side]], data_sha256: str, path: Path
) -> "Mapping[Pair, LayerAlignment]":
    """All of these pairs, each network asked once; kept where there is a folder for it."""

    def make(step: Step) -> "Mapping[Pair, LayerAlignment]":
        from galaxy_core.data.galaxy10 import open_galaxies

        galaxies = open_galaxies(path, progress=step(words.waiting.OPENING))
        return {(one.name, other.name): _aligned(one, other, galaxies, step) for one, other in pairs}

    found = waiting.work(("alignments", *(_key(one, other, data_sha256) for one, other in pairs)), make)
    # what cannot be kept is shown all the same
    with plain_errors():
        for one, other in pairs:
            _keep(one, other, data_sha256, found[one.name, other.name])
    return found


def _aligned(first: Side, second: Side, galaxies: "Galaxies", step: Step) -> "LayerAlignment":
    from galaxy_core.studies.sources.layers import align

    of_first = _features(first, first.seen_as(second), galaxies, step)
    of_second = _features(second, second.seen_as(first), galaxies, step)
    return waiting.make_once(
        _key(first, second, galaxies.sha256), lambda: align(first.network, of_first, of_second)
    )


def _features(side: Side, view: View, galaxies: "Galaxies", step: Step) -> "Mapping[str, np.ndarray]":
    def make() -> "Mapping[str, np.ndarray]":
        from galaxy_core.studies.sources.layers import every_depth, layer_features
        from galaxy_core.transfer.source import load_source

        network = side.network
        tensors = side.run.tensors() if side.run else load_source(side.name, network).tensors
        progress = step(words.layers.LOOKING.format(name=side.name))
        depths = every_depth(network)
        return layer_features(network, tensors, galaxies, view, layers=depths, progress=progress)

    return waiting.make_once(("features", *side.key, *view, galaxies.sha256), make)


def _keep(first: Side, second: Side, data_sha256: str, found: "LayerAlignment") -> None:
    from galaxy_core.studies.sources.similarity_record import keep_similarity, similarity_record

    marks = ((first.name, first.sha256), (second.name, second.sha256))
    folders = [side.run for side in (first, second) if side.run]
    keep_similarity(folders, similarity_record(*marks, data_sha256, _views(first, second), found))


def _views(first: Side, second: Side) -> tuple[View, View]:
    return first.seen_as(second), second.seen_as(first)


def _key(first: Side, second: Side, data_sha256: str) -> waiting.Key:
    return "alignment", *first.key, *second.key, data_sha256, *first.seen_as(second), *second.seen_as(first)


def _side(entry: Entry) -> Side:
    view = (entry.config.crop, entry.config.image_size)
    return Side(entry.name, entry.config.network, entry.run, view, entry.config.cut, _sha256(entry.run))


def _sha256(run: Run) -> str:
    from galaxy_core.results.records import weights_sha256

    return weights_sha256(run)


def _source_sha256(entry: Entry) -> str:
    """Of the source that a run came from, as its card remembers it."""
    source = entry.run.card().get("source")
    return str(source.get("sha256") or "") if isinstance(source, dict) else ""

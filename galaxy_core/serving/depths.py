"""What a network makes of images at several depths: its features after one layer and another, whole or averaged.

One ONNX graph with an output a layer, so that all depths cost one pass and no training engine is needed. It reads
the backbone alone: a source without a head will do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.networks.backbone import Backbone, check_tensors
from galaxy_core.networks.cut import tap_at
from galaxy_core.serving.engine import start_session
from galaxy_core.serving.graph import table_proto
from galaxy_core.serving.lineup import Progress, at_once
from galaxy_core.serving.nodes import NodeTable
from galaxy_core.serving.writer import INPUT, Tensors, write_layers

PAPER_CUTS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


class Depths:
    """One network, opened after the layers `taps`, the deepest of which ends it.

    Tensors as in a checkpoint; of the head nothing is used. Errors: BadValueError for a layer that has no output
    of its own, BadFileError for tensors that do not fit.
    """

    def __init__(
        self, backbone: Backbone, tensors: Tensors, taps: Sequence[str], *, n_threads: int | None = None
    ) -> None:
        self.taps = tuple(dict.fromkeys(taps))
        table, values = _written(backbone, tensors, self.taps)
        for tap, value in values.items():
            means = table.node("GlobalAveragePool", [value], f"{tap}/mean")
            table.output(table.node("Flatten", [means], f"{tap}/flat"), _output(tap))
        axes = {_output(tap): ("N", backbone.get_layer(tap).channels) for tap in self.taps}
        self._session = start_session(table, table_proto(table, axes, weights_inside=False), n_threads)

    def pooled(
        self, images: np.ndarray, batch_size: int = 16, progress: Progress | None = None
    ) -> dict[str, np.ndarray]:
        """Features float32 (N, channels) of each tap, the mean over the cells, of images as the network takes them.

        images uint8 (N, S, S, 3), S 32 or more, at the size of the training view; N may be 0.
        """
        names = [_output(tap) for tap in self.taps]
        parts, n = [], min(batch_size, at_once(images.shape[1]))
        for start in range(0, max(len(images), 1), n):
            some = np.ascontiguousarray(images[start : start + n])
            parts.append(self._session.run(names, {INPUT: some}))
            if progress:
                progress(min(start + n, len(images)), len(images))
        return {
            tap: np.concatenate(made) for tap, made in zip(self.taps, zip(*parts, strict=True), strict=True)
        }


class FeatureMaps:
    """One network, opened after the layers `taps`, cell by cell: what a network that goes on from there is given.

    Tensors and errors as of `Depths`.
    """

    def __init__(
        self, backbone: Backbone, tensors: Tensors, taps: Sequence[str], *, n_threads: int | None = None
    ) -> None:
        self.taps = tuple(dict.fromkeys(taps))
        table, values = _written(backbone, tensors, self.taps)
        for tap, value in values.items():
            last = table.node("Transpose", [value], f"{tap}/channels_last", perm=[0, 2, 3, 1])
            table.output(last, _output(tap))
        axes = {_output(tap): ("N", "h", "w", backbone.get_layer(tap).channels) for tap in self.taps}
        self._session = start_session(table, table_proto(table, axes, weights_inside=False), n_threads)

    def of(self, images: np.ndarray) -> list[np.ndarray]:
        """Features float32 (N, h, w, channels) of each tap, in their order, in one pass, of images as the network
        takes them: uint8 (N, S, S, 3), S 32 or more.
        """
        made: list[np.ndarray] = self._session.run([*map(_output, self.taps)], {INPUT: images})
        return made


def taps_of(backbone: Backbone, cuts: Sequence[float] = PAPER_CUTS) -> dict[float, str]:
    """For each cut the layer at which a network frozen below it is handed over, `input` where nothing is frozen."""
    return {cut: tap_at(backbone, cut).name for cut in cuts}


def _written(backbone: Backbone, tensors: Tensors, taps: Sequence[str]) -> tuple[NodeTable, dict[str, str]]:
    """The layers up to the deepest of `taps` as nodes, and the name of the value of each tap."""
    _check_taps(backbone, taps)
    check_tensors(tensors, backbone.body_shapes, "the network", backbone.title)
    table = NodeTable()
    return table, dict(write_layers(table, backbone, tensors, taps))


def _output(tap: str) -> str:
    return f"depth/{tap}"


def _check_taps(backbone: Backbone, taps: Sequence[str]) -> None:
    if not taps:
        last = backbone.feature_layer
        raise BadValueError(f"features need a layer to be taken after, got none; {last} is the last one")
    for tap in taps:
        if backbone.get_layer(tap).kind == "zero_padding" or tap in backbone.norm_after_conv:
            raise BadValueError(
                f"no features are taken after {tap}, which is one with the layer after it; name that one"
            )

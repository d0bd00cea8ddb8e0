"""Two networks on the same galaxies, layer by layer: what stayed as it was, and what became something else."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import BadValueError
from galaxy_core.files.csv_text import csv_text
from galaxy_core.metrics.alignment import MOST_IMAGES, alignment_matrix
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.cut import cut_at, tap_at
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone
from galaxy_core.runs.run import Run
from galaxy_core.serving.depths import PAPER_CUTS, Depths
from galaxy_core.serving.writer import Tensors
from galaxy_core.studies.sources.forecast import features_at
from galaxy_core.transfer.source import Source

Progress = Callable[[int, int], None]
Features = Mapping[str, np.ndarray]

COLUMNS = ("first", "layer_of_first", "second", "layer_of_second", "alignment", "n_images")
SAME = 0.99
"""From here on two layers are said to make the same: two halves of 700 real galaxies differ by about 0.01."""


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

    def transposed(self) -> "LayerAlignment":
        """The same with the two networks in each other's place."""
        return LayerAlignment(self.backbone, self.layers, self.values.T, self.n_images)

    def only(self, layers: Sequence[str]) -> "LayerAlignment":
        """The same at fewer layers; those that were not compared are left out."""
        kept = [i for i, layer in enumerate(self.layers) if layer in layers]
        names = tuple(self.layers[i] for i in kept)
        return LayerAlignment(self.backbone, names, self.values[np.ix_(kept, kept)], self.n_images)

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
    def from_json(cls, values: Mapping[str, Any]) -> "LayerAlignment":
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


def compare_layers(
    first: Run,
    second: Run | Source,
    galaxies: Galaxies,
    *,
    layers: tuple[str, ...] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> LayerAlignment:
    """Show both the same galaxies, at most MOST_IMAGES drawn by `seed`, each in its own training view.

    Features are averaged over the image first, so that runs of other image sizes can be compared. A source is
    shown them as `first` is: it was made for other pictures. `layers`: the ends of the blocks where none are named.
    BadValueError for networks of two backbones, whose layers have no counterparts.
    """
    backbone, other = first.network, second.backbone if isinstance(second, Source) else second.network
    require_one_backbone(backbone, other)
    of_second = dict(second.tensors) if isinstance(second, Source) else second.tensors()
    made = []
    for place, (network, tensors, seen) in enumerate(
        zip((backbone, other), (first.tensors(), of_second), views_of(first, second), strict=True)
    ):

        def both(done: int, total: int, before: int = place) -> None:
            if progress:
                progress(before * total + done, 2 * total)

        made.append(layer_features(network, tensors, galaxies, seen, layers=layers, seed=seed, progress=both))
    return align(backbone, *made)


def require_one_backbone(first: Backbone, second: Backbone) -> None:
    """Refuse to compare the layers of two different networks."""
    if first.name != second.name:
        raise BadValueError(
            f"layers of {first.title} and of {second.title} have no counterparts; compare two of one backbone"
        )


def views_of(first: Run, second: Run | Source) -> tuple[tuple[int, int], tuple[int, int]]:
    """Crop and size in pixels in which each is shown galaxies; a source sees them as the run does."""
    view = (first.config.crop, first.config.image_size)
    if isinstance(second, Source):
        return view, view
    return view, (second.config.crop, second.config.image_size)


def layer_features(
    backbone: Backbone,
    tensors: Tensors,
    galaxies: Galaxies,
    view: tuple[int, int],
    *,
    layers: tuple[str, ...] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, np.ndarray]:
    """Features float32 (n, channels) of each layer, of the galaxies that `seed` draws, the same for every network.

    view: crop and size in pixels. To be aligned with those of another network; so each is asked but once.
    """
    depths = Depths(backbone, tensors, layers or backbone.ends_of_blocks)
    rows = np.sort(np.random.default_rng(seed).permutation(len(galaxies.labels))[:MOST_IMAGES])
    return features_at(depths, galaxies.images, rows, view, progress)


def align(backbone: Backbone, first: Features, second: Features) -> LayerAlignment:
    """The alignment of two networks from what `layer_features` made of them, at the same layers."""
    n_images = len(next(iter(first.values())))
    return LayerAlignment(backbone, tuple(first), alignment_matrix(first, second), n_images)


def stayed_in_words(found: LayerAlignment, first: str, second: str) -> str:
    """One sentence: up to which layer two networks make the same of galaxies, and how far they part above it."""
    diagonal, percents = found.diagonal, found.percents
    on = f"on {found.n_images:,} galaxies"
    if np.isnan(diagonal).all():
        return f"Neither {first} nor {second} tells these galaxies apart at any layer."
    is_same = np.append(diagonal >= SAME, False)
    n_same = int(np.argmin(is_same))
    last = (
        f"linear CKA {diagonal[-1]:.2f} at the last layer"
        if np.isfinite(diagonal[-1])
        else "nothing at the last"
    )
    if n_same == len(diagonal):
        least = float(diagonal.min())
        return f"{first} and {second} make the same of galaxies at every layer: linear CKA at least {least:.2f} {on}."
    lowest = int(np.nanargmin(diagonal))
    deepest = (
        ""
        if lowest == len(diagonal) - 1
        else (f", at its lowest {diagonal[lowest]:.2f} at {found.layers[lowest]} ({percents[lowest]:.0f} %)")
    )
    if n_same == 0:
        start = f"{first} and {second} differ from {found.layers[0]} ({percents[0]:.0f} %) on: {diagonal[0]:.2f} there"
        return f"{start}, {last}{deepest} {on}."
    same = f"up to {found.layers[n_same - 1]} ({percents[n_same - 1]:.0f} % of the layers)"
    return f"{first} and {second} make the same of galaxies {same}; above it they part: {last}{deepest} {on}."


def similarity_csv(found: Mapping[tuple[str, str], LayerAlignment]) -> str:
    """A line a pair of layers, of one or more pairs of networks by their names."""
    return csv_text(COLUMNS, _cells(found))


def _cells(found: Mapping[tuple[str, str], LayerAlignment]) -> Iterator[tuple[Any, ...]]:
    for (first, second), one in found.items():
        for (i, j), value in np.ndenumerate(one.values):
            number = None if math.isnan(value) else float(value)
            yield first, one.layers[i], second, one.layers[j], number, one.n_images

"""What the configuration in a file of Keras says of how it computes: data that is read, never a program that is run.

Only two things are asked of it: how images are scaled before the network, and the epsilons of batch normalisation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from galaxy_core.errors import BadFileError
from galaxy_core.networks.scaling import SCALINGS
from galaxy_core.transfer.weights.foreign import UNKNOWN_SCALING

MOST_BYTES = 4 * 2**20  # that of DenseNet-201 has 0.8 MB
LARGEST_EPSILON = 1.0


@dataclass(frozen=True)
class Told:
    """`scaling` by its name, None where no layer says it; `epsilons` of batch normalisation in the order of layers."""

    scaling: str | None = None
    epsilons: tuple[float, ...] = ()


def read_config(text: str | bytes, whose: str) -> Told:
    """What a configuration says; BadFileError where it is none."""
    if len(text) > MOST_BYTES:
        raise BadFileError(f"the configuration in {whose} has {len(text)} bytes; save it again")
    try:
        layers = list(_layers(json.loads(text)))
    except (ValueError, RecursionError) as error:
        raise BadFileError(f"the configuration in {whose} is no JSON; save it again") from error
    norms: list[Any] = [config.get("epsilon") for kind, config in layers if kind == "BatchNormalization"]
    are_known = all(_is_number(one) and 0 < one <= LARGEST_EPSILON for one in norms)
    shown = [config for kind, config in layers if kind == "Rescaling"]
    return Told(_scaling(shown), tuple(map(float, norms)) if are_known else ())


def _layers(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Class and settings of every layer, in order, those of models within models too."""
    if isinstance(value, dict):
        kind, config = value.get("class_name"), value.get("config")
        if isinstance(kind, str) and isinstance(config, dict):
            yield kind, config
        for inner in value.values():
            yield from _layers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _layers(inner)


def _scaling(layers: list[dict[str, Any]]) -> str | None:
    if not layers:
        return None
    scale, offset = (_three(layers[0].get(name, start)) for name, start in (("scale", 1.0), ("offset", 0.0)))
    if len(layers) > 1 or scale is None or offset is None:
        return UNKNOWN_SCALING
    for name, known in SCALINGS.items():
        if np.allclose(scale, known.factor, rtol=1e-3) and np.allclose(
            offset, known.term, rtol=1e-3, atol=1e-3
        ):
            return name
    return UNKNOWN_SCALING


def _three(value: Any) -> np.ndarray | None:
    """A number, or one for each channel; None where it is neither. New files write arrays as objects."""
    if isinstance(value, dict):
        inner = value.get("config")
        value = inner.get("value") if isinstance(inner, dict) else None
    values = value if isinstance(value, list) else [value] * 3
    return np.array(values, float) if len(values) == 3 and all(map(_is_number, values)) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9

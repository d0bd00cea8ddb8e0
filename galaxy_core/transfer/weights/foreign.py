"""What a stranger's file of weights comes to, whatever its format: tensors of one of our networks, and what was left.

It knows the tables of networks and no format.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod

import numpy as np

from galaxy_core.errors import BadFileError, quoted
from galaxy_core.networks.backbone import HEAD, Backbone, check_tensors
from galaxy_core.networks.layer import Layer
from galaxy_core.networks.registry import BACKBONES, DEFAULT_BACKBONE, get_backbone

HEAD_TENSORS = (f"{HEAD}/kernel", f"{HEAD}/bias")
UNKNOWN_SCALING = "unknown"
"""Where a file says how it is shown images, and that is no way that is known here."""


@dataclass(frozen=True)
class Asked:
    """What whoever brings a file says of it: `whose` names it in sentences, `backbone` its network (None: its shapes
    tell), `epsilon` is that of a batch normalisation before the dense layer. Without `needs_head` only the backbone is
    read, and what follows it is left out.
    """

    whose: str
    backbone: str | None = None
    epsilon: float | None = None
    needs_head: bool = True


@dataclass(frozen=True)
class Foreign:
    """Tensors named "<layer>/<weight>", float32: those of the backbone and, where the file has one, of the head.

    `format` says in words what the file is; `scaling` how images are shown to it, None where it does not say.
    `folded` are layers that are part of another now, `left_out` what is not used, both in words.
    """

    backbone: Backbone
    tensors: dict[str, np.ndarray]
    format: str = ""
    scaling: str | None = None
    folded: Sequence[str] = field(default_factory=list)
    left_out: Sequence[str] = field(default_factory=list)

    @property
    def n_outputs(self) -> int:
        """How many classes its head tells apart; 0 where it has none."""
        return len(self.tensors.get(HEAD_TENSORS[1], ()))

    def body(self) -> Foreign:
        """The same without the head, which is told to be left out."""
        kept = {name: values for name, values in self.tensors.items() if name not in HEAD_TENSORS}
        told = [f"the dense layer of {self.n_outputs} outputs"] if self.n_outputs else []
        return replace(self, tensors=kept, left_out=[*self.left_out, *told])


def which_backbone(shapes: Iterable[Sequence[int]], asked: str | None) -> Backbone:
    """The network whose convolutions have kernels of these shapes, in whatever order of axes; the one asked for goes
    first, and the default is named where none has, so that the first tensor that does not fit is named.
    """
    if asked is not None:
        return get_backbone(asked)
    sizes = sorted(prod(shape) for shape in shapes if len(shape) == 4)
    known = {name: sorted(map(prod, _kernels(get_backbone(name)))) for name in BACKBONES}
    same = [name for name, theirs in known.items() if theirs == sizes]
    as_many = [name for name, theirs in known.items() if len(theirs) == len(sizes)]
    return get_backbone((*same, *as_many, DEFAULT_BACKBONE)[0])


def _kernels(backbone: Backbone) -> list[tuple[int, ...]]:
    return [shape for shape in backbone.body_shapes.values() if len(shape) == 4]


def checked(tensors: Mapping[str, np.ndarray], backbone: Backbone, whose: str) -> dict[str, np.ndarray]:
    """The tensors in the order of the network, float32; BadFileError for the first that is missing, of another shape,
    or not finite. A head may be lacking, but not half of it.
    """
    expected = dict(backbone.body_shapes)
    if heads := [tensors[name] for name in HEAD_TENSORS if name in tensors]:
        expected = backbone.tensor_shapes(heads[0].shape[-1] if heads[0].ndim else 0)
    check_tensors(tensors, expected, whose, f"{backbone.title}, or name another network with --backbone")
    found = {}
    for name in expected:
        found[name] = np.ascontiguousarray(tensors[name], np.float32)
        if not np.isfinite(found[name]).all():
            raise BadFileError(f"tensor {name} of {whose} holds values that are not finite; train it again")
    return found


def with_epsilons(
    tensors: Mapping[str, np.ndarray], backbone: Backbone, theirs: Sequence[float]
) -> dict[str, np.ndarray]:
    """The tensors as they must be where batch normalisation adds our epsilon and not `theirs`, one for each layer in
    the order of the network or one for all: what is added more to the variance is taken off it before.
    """
    norms = [layer for layer in backbone.layers if layer.kind == "batch_norm"]
    each = list(theirs) if len(theirs) > 1 else list(theirs) * len(norms)
    return {**tensors, **dict(_shifted(tensors, backbone, norms, each))}


def _shifted(
    tensors: Mapping[str, np.ndarray], backbone: Backbone, norms: Sequence[Layer], theirs: Sequence[float]
) -> Iterable[tuple[str, np.ndarray]]:
    for layer, epsilon in zip(norms, theirs, strict=False):
        if (name := f"{layer.name}/moving_variance") in tensors and epsilon != backbone.batch_norm_epsilon:
            more = epsilon - backbone.batch_norm_epsilon
            yield name, (tensors[name].astype(np.float64) + more).astype(np.float32)


def no_head(whose: str) -> BadFileError:
    """The refusal of a file that tells no classes apart where a classifier is wanted."""
    return BadFileError(
        f"{whose} has no dense layer after the network, so it tells no classes apart; take it as a source with "
        "`galaxy sources import`"
    )


def refuse_strange(name: str, backbone: Backbone, whose: str) -> BadFileError:
    """The refusal of a tensor that the network has not."""
    return BadFileError(
        f"{whose} holds the tensor {quoted(name)}, which {backbone.title} with one dense layer has not; use weights "
        "of that network alone"
    )

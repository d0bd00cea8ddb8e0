"""The named policies: what starts from where on each side of the cut, and what is frozen.

The names are those of the literature. This module must not know Keras, nor where a source comes from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from galaxy_core.errors import BadValueError, quoted
from galaxy_core.networks.backbone import Backbone, check_tensors
from galaxy_core.networks.cut import cut_at
from galaxy_core.networks.initial import random_tensor

Origin = Literal["source", "random"]


@dataclass(frozen=True)
class Policy:
    """Origin of the layers on each side of the cut; `freezes` says whether those below it are frozen."""

    name: str
    below: Origin
    above: Origin
    freezes: bool
    known_as: str
    sentence: str
    reading: str  # what 1 - cut, which the slider shows, means under this policy


_TRAINABLE = "the trainable fraction: the share of layers above the cut, which are the ones that train"

POLICIES: dict[str, Policy] = {
    policy.name: policy
    for policy in (
        Policy(
            "scratch",
            below="random",
            above="random",
            freezes=False,
            known_as="baseline",
            sentence="Every layer starts from random weights and trains; nothing is transferred.",
            reading="nothing: every layer is random and trains, wherever the cut lies",
        ),
        Policy(
            "transfer_frozen",
            below="source",
            above="random",
            freezes=True,
            known_as="AnB (Yosinski et al. 2014)",
            sentence="Layers below the cut come from the source and are frozen; those above start at random.",
            reading=_TRAINABLE,
        ),
        Policy(
            "freeze_prefix",
            below="source",
            above="source",
            freezes=True,
            known_as="partial fine-tuning; full fine-tuning at cut 0, linear probe at cut 1",
            sentence="Every layer comes from the source; below the cut all are frozen, above it fine-tuned.",
            reading=_TRAINABLE,
        ),
        Policy(
            "transfer_tuned",
            below="source",
            above="random",
            freezes=False,
            known_as="AnB+ (Yosinski et al. 2014)",
            sentence="Layers below the cut come from the source, those above start at random; all train.",
            reading="the share of layers that start at random; every layer trains",
        ),
        Policy(
            "random_frozen",
            below="random",
            above="random",
            freezes=True,
            known_as="random-feature control",
            sentence="Layers below the cut are random and stay so; those above start at random and train.",
            reading=_TRAINABLE,
        ),
    )
}
DEFAULT_POLICY = "transfer_frozen"


def get_policy(name: str | Policy) -> Policy:
    """The policy of this name (a `Policy` is returned as it is); `BadValueError` names the choices."""
    if isinstance(name, Policy):
        return name
    if name not in POLICIES:
        raise BadValueError(
            f"policy must be one of {', '.join(POLICIES)}, got {quoted(name)}; choose one of them"
        )
    return POLICIES[name]


def taken_percent(policy: str | Policy, percent: int) -> int:
    """Percent of the layers that start from the source, where `percent` of them lie below the cut."""
    chosen = get_policy(policy)
    return (percent if chosen.below == "source" else 0) + (100 - percent if chosen.above == "source" else 0)


def taken_in_words(policy: str | Policy, percent: int) -> str:
    """`20 % taken over and frozen`, `100 % taken over, nothing frozen`: what a cut means under a policy."""
    taken, frozen = taken_percent(policy, percent), percent if get_policy(policy).freezes else 0
    if taken == frozen:
        return f"{taken} % taken over and frozen" if taken else "nothing taken over"
    return f"{taken or 'nothing'}{' %' if taken else ''} taken over, {f'{frozen} %' if frozen else 'nothing'} frozen"


def frozen_layers(backbone: Backbone, policy: str | Policy, cut: float) -> frozenset[str]:
    """Names of the layers with tensors that never change in training; empty where nothing is frozen."""
    below = cut_at(backbone, cut).below
    if not get_policy(policy).freezes:
        return frozenset()
    return frozenset(layer.name for layer in below if layer.weights)


def needs_source(policy: str | Policy, cut: float) -> bool:
    """Whether any tensor comes from the source: `transfer_*` at cut 0 is `scratch` and needs none."""
    chosen = get_policy(policy)
    return (chosen.below == "source" and cut > 0) or (chosen.above == "source" and cut < 1)


def needs_calibration(policy: str | Policy, cut: float = 1.0) -> bool:
    """Whether frozen batch normalisation holds made-up statistics, to be estimated once on training images.

    A random prefix that is frozen with mean 0 and variance 1 lets its features collapse.
    """
    chosen = get_policy(policy)
    return chosen.below == "random" and chosen.freezes and cut > 0


def source_tensors(backbone: Backbone, policy: str | Policy, cut: float) -> frozenset[str]:
    """Names of the tensors that are copied from the source; the head never is."""
    chosen = get_policy(policy)
    below = {name for layer in cut_at(backbone, cut).below for name in layer.weights}
    above = set(backbone.body_shapes) - below
    return frozenset(
        (below if chosen.below == "source" else set()) | (above if chosen.above == "source" else set())
    )


def initial_tensors(
    backbone: Backbone,
    n_classes: int,
    policy: str | Policy,
    cut: float,
    seed: int,
    source: Mapping[str, np.ndarray] | None,
) -> dict[str, np.ndarray]:
    """Every tensor of the classifier before the first step of training, float32, in the order of the network.

    Those of the source are its bits (widened if it holds float16); a random tensor depends on the seed and
    its own name alone, so runs with different cuts start from the same values wherever both are random. The
    head is always fresh.

    Raises `BadValueError` if a source is needed and None is given, `BadFileError` naming the first tensor
    that the source lacks or holds in another shape.
    """
    copied = source_tensors(backbone, policy, cut)
    shapes = backbone.tensor_shapes(n_classes)
    if copied:
        if source is None:
            raise BadValueError(
                f"policy {get_policy(policy).name} at cut {cut:g} needs source weights, got none; "
                "name a source (imagenet, or a run), or use policy scratch"
            )
        wanted = {name: shape for name, shape in shapes.items() if name in copied}
        check_tensors(source, wanted, "the source", backbone.title)
    return {
        name: np.array(source[name], dtype=np.float32, order="C")
        if source is not None and name in copied
        else random_tensor(name, shape, seed)
        for name, shape in shapes.items()
    }

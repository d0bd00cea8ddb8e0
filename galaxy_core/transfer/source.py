"""Where transferred weights come from: ImageNet, another run, or the shipped source; always named.

Knows the run folders and the ImageNet file; nothing about policies.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from galaxy_core.errors import BadValueError, GalaxyError, MissingError
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.policy import needs_source
from galaxy_core.runs.borrowed import IMAGENET
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import Run, find_run, list_runs

AUTO, NONE = "auto", "none"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Source:
    """Weights to transfer: name, backbone, the tensors by "<layer>/<weight>", and the sha256 of their file."""

    name: str
    backbone: Backbone
    tensors: Mapping[str, np.ndarray]
    sha256: str


def settle_source(config: TrainConfig, say: Say = lambda sentence: None) -> TrainConfig:
    """The config with its source by name and images shown as that source is shown them; `say` is told which, and why.

    What takes nothing over has the source `none`. Errors as of `resolve_source`.
    """
    if not needs_source(config.policy, config.cut):
        return replace(config, source=NONE)
    name = resolve_source(config.source, config.network, say)
    return replace(config, source=name, scaling=scaling_of(name))


def scaling_of(source: str) -> str | None:
    """How images are shown to what starts from that source; None: in the way of its backbone."""
    return None if source in (AUTO, IMAGENET, NONE) else find_run(source).network.preprocessing.name


def resolve_source(name: str, backbone: Backbone, say: Say = lambda sentence: None) -> str:
    """The name of a source that is to be had here and now, for a training that needs one.

    `auto` takes ImageNet where it is cached or can be fetched, else the shipped source; `say` is told which and
    why. Every other name is returned as it is. Errors: MissingError when it is not to be had (for `imagenet` what
    fetching it raises), BadValueError for `none`.
    """
    if name != AUTO:
        _require(name, backbone)
        return name
    reason = _fetch_imagenet(backbone)
    if reason is None:
        say(f"source: ImageNet weights of {backbone.title}")
        return IMAGENET
    shipped = shipped_source(backbone)
    if shipped is None:
        raise MissingError(
            f"no source of weights for {backbone.title}: {reason}; name a run with --source RUN or use --policy scratch"
        )
    say(f"source: {shipped.name}, shipped with the project, because ImageNet weights are not to be had here")
    return shipped.name


def load_source(name: str, backbone: Backbone, say: Say = lambda sentence: None) -> Source | None:
    """The weights of that name, None for `none`; `say` is told what `auto` takes.

    Errors: MissingError when they are not to be had.
    """
    if name == NONE:
        return None
    if name == IMAGENET:
        from galaxy_core.transfer.imagenet import imagenet_weights

        tensors, sha256 = imagenet_weights(backbone)
        return Source(name, backbone, tensors, sha256)
    if name == AUTO:
        return load_source(resolve_source(name, backbone, say), backbone)
    run = _finished(name, backbone)
    return Source(name, run.network, run.tensors(), str(run.card().get("weights_sha256", "")))


def licence_from(source: str, backbone: Backbone) -> str:
    """What the card of a network says of its licence that took over weights from that source, changed or not."""
    if source == IMAGENET:
        return f"as of its source, the ImageNet weights of {backbone.title}: {backbone.published.licence}"
    card = next((run.card() for run in list_runs() if run.name == source and run.is_whole), {})
    return str(card.get("licence") or f"as of its source {source}: {card.get('terms') or 'none stated'}")


def shipped_source(backbone: Backbone) -> Run | None:
    """The source of this network that came with the project, if one did."""
    for run in list_runs():
        if run.is_shipped and run.is_whole and run.is_source and run.network.name == backbone.name:
            return run
    return None


def _require(name: str, backbone: Backbone) -> None:
    """Refuse a source that is not to be had before anything is made or trained."""
    if name == NONE:
        raise BadValueError(
            "source must name weights where the policy takes layers from them, got none; "
            "name a run or imagenet, or use --policy scratch"
        )
    if name == IMAGENET:
        from galaxy_core.transfer.imagenet import imagenet_weights

        imagenet_weights(backbone)
    else:
        _finished(name, backbone)


def _finished(name: str, backbone: Backbone) -> Run:
    run = find_run(name)
    if not run.is_whole:
        raise MissingError(
            f"run {name} has no whole checkpoint yet to be a source; "
            f"finish it with `galaxy train --run {name}` first"
        )
    if run.network.name != backbone.name:
        raise BadValueError(
            f"source {name} holds weights of {run.network.title}, the training wants {backbone.title}; "
            "name a source of that network or choose the other backbone"
        )
    return run


def _fetch_imagenet(backbone: Backbone) -> str | None:
    """None when the ImageNet weights are here now, else the reason why not."""
    from galaxy_core.transfer.imagenet import imagenet_weights

    try:
        imagenet_weights(backbone)
    except GalaxyError as error:
        return str(error)
    return None

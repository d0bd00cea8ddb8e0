"""Weights of a stranger become a run folder: a source to start from, or, with a head, a classifier.

What the file does not say, how images are shown and in which order the classes are, is taken by a default that is
told, or as whoever brings it says. The card keeps all of it, and where the weights came from.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from galaxy_core.data.classes import GALAXY10, Classes, plain_name
from galaxy_core.errors import BadFileError, BadValueError, printable, quoted
from galaxy_core.files.atomic import atomic_folder, write_text_atomically
from galaxy_core.files.download import file_digest
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.scaling import IN_WORDS, SCALINGS, check_scaling, scaled
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.pretrain_config import KIND as SOURCE
from galaxy_core.runs.run import CARD, CONFIG, HISTORY, METRICS, WEIGHTS, Run, free_folder
from galaxy_core.runs.status import Status, write_status
from galaxy_core.transfer.source import AUTO, IMAGENET, NONE
from galaxy_core.transfer.weights.foreign import HEAD_TENSORS, UNKNOWN_SCALING, Foreign
from galaxy_core.transfer.weights.formats import read_foreign

GALAXY10_ORDER, SORTED_ORDER = "galaxy10", "galaxy10-sorted"
"""Words for Galaxy10's classes: in its own order, and by name, as readers of folders of images give them."""


@dataclass(frozen=True)
class Imported:
    """The run, and in words what its weights were taken as."""

    run: Run
    taken_as: str


def import_source(
    path: Path,
    name: str,
    *,
    called: str | None = None,
    backbone: str | None = None,
    scaling: str | None = None,
) -> Imported:
    """A source of the weights in a file of any known format; its head, if it has one, is left out.

    `called` is the file's name as its owner knows it. Errors: BadFileError naming the first tensor or layer that does
    not fit, BadValueError for a name that is taken or another scaling than there is; then no run is made.
    """
    if name in (AUTO, IMAGENET, NONE):
        raise BadValueError(f"{name} means something else as a source; give this one another name")
    found = read_foreign(path, called=called, backbone=backbone, needs_head=False)
    network = scaled(found.backbone, _scaling(found, scaling))
    card = {"kind": SOURCE, "policy": "scratch", "cut": 0.0, "trainable": 1.0, "source": None, "data": None}
    run = _make(name, path, called, replace(found, backbone=network), card, {})
    return Imported(run, _in_words(found, network, scaling))


def import_classifier(
    path: Path,
    name: str,
    config: TrainConfig,
    *,
    called: str | None = None,
    backbone: str | None = None,
    scaling: str | None = None,
    classes: Sequence[str] | str | None = None,
    data_classes: Classes | None = None,
    epsilon: float | None = None,
) -> Imported:
    """A finished run of the weights in a file of any known format; `config` says how it was trained.

    `classes` names its outputs in order (or is a word for Galaxy10's, see above); where they are not given they are
    `data_classes`, those of the galaxies it was trained on, or Galaxy10's. `epsilon` is that of a batch normalisation
    before the dense layer. Nothing of how it did is known, so it has no history and no test numbers. Errors as of
    `import_source`.
    """
    found = read_foreign(path, called=called, backbone=backbone, epsilon=epsilon)
    wanted, order = order_of(found.n_outputs, classes, data_classes)
    head = {tensor: np.ascontiguousarray(found.tensors[tensor][..., order]) for tensor in HEAD_TENSORS}
    config = replace(config, backbone=found.backbone.name, scaling=_scaling(found, scaling), classes=wanted)
    found = replace(found, backbone=config.network, tensors={**found.tensors, **head})
    names = ("policy", "cut", "trainable", "crop", "image_size")
    card = {
        "kind": "classifier",
        **{one: getattr(config, one) for one in names},
        "source": {"name": config.source, "sha256": ""},
        "classes": list(wanted),
        "map_cells": config.network.map_cells(config.image_size),
        "data": {"origin": "imported"},
    }
    run = _make(name, path, called, found, card, {CONFIG: config.to_json(), METRICS: {}})
    words = (
        f"{_in_words(found, config.network, scaling)}, {_order_in_words(wanted, classes)}, a view of {config.crop} px "
        f"at {config.image_size} px, {config.policy} with {config.imagenet_percent} % of {config.source}"
    )
    return Imported(run, words)


def order_of(
    n_outputs: int, told: Sequence[str] | str | None, of_data: Classes | None = None
) -> tuple[Classes, list[int]]:
    """The classes of the run, and for each the output of the file; BadValueError where they are not told well."""
    if n_outputs < 2:
        raise BadValueError(
            "the file has one output, and a network here has one for each class; train it with a dense layer of "
            "two, or take the weights as a source with `galaxy sources import`"
        )
    if told is None:
        return _unnamed(n_outputs, of_data)
    given = _named(told)
    if len(given) != n_outputs:
        raise BadValueError(
            f"the file tells {n_outputs} classes apart, and {len(given)} are named; name each output once, in order"
        )
    names = [plain_name(name) for name in given]
    wanted = of_data or GALAXY10
    known = [plain_name(name) for name in wanted]
    if sorted(names) == sorted(known):
        return wanted, [names.index(name) for name in known]
    if of_data is not None or (set(names) & set(known) and n_outputs == len(known)):
        wrong = next(name for name in given if plain_name(name) not in known)
        raise BadValueError(
            f"the classes must be each of {quoted(str(wanted))} once, {quoted(wrong)} is none"
        )
    return given, list(range(n_outputs))


def _unnamed(n_outputs: int, of_data: Classes | None) -> tuple[Classes, list[int]]:
    wanted = of_data or GALAXY10
    if len(wanted) != n_outputs:
        raise BadValueError(
            f"the file tells {n_outputs} classes apart and does not name them, and "
            f"{'the galaxies have' if of_data else 'Galaxy10 has'} {len(wanted)}; name them in the order of the "
            "outputs with --classes A,B,C, or take the weights as a source with `galaxy sources import`"
        )
    return wanted, list(range(n_outputs))


def _named(told: Sequence[str] | str) -> Classes:
    if told == GALAXY10_ORDER:
        return GALAXY10
    if told == SORTED_ORDER:
        return Classes(sorted(GALAXY10))
    return Classes([name.strip() for name in (told.split(",") if isinstance(told, str) else told)])


def _scaling(found: Foreign, asked: str | None) -> str:
    """The one asked for, else what the file says, else that of the network's own ImageNet weights."""
    if asked is not None:
        return check_scaling(asked)
    if found.scaling == UNKNOWN_SCALING:
        raise BadFileError(
            f"the file scales images in a layer of its own that is none of {', '.join(SCALINGS)}; save the network "
            "without that layer, or say the nearest with --scaling"
        )
    return found.scaling or found.backbone.preprocessing.name


def _in_words(found: Foreign, network: Backbone, asked: str | None) -> str:
    said = "" if asked else " (as the file says)" if found.scaling else " (as its ImageNet weights)"
    return f"{found.format} of {network.title}, {IN_WORDS[network.preprocessing.name]}{said}"


def _order_in_words(classes: Classes, told: Sequence[str] | str | None) -> str:
    if told is not None:
        return f"outputs ordered as told ({_named(told)})"
    return f"outputs in the order of {'Galaxy10' if classes == GALAXY10 else f'the galaxies ({classes})'}"


def _make(
    name: str,
    path: Path,
    called: str | None,
    found: Foreign,
    card: Mapping[str, object],
    others: Mapping[str, Mapping[str, object]],
) -> Run:
    """The folder, whole or not there; the card is the last file of it."""
    folder = free_folder(name)
    file_name = printable(called or path.name)
    origin = {"file": file_name, "sha256": file_digest(path, "sha256"), "format": found.format}
    try:
        with atomic_folder(folder) as making:
            for other, values in others.items():
                _write_json(making, other, values)
            # the same file in another scaling is another network: nothing kept of the one may pass for the other's
            scaling = {"scaling": found.backbone.preprocessing.name}
            sha256 = write_tensors(making / WEIGHTS, found.tensors, scaling)
            write_text_atomically(making / HISTORY, "")
            about = {
                "name": name,
                **card,
                "backbone": found.backbone.name,
                "preprocessing": found.backbone.preprocessing.told(),
                "loaded_from": origin,
                "folded_in": list(found.folded),
                "left_out": list(found.left_out),
                "weights_sha256": sha256,
                "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            }
            _write_json(making, CARD, about)
            write_status(making, Status("done", f"loaded from {file_name}"))
    except FileExistsError:
        raise BadValueError(f"a run named {name} exists; give this one another name") from None
    return Run(folder)


def _write_json(folder: Path, name: str, values: Mapping[str, object]) -> None:
    write_text_atomically(folder / name, json.dumps(values, indent=1) + "\n")

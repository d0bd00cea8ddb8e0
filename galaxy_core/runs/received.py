"""What the files of a stranger's run must satisfy before it may be called a run.

Each is read by the same reader that will read it later, so that what passes here cannot fail there. It knows
the run folder; whether the weights fit the network is asked of whoever knows the network.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from galaxy_core.data.classes import Classes
from galaxy_core.errors import BadFileError, GalaxyError, one_line, quoted
from galaxy_core.networks.backbone import HEAD, Backbone
from galaxy_core.networks.scaling import SCALINGS, check_scaling
from galaxy_core.runs.borrowed import read_borrowed
from galaxy_core.runs.checkpoint import Tensors
from galaxy_core.runs.config import BATCH_NORM_MODES, TrainConfig
from galaxy_core.runs.names import check_name
from galaxy_core.runs.pretrain_config import KIND as SOURCE
from galaxy_core.runs.pretrain_config import PretrainConfig
from galaxy_core.runs.run import CARD, CONFIG, HISTORY, METRICS, PREDICTIONS, SPLIT, WEIGHTS, Run

CheckWeights = Callable[[Tensors, str, Backbone], None]
"""Of tensors, the kind of checkpoint, and its backbone."""

KINDS = ("classifier", SOURCE)
CARD_TYPES: dict[str, tuple[type, ...]] = {
    "kind": (str,),
    "name": (str,),
    "policy": (str,),
    "cut": (int, float),
    "trainable": (int, float),
    "boundary": (str,),
    "source": (dict, str, type(None)),
    "licence": (str, type(None)),
    "borrowed": (dict,),
    "classes": (list,),
    "preprocessing": (dict,),
    "crop": (int,),
    "image_size": (int,),
    "map_cells": (int,),
    "batch_norm": (str,),
    "split_hash": (str,),
    "fold": (int, type(None)),
    "n_folds": (int, type(None)),
    "data": (dict, type(None)),
    "epochs": (int,),
    "seconds": (int, float),
    "preset": (str,),
    "precision": (str,),
    "environment": (dict,),
    "weights_sha256": (str,),
    "made": (str,),
}
"""What an entry of a card must be; others may be there and may be any plain JSON."""
MUST_AGREE = ("classes", "policy", "cut", "crop", "image_size", "batch_norm")
"""Stated in config and card alike."""
LONGEST_TEXT = 4000
MOST_DEPTH = 6
LARGEST_NUMBER = 1e300  # what a float64 can hold, with room to spare
NUMBER: tuple[type, ...] = (int, float, type(None))
"""In metrics; None where it is undefined, as the completeness of a class without galaxies."""
SCORES = (
    "loss",
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "balanced_accuracy",
    "balanced_low",
    "balanced_high",
)
CLASS_TYPES: dict[str, tuple[type, ...]] = {
    "class": (int,),
    "name": (str,),
    "n": (int,),
    "completeness": NUMBER,
    "purity": NUMBER,
}
HELD_OUT_TYPES: dict[str, tuple[type, ...]] = {
    "n": (int,),
    "accuracy": (int, float),
    "accuracy_low": (int, float),
    "accuracy_high": (int, float),
}
"""What a source's card says of its held-out photographs, where it says anything."""


def check_received(folder: Path, called: str, check_weights: CheckWeights | None) -> None:
    """Refuse a folder that is not a whole run: BadFileError names the file and `called`, where it came from."""
    run = Run(folder)
    card = _checked(run, CARD, called, run.card)
    kind = _checked(run, CARD, called, lambda: _check_card(card))
    if kind == "classifier" and not (folder / CONFIG).is_file():
        raise BadFileError(f"{called} lacks {CONFIG}, which a classifier needs; pack the run again")
    checks: dict[str, Callable[[], None]] = {
        CONFIG: lambda: _check_config(run, card),
        WEIGHTS: lambda: _check_weights(run, card, kind, check_weights),
        HISTORY: lambda: _check_history(run),
        METRICS: lambda: _check_metrics(run.metrics(), run),
        SPLIT: lambda: _check_split(run, card),
        PREDICTIONS: lambda: _check_predictions(run),
    }
    for name, check in checks.items():
        if (folder / name).is_file():
            _checked(run, name, called, check)


def name_in_card(content: bytes, called: str) -> str:
    """The name a packed run gives itself; BadFileError where it gives none, BadValueError where it is no name."""
    try:
        card = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadFileError(f"{CARD} in {called} is no JSON ({one_line(error)}); get it again") from error
    name = card.get("name") if isinstance(card, dict) else None
    if not isinstance(name, str):
        raise BadFileError(f"{CARD} in {called} has no name; give one with --name NAME")
    return check_name(name)


def _checked(run: Run, name: str, called: str, check: Callable[[], Any]) -> Any:
    try:
        return check()
    except (GalaxyError, ValueError) as error:
        # the folder is hidden and about to go: its name would only confuse
        reason = one_line(error).replace(f"{run.path}{os.sep}", "").replace(run.name, "it")
        raise BadFileError(f"{name} in {called} is refused: {reason}") from error
    except (TypeError, KeyError, OverflowError, RecursionError) as error:
        raise BadFileError(f"{name} in {called} is refused: it is not what a run writes") from error


def _check_card(card: dict[str, Any]) -> str:
    """The kind of checkpoint it describes."""
    _check_plain(card)
    for key, types in CARD_TYPES.items():
        if key in card and (not isinstance(card[key], types) or isinstance(card[key], bool)):
            raise ValueError(f"its {quoted(key)} is of another kind than a run writes")
    if card.get("kind") not in KINDS:
        raise ValueError(f"its 'kind' must be one of {', '.join(KINDS)}, got {quoted(card.get('kind'))}")
    _check_preprocessing(card)
    if card["kind"] != SOURCE and "classes" in card:
        Classes(card["classes"])
    if card.get("held_out") is not None:
        _require_entries(card["held_out"], HELD_OUT_TYPES, "'held_out'")
    return str(card["kind"])


def _check_preprocessing(card: dict[str, Any]) -> None:
    """One with a name must be what that name says, since a graph is written from the name; old cards have none."""
    told = card.get("preprocessing", {})
    if told.get("name") is None:
        return
    known = SCALINGS[check_scaling(told["name"])]
    if any(
        told.get(part, list(getattr(known, part))) != list(getattr(known, part))
        for part in ("factor", "term")
    ):
        raise ValueError(f"its 'preprocessing' is named {known.name} and has other numbers")


def _check_config(run: Run, card: dict[str, Any]) -> None:
    asked = run.asked
    if isinstance(asked, PretrainConfig) and card["kind"] != SOURCE:
        raise ValueError("it is that of a source, and its card says that this is none")
    told = asked.to_json()
    if isinstance(asked, TrainConfig):
        told |= {"cut": asked.cut, "classes": list(asked.classes)}
    _check_plain(told)
    scaling, on_card = asked.network.preprocessing.name, card.get("preprocessing", {}).get("name")
    if on_card not in (None, scaling):
        raise ValueError(f"it says the scaling is {scaling}, its card says {quoted(on_card)}")
    # the card may be that of another run
    for key in MUST_AGREE:
        if key in card and key in told and card[key] != told[key]:
            raise ValueError(f"it says {key} is {quoted(told[key])}, its card says {quoted(card[key])}")


def _check_weights(run: Run, card: dict[str, Any], kind: str, check_weights: CheckWeights | None) -> None:
    said = card.get("weights_sha256")
    if said and said != hashlib.sha256((run.path / WEIGHTS).read_bytes()).hexdigest():
        raise ValueError("it is not the file whose sha256 the card gives; get it again")
    if borrowed := read_borrowed(run.path / WEIGHTS):
        raise ValueError(
            f"it took tensors over from {borrowed.source} and does not hold them; pack it with `galaxy runs pack`, "
            "which writes it whole"
        )
    tensors = run.tensors()
    for name, values in tensors.items():
        if values.dtype.kind != "f":
            raise ValueError(
                f"tensor {quoted(name)} has type {values.dtype}, and only floating point is taken"
            )
    if check_weights is not None:
        check_weights(tensors, kind, run.network)
    bias = tensors.get(f"{HEAD}/bias")
    if kind != SOURCE and bias is not None and bias.size != len(run.classes):
        raise ValueError(f"it tells {bias.size} classes apart, and its card names {len(run.classes)}")


def _check_history(run: Run) -> None:
    lines = (run.path / HISTORY).read_text(encoding="utf-8").splitlines()
    rows = run.history()
    if len(rows) != len(lines) or not all(type(row.get("epoch")) is int for row in rows):
        raise ValueError("every line must be a JSON object with an epoch")
    _check_plain(rows)


def _check_metrics(metrics: dict[str, Any], run: Run) -> None:
    """Nothing, for a run that was never tested, or all that tables and pages show of one that was."""
    _check_plain(metrics)
    if not metrics:
        return
    lists = {"per_class": (list,), "confusion": (list,)}
    _require_entries(metrics, {"n": (int,), **dict.fromkeys(SCORES, NUMBER), **lists}, "it")
    n_classes = len(run.classes)
    if len(metrics["per_class"]) != n_classes or not _is_square(metrics["confusion"], n_classes):
        raise ValueError(f"its 'per_class' and 'confusion' must be those of {n_classes} classes")
    for item in metrics["per_class"]:
        _require_entries(item, CLASS_TYPES, "a line of 'per_class'")
    if "batch_norm" in metrics:
        _require_entries(metrics["batch_norm"], dict.fromkeys(BATCH_NORM_MODES, (dict,)), "'batch_norm'")
        for mode in BATCH_NORM_MODES:
            _require_entries(metrics["batch_norm"][mode], {"accuracy": (int, float)}, "'batch_norm'")


def _require_entries(values: Any, types: dict[str, tuple[type, ...]], what: str) -> None:
    if not isinstance(values, dict):
        raise ValueError(f"{what} must be an object of {', '.join(types)}")
    for key, allowed in types.items():
        if key not in values or not isinstance(values[key], allowed) or isinstance(values[key], bool):
            raise ValueError(f"{what} has no {quoted(key)} of the kind a run writes")


def _is_square(counts: list[Any], n: int) -> bool:
    """Whether these are whole counts, `n` by `n`."""
    rows = [row for row in counts if isinstance(row, list) and len(row) == n]
    cells = [cell for row in rows for cell in row]
    return len(rows) == len(counts) == n and all(type(cell) is int and cell >= 0 for cell in cells)


def _check_split(run: Run, card: dict[str, Any]) -> None:
    if card.get("split_hash") not in (None, run.split().hash):
        raise ValueError("it is not the split that the card names")


def _check_predictions(run: Run) -> None:
    answers, n = run.predictions(), len(run.classes)
    in_range = (answers.labels >= 0) & (answers.labels < n) & (answers.index >= 0)
    shares = answers.probabilities
    if not in_range.all() or (shares < 0).any() or (np.abs(shares.sum(1) - 1) > 1e-2).any():
        raise ValueError(f"every line must be an index, a class 0 to {n - 1} and {n} probabilities")


def _check_plain(value: Any, depth: int = 0) -> None:
    """Texts that a terminal or a page can show, numbers that are numbers, nothing nested deeper than a run writes."""
    if depth > MOST_DEPTH:
        raise ValueError(f"it is nested deeper than {MOST_DEPTH} levels")
    if isinstance(value, str) and (len(value) > LONGEST_TEXT or not value.isprintable()):
        raise ValueError(f"the text {quoted(value)} is too long or holds characters that cannot be shown")
    if isinstance(value, int | float) and not abs(value) <= LARGEST_NUMBER:
        raise ValueError("a number is not finite or far too large")
    for inner in _inside(value):
        _check_plain(inner, depth + 1)


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.keys()
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value

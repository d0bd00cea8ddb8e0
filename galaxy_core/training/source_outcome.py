"""A source as it is handed on: stored at half size, tested as it was stored, and its card.

Order of writing: weights, then the card, whose presence means that all is whole.
"""

import dataclasses
import datetime
import json
from pathlib import Path
from typing import Any

import numpy as np

from galaxy_core.files.atomic import atomic_folder, write_text_atomically
from galaxy_core.metrics.statistics import accuracy, cross_entropy, wilson_interval
from galaxy_core.runs.checkpoint import read_tensors, write_tensors
from galaxy_core.runs.half import halved, rounded
from galaxy_core.runs.names import check_name
from galaxy_core.runs.pretrain_config import KIND
from galaxy_core.runs.run import CARD, CONFIG, WEIGHTS, Run
from galaxy_core.runs.status import Status, write_status
from galaxy_core.serving.lineup import probabilities
from galaxy_core.training.network import Network
from galaxy_core.training.outcome import about_network, environment
from galaxy_core.training.photograph_material import N_TO_STORE, PhotographMaterial
from galaxy_core.training.state import Rows, write_history

N_BEST = 5


def store_source(run: Run, material: PhotographMaterial, network: Network) -> None:
    """Write the weights and the card of what the network has learned so far; training may go on afterwards.

    The kernels are rounded first and the statistics of batch normalisation estimated for the rounded ones; what
    the card says of held-out photographs is measured with the weights read back from the file.
    """
    n_steps = network.n_steps_done
    with network.set_aside():
        network.load(rounded(network.tensors()))
        network.reestimate(material.statistics_batches(N_TO_STORE))
        sha256 = write_tensors(run.path / WEIGHTS, halved(network.tensors()))
        network.load(read_tensors(run.path / WEIGHTS))
        measured = measure_held_out(material, network)
    card = _card(run, material, n_steps, measured)
    card |= {"precision": network.settings.precision, "environment": environment(), "weights_sha256": sha256}
    card["made"] = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    write_text_atomically(run.path / CARD, json.dumps(card, indent=1) + "\n")


def keep_source(run: Run, share: float, material: PhotographMaterial, network: Network, rows: Rows) -> None:
    """A source of its own of what the network has learned so far: `NAME-010` at a tenth of the training.

    One that is there already is left as it is: a training that was killed comes by the same step again.
    """
    folder = kept_folder(run, share)
    if folder.exists():
        return
    with atomic_folder(folder) as making:
        (making / CONFIG).write_bytes((run.path / CONFIG).read_bytes())
        write_history(Run(making), rows)
        store_source(Run(making), material, network)
        card = Run(making).card() | {"name": folder.name, "of": run.name, "share": share}
        write_text_atomically(making / CARD, json.dumps(card, indent=1) + "\n")
        write_status(making, Status("done", f"kept at {share:.0%} of the training of {run.name}"))


def kept_folder(run: Run, share: float) -> Path:
    """Where the source goes that is kept at that share of the training."""
    return run.path.with_name(check_name(f"{run.name}-{round(100 * share):03d}"))


def measure_held_out(material: PhotographMaterial, network: Network) -> dict[str, Any]:
    """How well the network as it is names the held-out photographs, plain JSON, with Wilson's interval (95 %)."""
    answers = probabilities(network.logits(material.held_out))
    labels = material.held_out_labels
    best = np.argsort(-answers, axis=1)[:, :N_BEST]
    share = accuracy(labels, answers)
    low, high = wilson_interval(round(share * len(labels)), len(labels))
    return {
        "n": len(labels),
        "loss": cross_entropy(labels, answers),
        "accuracy": share,
        "accuracy_low": low,
        "accuracy_high": high,
        f"among_best_{N_BEST}": float((best == labels[:, None]).any(axis=1).mean()),
    }


def _card(run: Run, material: PhotographMaterial, n_steps: int, measured: dict[str, Any]) -> dict[str, Any]:
    config, photographs = material.config, material.photographs
    return {
        "kind": KIND,
        "name": run.name,
        "policy": "scratch",
        "cut": 0.0,
        "trainable": 1.0,
        "boundary": "none",
        "source": None,
        "classes": list(photographs.classes),
        "class_folders": list(photographs.folders),
        "terms": config.terms or photographs.terms,
        **about_network(config.network),
        "image_size": config.image_size,
        "batch_norm": "re-estimated",
        "stored": "kernels of convolutions float16, batch normalisation and head float32",
        "data": _describe_data(material),
        "held_out": measured,
        "passes": round(n_steps / material.training.steps_a_pass, 4),
        "passes_planned": config.epochs,
        "images_seen": n_steps * config.batch_size,
        "seconds": round(sum(row.get("seconds", 0.0) for row in run.history()), 1),
        "recipe": {
            name: value
            for name, value in dataclasses.asdict(config).items()
            if name not in ("images", "terms")
        },
    }


def _describe_data(material: PhotographMaterial) -> dict[str, Any]:
    photographs = material.photographs
    return {
        "file": photographs.path.name,
        "files": [path.name for path in photographs.files],
        "sha256": photographs.sha256,
        "origin": "photographs",
        "n": len(photographs),
        "n_train": material.n_training,
        "n_held_out": len(material.held_out_labels),
        "n_classes": len(photographs.classes),
    }

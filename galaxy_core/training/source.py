"""The training of a source of weights: a backbone on labelled photographs, in a run folder of kind `source`.

It is stored at half size, tested as it was stored, and its card says what it saw.
"""

import dataclasses
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from galaxy_core.data.photographs.listing import open_photographs
from galaxy_core.data.photographs.views import PhotographBatches, PlainPhotographs, steps_a_pass
from galaxy_core.errors import BadValueError
from galaxy_core.files.atomic import atomic_folder
from galaxy_core.metrics.statistics import accuracy, cross_entropy, wilson_interval
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.numerals import percent
from galaxy_core.runs.checkpoint import read_tensors, write_tensors
from galaxy_core.runs.device import likely_device
from galaxy_core.runs.half import halved, rounded
from galaxy_core.runs.names import check_name, runs_folder
from galaxy_core.runs.pretrain_config import KIND, PretrainConfig
from galaxy_core.runs.run import CONFIG, WEIGHTS, Run, create_run
from galaxy_core.runs.status import Status, write_status
from galaxy_core.serving.lineup import probabilities
from galaxy_core.training.feed import Batch
from galaxy_core.training.network import Network, source_settings
from galaxy_core.training.networks import Networks
from galaxy_core.training.outcome import write_card
from galaxy_core.training.state import Rows, write_history

IMAGES_A_LINE = 4096
# images that batch normalisation's statistics are recomputed on: a look each pass, a good one for what is stored
N_FOR_A_LOOK = 512
N_TO_STORE = 2048
N_BEST = 5


def plan_source(images: str, name: str, **asked: Any) -> Run:
    """The run folder of a source, made where it does not exist; what is not asked for is as suits this device.

    A folder that exists is carried on with if it asks for the same, refused otherwise.
    """
    config = PretrainConfig.for_device(images, likely_device(), **asked)
    folder = runs_folder() / name
    if not folder.exists():
        # a folder that will not do is refused before anything is made
        open_photographs(config.images).divide(config.held_out)
        return create_run(name, config)
    run = Run(folder)
    if not run.is_source or run.asked != config:
        raise BadValueError(
            f"run {name} exists and was asked for something else; carry on with `galaxy train --run {name}` "
            "or choose another --name"
        )
    return run


class SourceTask:
    """See `train`: the photographs of a config, in two parts, and what becomes of what is learned from them."""

    unit, units, looked_at = "pass", "passes", "held-out"

    def __init__(self, config: PretrainConfig) -> None:
        self.config, self.photographs = config, open_photographs(config.images)
        rows, held_out = self.photographs.divide(config.held_out)
        size = {"batch_size": config.batch_size, "size": config.image_size}
        self.n_training, self.pass_steps = len(rows), steps_a_pass(len(rows), config.batch_size)
        self.n_steps = config.n_steps(self.pass_steps)
        self.training = PhotographBatches(
            self.photographs, rows, **size, seed=config.seed, n_steps=self.n_steps
        )
        self.unseen = PlainPhotographs(self.photographs, held_out, **size), self.photographs.labels[held_out]
        self.line_steps = math.ceil(IMAGES_A_LINE / config.batch_size)
        self.began_with = (self.photographs.sha256, f"{config.images} no longer holds the photographs")
        self._keep_at = {max(1, round(share * self.n_steps)): share for share in config.keep_at}

    def network(self, networks: Networks) -> Network:
        """One of these settings, compiled for an earlier training or now."""
        return networks.compiled(source_settings(self.config, len(self.photographs.classes), self.n_steps))

    def begin(self, network: Network) -> None:
        """Random weights."""
        config, n_classes = self.config, len(self.photographs.classes)
        network.start(initial_tensors(config.network, n_classes, "scratch", 0.0, config.seed, None))

    def make_ready(self, network: Network, networks: Networks) -> None:
        """Nothing."""

    def batches(self, number: int) -> tuple[Sequence[Batch], range]:
        """The steps of a pass, of which the last may be a part."""
        first = number * self.pass_steps
        return self.training, range(first, min(first + self.pass_steps, self.n_steps))

    def statistics(self, number: int, n_images: int = N_FOR_A_LOOK) -> Iterator[Batch]:
        """Training views to recompute statistics on, the same after each pass: at least one batch of them."""
        n_batches = min(self.n_steps, steps_a_pass(n_images, self.config.batch_size))
        return (self.training[step] for step in range(n_batches))

    def after_step(self, run: Run, done: int, network: Network, rows: Rows) -> None:
        """Keep a source of its own at the shares asked for: `NAME-010` at a tenth of the training.

        One that is there already is left as it is: a training that was killed comes by the same step again.
        """
        share = self._keep_at.get(done)
        if share is None or (folder := _kept_folder(run, share)).exists():
            return
        with atomic_folder(folder) as making:
            (making / CONFIG).write_bytes((run.path / CONFIG).read_bytes())
            write_history(Run(making), rows)
            self.finish(Run(making), network, name=folder.name, of=run.name, share=share)
            write_status(making, Status("done", f"kept at {percent(share)} of the training of {run.name}"))

    def finish(self, run: Run, network: Network, **more: Any) -> None:
        """Write the weights and the card of what the network has learned so far; training may go on afterwards.

        The kernels are rounded first and the statistics of batch normalisation estimated for the rounded ones; what
        the card says of held-out photographs is measured with the weights read back from the file.
        """
        n_steps = network.n_steps_done
        with network.set_aside():
            network.load(rounded(network.tensors()))
            network.reestimate(self.statistics(0, N_TO_STORE))
            sha256 = write_tensors(run.path / WEIGHTS, halved(network.tensors()))
            network.load(read_tensors(run.path / WEIGHTS))
            measured = self.measure(network)
        write_card(run, network, sha256, {**self._card(n_steps), "held_out": measured, **more})

    def measure(self, network: Network) -> dict[str, Any]:
        """How well the network as it is names the held-out photographs, plain JSON, with Wilson's interval (95 %)."""
        batches, labels = self.unseen
        answers = probabilities(network.logits(batches))
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

    def _card(self, n_steps: int) -> dict[str, Any]:
        config, photographs = self.config, self.photographs
        recipe = dataclasses.asdict(config)
        return {
            "kind": KIND,
            "policy": "scratch",
            "cut": 0.0,
            "trainable": 1.0,
            "boundary": "none",
            "source": None,
            "classes": list(photographs.classes),
            "class_folders": list(photographs.folders),
            "terms": config.terms or photographs.terms,
            "batch_norm": "re-estimated",
            "stored": "kernels of convolutions float16, batch normalisation and head float32",
            "data": {
                "file": photographs.path.name,
                "files": [path.name for path in photographs.files],
                "sha256": photographs.sha256,
                "origin": "photographs",
                "n": len(photographs),
                "n_train": self.n_training,
                "n_held_out": len(self.unseen[1]),
                "n_classes": len(photographs.classes),
            },
            "passes": round(n_steps / self.pass_steps, 4),
            "passes_planned": config.epochs,
            "images_seen": n_steps * config.batch_size,
            "recipe": {name: recipe[name] for name in recipe if name not in ("images", "terms")},
        }


def _kept_folder(run: Run, share: float) -> Path:
    return run.path.with_name(check_name(f"{run.name}-{round(100 * share):03d}"))

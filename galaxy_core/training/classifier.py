"""The training of a classifier of galaxies: what it begins with, learns from, is looked at with, and ends in.

Order of writing at the end: weights, predictions, metrics, and last the card.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from galaxy_core.data.classes import Classes
from galaxy_core.data.pixel_scale import scale_counts
from galaxy_core.data.split import PARTS
from galaxy_core.errors import BadValueError
from galaxy_core.metrics.measure import measure, write_predictions
from galaxy_core.networks.cut import cut_at
from galaxy_core.networks.policy import initial_tensors, needs_calibration, needs_source
from galaxy_core.prediction.evaluate import served_probabilities
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import METRICS, PREDICTIONS, WEIGHTS, Run
from galaxy_core.serving.lineup import Lineup, Unsaved
from galaxy_core.training.feed import Batch
from galaxy_core.training.material import N_BATCHES_AT_THE_END, N_BATCHES_FOR_A_LOOK, prepare
from galaxy_core.training.mocks import SEED_TRAINING
from galaxy_core.training.network import Network
from galaxy_core.training.networks import Networks
from galaxy_core.training.outcome import write_card, write_json
from galaxy_core.training.stand_in import render_where_missing
from galaxy_core.training.state import Rows
from galaxy_core.transfer.source import Source, licence_from, load_source


class ClassifierTask:
    """See `train`: the galaxies of a run and the weights it takes over; which those are that `auto` takes is said."""

    unit, units, looked_at = "epoch", "epochs", "validation"

    def __init__(self, run: Run, say: Callable[[str], None]) -> None:
        render_where_missing(run.config.data, say)
        self.material = prepare(run)
        self.config = config = self.material.config
        takes = needs_source(config.policy, config.cut)
        self.source = load_source(config.source, config.network, say) if takes else None
        if self.source is not None:
            _require_one_scaling(config, self.source)
        self.pass_steps = self.line_steps = self.material.training.n_batches()
        self.n_steps = config.epochs * self.pass_steps
        # what is frozen is taken from the source again: from another one, the rest would go on with other features
        sha256, name = (self.source.sha256, self.source.name) if self.source else (None, "")
        self.began_with = (sha256 or "", f"the source {name} no longer holds the weights")

    def network(self, networks: Networks) -> Network:
        """One of these settings, compiled for an earlier training or now."""
        return networks.network(self.material)

    def begin(self, network: Network) -> None:
        """Take over what the policy says; a frozen prefix that is random gets statistics that fit."""
        config, given = self.config, self.source.tensors if self.source else None
        n_classes = self.material.n_classes
        network.start(
            initial_tensors(config.network, n_classes, config.policy, config.cut, config.seed, given)
        )
        if needs_calibration(config.policy, config.cut):
            network.calibrate_frozen(self.material.statistics_batches(0, N_BATCHES_AT_THE_END))

    def make_ready(self, network: Network, networks: Networks) -> None:
        """Features of the frozen prefix take the place of images where they are kept."""
        self.material = networks.with_features(self.material, network, self.source)

    def batches(self, number: int) -> tuple[Sequence[Batch], range]:
        """The batches of an epoch."""
        return self.material.epoch(number), range(self.pass_steps)

    def statistics(self, number: int) -> Sequence[Batch] | None:
        """The first batches of the epoch, when the config says so."""
        if self.config.batch_norm == "keras":
            return None
        return self.material.statistics_batches(number, N_BATCHES_FOR_A_LOOK)

    @property
    def unseen(self) -> tuple[Sequence[Batch], np.ndarray]:
        """The validation part."""
        rows = self.material.split.validation
        return self.material.part(rows), self.material.galaxies.labels[rows]

    def after_step(self, run: Run, done: int, network: Network, rows: Rows) -> None:
        """Nothing."""

    def finish(self, run: Run, network: Network) -> None:
        """Test both ways of batch normalisation, store the one the config asks for, and write the card.

        What is tested is what will be served: the weights in float32 and whole images, though training may have gone
        on from features in float16, or in mixed precision.
        """
        answers, statistics = {"keras": self._test(network)}, {"keras": network.moving_statistics()}
        network.reestimate(self.material.statistics_batches(self.config.epochs, N_BATCHES_AT_THE_END))
        answers["re-estimated"], statistics["re-estimated"] = self._test(network), network.moving_statistics()
        chosen, rows = self.config.batch_norm, self.material.split.test
        network.set_moving_statistics(statistics[chosen])
        sha256 = write_tensors(run.path / WEIGHTS, network.tensors())
        labels, classes = self.material.galaxies.labels[rows], self.material.galaxies.classes
        write_predictions(run.path / PREDICTIONS, rows, labels, answers[chosen])
        metrics = measure(labels, answers[chosen], classes)
        metrics["batch_norm"] = {
            mode: _both_ways(labels, answer, classes) for mode, answer in answers.items()
        }
        write_json(run, METRICS, metrics)
        write_card(run, network, sha256, self._card())

    def _test(self, network: Network) -> np.ndarray:
        one = Unsaved("tested", self.config, network.tensors())
        images, rows = self.material.galaxies.images, self.material.split.test
        return served_probabilities(Lineup([one]), one.name, images, rows)

    def _card(self) -> dict[str, Any]:
        config, source = self.config, self.source
        names = ("policy", "cut", "trainable", "crop", "batch_norm", "fold", "n_folds", "epochs", "preset")
        return {
            "kind": "classifier",
            **{name: getattr(config, name) for name in names},
            "boundary": cut_at(config.network, config.cut).boundary,
            "source": {"name": source.name, "sha256": source.sha256} if source else None,
            "licence": licence_from(source.name, config.network) if source else None,
            "classes": list(self.material.galaxies.classes),
            "map_cells": config.network.map_cells(config.image_size),
            "split_hash": self.material.split.hash,
            "data": self._describe_data(),
        }

    def _describe_data(self) -> dict[str, Any]:
        """The file and its parts, each by pixel scale, and what of the training part is not as in the file: mock
        galaxies that were added, labels that were corrected, doubtful ones that were left out.
        """
        galaxies, split, mocks = self.material.galaxies, self.material.split, self.material.mocks
        added = {"mocks": {"sha256": mocks.sha256, "seed": SEED_TRAINING}} if mocks is not None else {}
        told = {"corrections": learned.told()} if (learned := self.material.corrected) is not None else {}
        train = split.train if learned is None else learned.rows(split.train)
        return {
            "file": galaxies.path.name,
            "sha256": galaxies.sha256,
            "origin": galaxies.origin,
            "n": len(galaxies.labels),
            "n_train": len(train),
            "n_train_mock": len(mocks) if mocks is not None else 0,
            "n_validation": len(split.validation),
            "n_test": len(split.test),
            "n_train_oversampled": len(self.material.training.indices),
            "pixel_scales_arcsec": {
                part: scale_counts(galaxies.pixel_scale[getattr(split, part)]) for part in PARTS
            },
            **added,
            **told,
        }


def _require_one_scaling(config: TrainConfig, source: Source) -> None:
    """Layers that are taken over must be shown images as they have learned to see them."""
    wanted, given = source.backbone.preprocessing.name, config.network.preprocessing.name
    if wanted != given:
        raise BadValueError(
            f"the source {source.name} is shown images in the scaling {wanted}, and this training would show them in "
            f"{given}; say `scaling` {wanted!r} in its config, or start it anew with --source {source.name}"
        )


def _both_ways(labels: np.ndarray, answers: np.ndarray, classes: Classes) -> dict[str, float]:
    measured = measure(labels, answers, classes)
    return {name: measured[name] for name in ("loss", "accuracy", "balanced_accuracy")}

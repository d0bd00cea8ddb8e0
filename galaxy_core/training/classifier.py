"""The training of a classifier of galaxies: what it begins with, learns from, is looked at with, and ends in."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from galaxy_core.networks.policy import initial_tensors, needs_calibration, needs_source
from galaxy_core.runs.run import Run
from galaxy_core.training.feed import Batch
from galaxy_core.training.material import N_BATCHES_AT_THE_END, N_BATCHES_FOR_A_LOOK, prepare
from galaxy_core.training.network import Network
from galaxy_core.training.networks import Networks
from galaxy_core.training.outcome import finish
from galaxy_core.training.stand_in import render_where_missing
from galaxy_core.training.state import Rows
from galaxy_core.transfer.source import load_source


class ClassifierTask:
    """See `train.Task`; which source it is that `auto` takes is said."""

    unit, units, looked_at = "epoch", "epochs", "validation"

    def __init__(self, run: Run, say: Callable[[str], None]) -> None:
        render_where_missing(run.config.data, say)
        self._run, self._material = run, prepare(run)
        self._config = config = self._material.config
        takes = needs_source(config.policy, config.cut)
        self._source = load_source(config.source, config.network, say) if takes else None
        self.pass_steps = self.line_steps = self._material.training.n_batches()
        self.n_steps = config.epochs * self.pass_steps
        # what is frozen is taken from the source again: from another one, the rest would go on with other features
        sha256, name = (self._source.sha256, self._source.name) if self._source else (None, "")
        self.began_with = (sha256 or "", f"the source {name} no longer holds the weights")

    def network(self, networks: Networks) -> Network:
        """One of these settings, compiled for an earlier training or now."""
        return networks.network(self._material)

    def begin(self, network: Network) -> None:
        """Take over what the policy says; a frozen prefix that is random gets statistics that fit."""
        config, given = self._config, self._source.tensors if self._source else None
        network.start(
            initial_tensors(
                config.network, self._material.n_classes, config.policy, config.cut, config.seed, given
            )
        )
        if needs_calibration(config.policy, config.cut):
            network.calibrate_frozen(self._material.statistics_batches(0, N_BATCHES_AT_THE_END))

    def make_ready(self, network: Network, networks: Networks) -> None:
        """Features of the frozen prefix take the place of images where they are kept."""
        self._material = networks.with_features(self._material, network, self._source)

    def batches(self, number: int) -> tuple[Sequence[Batch], range]:
        """The batches of an epoch."""
        return self._material.epoch(number), range(self.pass_steps)

    def statistics_for_a_look(self, number: int) -> Iterable[Batch] | None:
        """The first batches of the epoch, when the config says so."""
        if self._config.batch_norm == "keras":
            return None
        return self._material.statistics_batches(number, N_BATCHES_FOR_A_LOOK)

    def unseen(self) -> tuple[Sequence[Batch], np.ndarray]:
        """The validation part."""
        rows = self._material.split.validation
        return self._material.part(rows), self._material.galaxies.labels[rows]

    def after_step(self, done: int, network: Network, rows: Rows) -> None:
        """Nothing."""

    def finish(self, network: Network) -> None:
        """Test, store, and write the card."""
        finish(self._run, self._material, network, self._source)

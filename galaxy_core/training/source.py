"""The training of a source of weights: a backbone on labelled photographs, in a run folder of kind `source`."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from galaxy_core.data.photographs.listing import open_photographs
from galaxy_core.errors import BadValueError
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.runs.device import likely_device
from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.pretrain_config import PretrainConfig
from galaxy_core.runs.run import Run, create_run
from galaxy_core.training.feed import Batch
from galaxy_core.training.network import Network, source_settings
from galaxy_core.training.networks import Networks
from galaxy_core.training.photograph_material import N_FOR_A_LOOK, prepare_photographs
from galaxy_core.training.source_outcome import keep_source, store_source
from galaxy_core.training.state import Rows

IMAGES_A_LINE = 4096


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
    """See `train.Task`; on the way sources of their own are kept."""

    unit, units, looked_at = "pass", "passes", "held-out"

    def __init__(self, run: Run) -> None:
        self._run, self._material = run, prepare_photographs(run.pretrain_config)
        config, photographs = self._material.config, self._material.photographs
        self.n_steps, self.pass_steps = self._material.n_steps, self._material.training.steps_a_pass
        self.line_steps = math.ceil(IMAGES_A_LINE / config.batch_size)
        self.began_with = (photographs.sha256, f"{config.images} no longer holds the photographs")
        self._keep_at = {max(1, round(share * self.n_steps)): share for share in config.keep_at}

    def network(self, networks: Networks) -> Network:
        """One of these settings, compiled for an earlier training or now."""
        n_classes = len(self._material.photographs.classes)
        return networks.compiled(source_settings(self._material.config, n_classes, self.n_steps))

    def begin(self, network: Network) -> None:
        """Random weights."""
        config, n_classes = self._material.config, network.settings.n_classes
        network.start(initial_tensors(config.network, n_classes, "scratch", 0.0, config.seed, None))

    def make_ready(self, network: Network, networks: Networks) -> None:
        """Nothing."""

    def batches(self, number: int) -> tuple[Sequence[Batch], range]:
        """The steps of a pass, of which the last may be a part."""
        steps = range(self.n_steps)
        return self._material.training, steps[number * self.pass_steps : (number + 1) * self.pass_steps]

    def statistics_for_a_look(self, number: int) -> Iterable[Batch] | None:
        """The same views after each pass."""
        return self._material.statistics_batches(N_FOR_A_LOOK)

    def unseen(self) -> tuple[Sequence[Batch], np.ndarray]:
        """The photographs that are held out."""
        return self._material.held_out, self._material.held_out_labels

    def after_step(self, done: int, network: Network, rows: Rows) -> None:
        """Keep a source of its own at the shares asked for."""
        if done in self._keep_at:
            keep_source(self._run, self._keep_at[done], self._material, network, rows)

    def finish(self, network: Network) -> None:
        """Store, test what was stored, and write the card."""
        store_source(self._run, self._material, network)

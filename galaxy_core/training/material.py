"""What one training works with: the galaxies, their parts, and the batches made of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from galaxy_core.data.atomic import write_text_atomically
from galaxy_core.data.batches import Batches
from galaxy_core.data.galaxy10 import Galaxies, open_galaxies
from galaxy_core.data.split import Split, oversample, split_galaxies
from galaxy_core.errors import BadValueError
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import SPLIT, Run
from galaxy_core.training.features import PrefixFeatures
from galaxy_core.training.feed import Batch

# batches that batch normalisation's statistics are recomputed on: a look each epoch, a good one at the end
N_BATCHES_FOR_A_LOOK = 4
N_BATCHES_AT_THE_END = 16


@dataclass(frozen=True)
class Material:
    """The data of a run; the oversampled training indices are drawn once and stay the same in every epoch."""

    config: TrainConfig
    galaxies: Galaxies
    split: Split
    training: Batches
    features: PrefixFeatures | None = None
    tap: str | None = None

    def epoch(self, epoch: int) -> Sequence[Batch]:
        """The training batches of epoch 0, 1, …: images, or features of them where the prefix is computed once."""
        images = self.training.epoch(epoch)
        return self.features.epoch(images, self.tap) if self.features and self.tap else images

    def statistics_batches(self, epoch: int, n_batches: int) -> Sequence[Batch]:
        """The first batches of an epoch, augmented as in training: what statistics are recomputed on."""
        epoch_batches = self.epoch(epoch)
        return [epoch_batches[i] for i in range(min(n_batches, len(epoch_batches)))]

    def part(self, indices: np.ndarray) -> Sequence[Batch]:
        """Galaxies as they are, in the order of `indices`, not augmented."""
        plain = _batches(self.config, self.galaxies, indices, augmented=False)
        return self.features.part(plain, self.tap) if self.features and self.tap else plain.epoch(0)


def prepare(run: Run) -> Material:
    """Open the data of the run's config, divide them (or read how they were divided) and write split.json."""
    config = run.config
    galaxies = open_galaxies(config.data)
    split = _split_of(run, config, galaxies)
    indices = split.train
    if config.oversample:
        indices = oversample(galaxies.labels, indices, seed=config.seed)
    return Material(config, galaxies, split, _batches(config, galaxies, indices, augmented=True))


def _split_of(run: Run, config: TrainConfig, galaxies: Galaxies) -> Split:
    if not (run.path / SPLIT).is_file():
        split = split_galaxies(
            galaxies.labels,
            galaxies.ra,
            galaxies.dec,
            seed=config.split_seed,
            validation=config.validation,
            test=config.test,
        )
        values = {**split.to_json(), "data_sha256": galaxies.sha256}
        write_text_atomically(run.path / SPLIT, json.dumps(values) + "\n")
        return split
    stored = json.loads((run.path / SPLIT).read_text(encoding="utf-8"))
    if stored.pop("data_sha256", galaxies.sha256) != galaxies.sha256:
        raise BadValueError(
            f"{config.data} is no longer the file that run {run.name} began with; "
            "put the old file back or start a new run"
        )
    return Split.from_json(stored)


def _batches(config: TrainConfig, galaxies: Galaxies, indices: np.ndarray, *, augmented: bool) -> Batches:
    return Batches(
        galaxies.images,
        galaxies.labels,
        indices,
        batch_size=config.batch_size,
        crop=config.crop,
        size=config.image_size,
        augmentation=config.augmentation if augmented else None,
        seed=config.seed,
        n_views=config.n_views,
    )

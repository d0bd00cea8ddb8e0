"""What one training works with: the galaxies, their parts, the mock ones that join them, and the batches of them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from galaxy_core.data.batches import Batches, Images
from galaxy_core.data.corrected import CORRECTIONS, Corrected, corrected
from galaxy_core.data.galaxy10 import Galaxies, open_galaxies
from galaxy_core.data.joined import JoinedImages
from galaxy_core.data.sky import sky_neighbours
from galaxy_core.data.split import SEPARATION_ARCSEC, Split, folds, oversample, split_galaxies
from galaxy_core.errors import BadValueError, quoted
from galaxy_core.files.atomic import write_text_atomically
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import SPLIT, Run
from galaxy_core.training.features import PrefixFeatures
from galaxy_core.training.feed import Batch
from galaxy_core.training.mocks import training_mocks

# batches that batch normalisation's statistics are recomputed on: a look each epoch, a good one at the end
N_BATCHES_FOR_A_LOOK = 4
N_BATCHES_AT_THE_END = 16


@dataclass(frozen=True)
class Material:
    """The data of a run; the oversampled training indices are drawn once and stay the same in every epoch.

    `training` are the galaxies of the training part, as they are `corrected` where that was asked for, and, after
    them, the `mocks`; validation and test are galaxies of the file alone, under the labels it has.
    """

    config: TrainConfig
    galaxies: Galaxies
    split: Split
    training: Batches
    mocks: Galaxies | None = None
    corrected: Corrected | None = None
    features: PrefixFeatures | None = None
    tap: str | None = None

    @property
    def n_classes(self) -> int:
        """How many classes there are to tell apart."""
        return len(self.galaxies.classes)

    @property
    def images_sha256(self) -> str:
        """Names all images there are to train on: the file's sha256, with mocks that of both files' together."""
        if self.mocks is None:
            return self.galaxies.sha256
        return hashlib.sha256(f"{self.galaxies.sha256} {self.mocks.sha256}".encode()).hexdigest()

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
        plain = _batches(self.config, self.galaxies.images, self.galaxies.labels, indices, augmented=False)
        return self.features.part(plain, self.tap) if self.features and self.tap else plain.epoch(0)


def prepare(run: Run) -> Material:
    """Open the data of the run's config, divide them (or read how they were divided) and write split.json."""
    config = run.config
    galaxies = open_galaxies(config.data)
    if galaxies.classes != config.classes:
        raise BadValueError(
            f"run {run.name} was asked to learn {quoted(str(config.classes))}, and {config.data} holds "
            f"{quoted(str(galaxies.classes))}; start a new run"
        )
    mocks = training_mocks(config.n_mocks) if config.n_mocks else None
    split = _split_of(run, galaxies, mocks)
    learned = run.corrected()
    own_labels, own_rows = galaxies.labels, split.train
    if learned is not None:
        own_labels, own_rows = learned.labels(own_labels), learned.rows(own_rows)
    images, labels, indices = _to_train_on(galaxies.images, own_labels, mocks, own_rows)
    if config.oversample:
        indices = oversample(labels, indices, seed=config.seed)
    staying = None
    if mocks is not None and config.mock_epochs is not None:
        staying = oversample(own_labels, own_rows, seed=config.seed) if config.oversample else own_rows
    training = _batches(config, images, labels, indices, augmented=True, staying=staying)
    return Material(config, galaxies, split, training, mocks, learned)


def _to_train_on(
    images: np.ndarray, labels: np.ndarray, mocks: Galaxies | None, rows: np.ndarray
) -> tuple[Images, np.ndarray, np.ndarray]:
    """Images and labels of the file and of the mocks after it, and the rows of both that are trained on."""
    if mocks is None:
        return images, labels, rows
    joined = JoinedImages(images, mocks.images)
    together = np.concatenate([labels, mocks.labels])
    return joined, together, np.concatenate([rows, np.arange(len(images), len(joined))])


def divide(config: TrainConfig, galaxies: Galaxies) -> Split:
    """The split the config asks for: one, or one fold of a cross-validation that tests every galaxy once."""
    places = (galaxies.labels, galaxies.ra, galaxies.dec)
    if config.n_folds is None or config.fold is None:
        return split_galaxies(*places, seed=config.split_seed, validation=config.validation, test=config.test)
    every = folds(*places, n_folds=config.n_folds, seed=config.split_seed, validation=config.validation)
    return every[config.fold]


def _split_of(run: Run, galaxies: Galaxies, mocks: Galaxies | None) -> Split:
    """The split of the run, written when it is first asked for; the same files must be there ever after."""
    path, files = run.path / SPLIT, {"data_sha256": galaxies.sha256}
    if mocks is not None:
        files["mocks_sha256"] = mocks.sha256
    if not path.is_file():
        split = divide(run.config, galaxies)
        values = {**split.to_json(), **files, **_about_folds(run.config, galaxies)}
        if run.config.corrections:
            values[CORRECTIONS] = corrected(galaxies, split).to_json()
        write_text_atomically(path, json.dumps(values) + "\n")
        return split
    stored = json.loads(path.read_text(encoding="utf-8"))
    for key, what in (("data_sha256", run.config.data), ("mocks_sha256", "the file of mock galaxies")):
        if stored.get(key, files.get(key)) != files.get(key):
            raise BadValueError(
                f"{what} is no longer the file that run {run.name} began with; "
                "put the old file back or start a new run"
            )
    return Split.from_json(stored)


def _about_folds(config: TrainConfig, galaxies: Galaxies) -> dict[str, Any]:
    """Which fold of how many, and the galaxies that share a piece of sky, as whoever compares runs wants them."""
    fold = {} if config.n_folds is None else {"fold": config.fold, "n_folds": config.n_folds}
    return {**fold, "neighbours": sky_neighbours(galaxies.ra, galaxies.dec, SEPARATION_ARCSEC)}


def _batches(
    config: TrainConfig,
    images: Images,
    labels: np.ndarray,
    indices: np.ndarray,
    *,
    augmented: bool,
    staying: np.ndarray | None = None,
) -> Batches:
    return Batches(
        images,
        labels,
        indices,
        batch_size=config.batch_size,
        crop=config.crop,
        size=config.image_size,
        augmentation=config.augmentation if augmented else None,
        seed=config.seed,
        n_views=config.n_views,
        staying=staying,
        stay_from=config.mock_epochs or 0,
    )

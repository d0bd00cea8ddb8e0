"""What the training of a source works with: the photographs, their two parts, and the batches made of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from galaxy_core.data.photographs.listing import Photographs, open_photographs
from galaxy_core.data.photographs.views import PhotographBatches, PlainPhotographs, steps_a_pass
from galaxy_core.runs.pretrain_config import PretrainConfig
from galaxy_core.training.feed import Batch

# images that batch normalisation's statistics are recomputed on: a look each pass, a good one for what is stored
N_FOR_A_LOOK = 512
N_TO_STORE = 2048


@dataclass(frozen=True)
class PhotographMaterial:
    """`training` holds the batches of all steps, `held_out` the photographs that are never trained on."""

    config: PretrainConfig
    photographs: Photographs
    n_training: int
    training: PhotographBatches
    held_out: PlainPhotographs
    held_out_labels: np.ndarray

    @property
    def n_steps(self) -> int:
        """Steps of the whole training."""
        return len(self.training)

    def statistics_batches(self, n_images: int) -> Iterator[Batch]:
        """Training views to recompute statistics on, at least one batch of them."""
        n_batches = min(self.n_steps, steps_a_pass(n_images, self.config.batch_size))
        return (self.training[step] for step in range(n_batches))


def prepare_photographs(config: PretrainConfig) -> PhotographMaterial:
    """List the photographs of a config and divide them."""
    photographs = open_photographs(config.images)
    training, held_out = photographs.divide(config.held_out)
    batches = PhotographBatches(
        photographs,
        training,
        batch_size=config.batch_size,
        size=config.image_size,
        seed=config.seed,
        n_steps=config.n_steps(steps_a_pass(len(training), config.batch_size)),
    )
    plain = PlainPhotographs(photographs, held_out, batch_size=config.batch_size, size=config.image_size)
    return PhotographMaterial(
        config, photographs, len(training), batches, plain, photographs.labels[held_out]
    )

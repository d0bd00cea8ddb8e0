"""A compiled network: what its optimizer does to the weights."""

import numpy as np
import pytest

from galaxy_core.networks.registry import DEFAULT_BACKBONE
from galaxy_core.runs.checkpoint import Tensors
from galaxy_core.training.network import Network, Settings
from tests.made.tiny_backbone import tiny_backbone

__all__ = ["tiny_backbone"]
RATE, DECAY = 0.01, 0.5


def after_a_step(optimizer: str, decay: float, before: Tensors | None = None) -> tuple[Tensors, Tensors]:
    settings = Settings(
        *(DEFAULT_BACKBONE, 32, 3, 4, "float32", RATE, 10, "constant"),
        optimizer=optimizer,
        weight_decay=decay,
    )
    network = Network(settings)
    network.start(before or {name: values + 0.5 for name, values in network.tensors().items()})
    start = network.tensors()
    network.train(np.full((4, 32, 32, 3), 100, np.uint8), np.array([0, 1, 2, 0]))
    return start, network.tensors()


@pytest.mark.usefixtures("tiny_backbone")
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_weight_decay_takes_its_share_of_kernels_and_of_nothing_else(optimizer: str) -> None:
    start, plain = after_a_step(optimizer, 0.0)
    _, decayed = after_a_step(optimizer, DECAY, start)
    for name, values in start.items():
        taken = RATE * DECAY * values if name.endswith("/kernel") else np.zeros_like(values)
        np.testing.assert_allclose(plain[name] - decayed[name], taken, atol=2e-6, err_msg=name)

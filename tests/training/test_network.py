"""A compiled network: what its optimizer does to the weights."""

import numpy as np
import pytest

from galaxy_core.networks.registry import DEFAULT_BACKBONE
from galaxy_core.runs.checkpoint import Tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.training import network
from galaxy_core.training.network import Network, Settings, precision, rate_at
from galaxy_core.training.networks import Networks
from galaxy_core.transfer.classifier import import_keras
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


@pytest.mark.parametrize(("schedule", "warm_up"), [("constant", 0.0), ("cosine", 0.0), ("cosine", 0.3)])
def test_the_rate_is_that_of_keras_own_schedule(schedule: str, warm_up: float) -> None:
    keras = import_keras()
    settings = Settings(*(DEFAULT_BACKBONE, 32, 3, 4, "float32", RATE, 10, schedule), warm_up=warm_up)
    n_warm = round(10 * warm_up)
    theirs = keras.optimizers.schedules.CosineDecay(
        0.0 if n_warm else RATE, 10 - n_warm, warmup_target=RATE if n_warm else None, warmup_steps=n_warm
    )
    wanted = [RATE if schedule == "constant" else float(theirs(step)) for step in range(13)]
    assert [rate_at(settings, step) for step in range(13)] == pytest.approx(wanted, abs=1e-9)


@pytest.mark.usefixtures("tiny_backbone")
def test_a_fold_that_has_another_number_of_steps_compiles_nothing_and_has_its_own_rate() -> None:
    first, second = (Settings(*(DEFAULT_BACKBONE, 32, 3, 4, "float32", RATE, n, "cosine")) for n in (2, 4))
    networks = Networks()
    batch = np.full((4, 32, 32, 3), 100, np.uint8), np.array([0, 1, 2, 0])
    rates = []
    for settings in (first, second):
        network = networks.compiled(settings)
        network.start({name: values + 0.5 for name, values in network.tensors().items()})
        for _ in range(2):
            network.train(*batch)
        rates.append(float(np.asarray(network.learner.optimizer.learning_rate)))
    assert networks.compiled(first) is network
    assert rates == pytest.approx([rate_at(first, 1), rate_at(second, 1)])


@pytest.mark.parametrize(
    ("asked", "backbone", "has_it", "expected"),
    [
        ("auto", "densenet121", True, "mixed"),
        ("auto", "densenet121", False, "float32"),
        ("auto", "efficientnet_lite0", True, "float32"),  # depthwise convolutions are slower in it
        ("float32", "densenet121", True, "float32"),
        ("mixed", "efficientnet_lite0", False, "mixed"),
    ],
)
def test_a_processor_trains_in_what_it_is_quicker_in_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, asked: str, backbone: str, has_it: bool, expected: str
) -> None:
    if network.has_gpu() or import_keras().backend.backend() != "tensorflow":
        pytest.skip("of TensorFlow on a processor")
    monkeypatch.setattr(network, "has_bfloat16", lambda: has_it)
    assert precision(TrainConfig("a.h5", precision=asked, backbone=backbone)) == expected

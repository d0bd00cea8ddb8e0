"""The compiled network of a source: trained a step at a time, stored and restored between any two steps.

The twin of `network.Network` for photographs: every layer trains, the classes are those of the photographs. How
many steps are done is what its optimizer says, so that weights and count cannot be at odds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from galaxy_core.runs.checkpoint import Tensors
from galaxy_core.runs.pretrain_config import PretrainConfig
from galaxy_core.training.feed import Batch, padded
from galaxy_core.transfer.batch_norm import BatchNormEstimator
from galaxy_core.transfer.classifier import (
    Precision,
    build_classifier,
    get_tensors,
    has_gpu,
    import_keras,
    load_tensors,
    wants_jit,
)

OPTIMIZER = "optimizer"
MOMENTUM = 0.9
NO_DECAY = ("gamma", "beta", "bias")


class SourceNetwork:
    """A network over the classes of some photographs, with its optimizer."""

    def __init__(self, config: PretrainConfig, n_classes: int, n_steps: int) -> None:
        self.precision = source_precision(config)
        self._batch_size = config.batch_size
        self._targets = np.eye(n_classes, dtype=np.float32)
        self.model = build_classifier(config.network, config.image_size, n_classes, precision=self.precision)
        _compile(self.model, config, n_steps)
        self._estimator = BatchNormEstimator(self.model)

    @property
    def n_steps_done(self) -> int:
        """Steps of the optimizer since `start`."""
        return int(np.asarray(self.model.optimizer.iterations))

    def start(self, tensors: Mapping[str, np.ndarray]) -> None:
        """Begin anew: these weights, and an optimizer that has seen nothing."""
        load_tensors(self.model, tensors)
        for variable in self._optimizer_variables():
            variable.assign(np.zeros(variable.shape, dtype="float32"))

    def train(self, images: np.ndarray, labels: np.ndarray) -> dict[str, float]:
        """One step on uint8 (B, S, S, 3) and int64 (B,); `loss` and `accuracy` of this batch before the step."""
        self.model.reset_metrics()
        logs = self.model.train_on_batch(images, self._targets[labels], return_dict=True)
        return {name: float(logs[name]) for name in ("loss", "accuracy")}

    def logits(self, batches: Sequence[Batch]) -> np.ndarray:
        """Logits float32 (N, classes) in the order of the batches."""
        parts = [self.model.predict_on_batch(x)[:n] for x, n in padded(batches, self._batch_size)]
        return np.concatenate(parts).astype(np.float32)

    def tensors(self) -> Tensors:
        """The weights, "<layer>/<weight>"."""
        return get_tensors(self.model)

    def load(self, tensors: Mapping[str, np.ndarray]) -> None:
        """Put other weights in place, the optimizer as it is."""
        load_tensors(self.model, tensors)

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """Whatever happens to the weights inside, training goes on with those of before."""
        before = self.tensors()
        try:
            yield
        finally:
            self.load(before)

    def reestimate(self, images: Iterable[np.ndarray]) -> None:
        """Recompute the statistics of batch normalisation as means over these batches."""
        self._estimator.run(images)

    def state(self) -> Tensors:
        """All that is needed to carry on: weights and optimizer."""
        pairs = enumerate(self._optimizer_variables())
        optimizer = {f"{OPTIMIZER}/{i:04d}": np.asarray(v).copy() for i, v in pairs}
        return {**self.tensors(), **optimizer}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Carry on from `state()` of a network of the same config."""
        load_tensors(self.model, {name: v for name, v in state.items() if not name.startswith(OPTIMIZER)})
        for i, variable in enumerate(self._optimizer_variables()):
            variable.assign(state[f"{OPTIMIZER}/{i:04d}"])

    def _optimizer_variables(self) -> list[Any]:
        return list(self.model.optimizer.variables)


def source_precision(config: PretrainConfig) -> Precision:
    """`mixed` on a GPU unless told otherwise, `float32` on processors."""
    wants_mixed = config.precision == "mixed" or (config.precision == "auto" and has_gpu())
    return "mixed" if wants_mixed else "float32"


def _compile(model: Any, config: PretrainConfig, n_steps: int) -> None:
    """SGD with Nesterov momentum, the rate climbing and then falling along a cosine, labels smoothed."""
    keras = import_keras()
    n_warm = round(config.warm_up * n_steps)
    rate: Any = keras.optimizers.schedules.CosineDecay(
        0.0 if n_warm else config.learning_rate,
        max(1, n_steps - n_warm),
        warmup_target=config.learning_rate if n_warm else None,
        warmup_steps=n_warm,
    )
    optimizer = keras.optimizers.SGD(
        rate, momentum=MOMENTUM, nesterov=True, weight_decay=config.weight_decay or None
    )
    if config.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=list(NO_DECAY))
    model.compile(
        optimizer=optimizer,
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=config.label_smoothing),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
        jit_compile=wants_jit(),
    )
    optimizer.build(model.trainable_variables)

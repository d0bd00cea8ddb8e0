"""The compiled classifier of one cut: started from tensors, trained an epoch at a time, stored and restored.

Compiling costs up to two minutes a cut, so one Network serves all seeds of a cut: `start` gives it other
weights and a fresh optimizer. With a `tap`, batches are features of the frozen prefix at that layer and only the
part above it is run; the tensors are those of the whole network all the same. It knows nothing of folders.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from galaxy_core.networks.policy import frozen_layers
from galaxy_core.prediction.evaluate import served_probabilities
from galaxy_core.runs.checkpoint import Tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.serving.lineup import Lineup
from galaxy_core.training.feed import Batch, padded, training_feed
from galaxy_core.training.progress import BatchWatch
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
from galaxy_core.transfer.prefix import suffix_model

OPTIMIZER = "optimizer"
MOVING = ("moving_mean", "moving_variance")


class Network:
    """A classifier of some backbone and so many classes, compiled for one kind of training."""

    def __init__(self, config: TrainConfig, n_classes: int, n_batches: int, tap: str | None = None) -> None:
        self.tap = tap
        self.frozen = frozen_layers(config.network, config.policy, config.cut)
        self.batch_size = config.batch_size
        self._learning_rate = config.learning_rate
        self.model = build_classifier(
            config.network,
            config.image_size,
            n_classes,
            frozen=self.frozen,
            precision=precision(config),
        )
        self.learner = self.model if tap is None else suffix_model(self.model, tap)
        _compile(self.learner, config, n_batches)
        self._estimator = BatchNormEstimator(self.learner)
        self._calibrator: BatchNormEstimator | None = None

    @staticmethod
    def kind(config: TrainConfig, n_classes: int, n_batches: int, tap: str | None = None) -> tuple[Any, ...]:
        """Two trainings of the same kind may use the same Network one after the other."""
        shape = (config.backbone, config.image_size, config.batch_size, n_classes, precision(config))
        steps = (config.learning_rate, config.schedule, config.epochs * n_batches)
        return (frozen_layers(config.network, config.policy, config.cut), tap, shape, steps)

    def start(self, tensors: Mapping[str, np.ndarray]) -> None:
        """Begin anew: these weights, and an optimizer that has seen nothing."""
        load_tensors(self.model, tensors)
        for variable in self._optimizer_variables():
            variable.assign(np.zeros(variable.shape, dtype="float32"))

    def train_epoch(self, batches: Sequence[Batch], epoch: int, watch: BatchWatch) -> dict[str, float]:
        """One pass over `batches`; returns the running means `loss` and `accuracy`, as Keras reports them."""
        history = self.learner.fit(
            training_feed(batches),
            initial_epoch=epoch,
            epochs=epoch + 1,
            shuffle=False,
            verbose=0,
            callbacks=[watch.keras_callback(epoch)],
        )
        return {name: float(history.history[name][0]) for name in ("loss", "accuracy")}

    def logits(self, batches: Sequence[Batch]) -> np.ndarray:
        """Logits float32 (N, classes) in the order of the batches."""
        parts = [self.learner.predict_on_batch(x)[:n] for x, n in padded(batches, self.batch_size)]
        return np.concatenate(parts).astype(np.float32)

    def served(self, config: TrainConfig, images: np.ndarray, indices: np.ndarray) -> np.ndarray:
        """Probabilities float32 (N, 10) of these rows of `images`, as they are answered once the weights are served."""
        one = _Weights("tested", config, self.tensors())
        return served_probabilities(Lineup([one]), one.name, images, indices)

    def tensors(self) -> Tensors:
        """The weights, "<layer>/<weight>"."""
        return get_tensors(self.model)

    def moving_statistics(self) -> Tensors:
        """The batch-normalisation statistics used at test time of the layers that train; no others ever change."""
        return {name: np.array(variable.numpy()) for name, variable in self._moving().items()}

    def set_moving_statistics(self, statistics: Mapping[str, np.ndarray]) -> None:
        """Put other statistics, as `moving_statistics` has them, in place."""
        moving = self._moving()
        for name, values in statistics.items():
            moving[name].assign(values)

    def _moving(self) -> dict[str, Any]:
        layers = self._estimator.layers
        return {f"{layer.name}/{name}": getattr(layer, name) for layer in layers for name in MOVING}

    def reestimate(self, batches: Sequence[Batch]) -> None:
        """Recompute the statistics of the layers that train, as means over these batches."""
        self._estimator.run(batch[0] for batch in batches)

    def calibrate_frozen(self, batches: Sequence[Batch]) -> None:
        """Give the frozen layers statistics that fit these batches of images: once, for a prefix that is random."""
        if self._calibrator is None:
            self._calibrator = BatchNormEstimator(self.model, self.frozen)
        self._calibrator.run(batch[0] for batch in batches)

    def state(self) -> Tensors:
        """All that is needed to carry on: weights and optimizer."""
        pairs = enumerate(self._optimizer_variables())
        optimizer = {f"{OPTIMIZER}/{i:04d}": np.asarray(v.numpy()) for i, v in pairs}
        return {**self.tensors(), **optimizer}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Carry on from `state()` of a Network of the same kind."""
        load_tensors(self.model, {name: v for name, v in state.items() if not name.startswith(OPTIMIZER)})
        for i, variable in enumerate(self._optimizer_variables()):
            variable.assign(state[f"{OPTIMIZER}/{i:04d}"])

    def _optimizer_variables(self) -> list[Any]:
        """Iterations and moments; a constant learning rate is a variable of Keras too, but no state."""
        optimizer = self.learner.optimizer
        return [v for v in optimizer.variables if v is not getattr(optimizer, "_learning_rate", None)]


@dataclass(frozen=True)
class _Weights:
    """Weights as they are now, as far as a line-up needs a run."""

    name: str
    config: TrainConfig
    weights: Tensors

    def tensors(self) -> Tensors:
        return self.weights


def precision(config: TrainConfig) -> Precision:
    """`mixed` on a GPU unless told otherwise, `float32` on processors, which gain nothing from it."""
    wants_mixed = config.precision == "mixed" or (config.precision == "auto" and has_gpu())
    return "mixed" if wants_mixed else "float32"


def _compile(model: Any, config: TrainConfig, n_batches: int) -> None:
    keras = import_keras()
    rate: Any = config.learning_rate
    if config.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(config.learning_rate, config.epochs * n_batches)
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        # categorical cross-entropy with the class given as a number
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
        jit_compile=wants_jit(),
    )
    model.optimizer.build(model.trainable_variables)
    _build_loss_and_metrics(model, config.batch_size)


def _build_loss_and_metrics(model: Any, batch_size: int) -> None:
    """Show them the shapes of a batch now: under JAX `fit` would look at the first batch and not train on it."""
    ops = import_keras().ops
    labels = ops.zeros((batch_size,), dtype="int64")
    logits = ops.zeros((batch_size, model.output_shape[-1]))
    model.compute_loss(y=labels, y_pred=logits)
    model.compute_metrics(None, labels, logits)
    model.reset_metrics()

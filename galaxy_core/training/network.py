"""A compiled network: started from tensors, trained, stored and restored. It knows no folder, no policy and no data.

Compiling costs up to two minutes, so one Network serves all trainings of equal `Settings`: `start` gives it other
weights and a fresh optimizer. With a `tap`, batches are features of the frozen prefix at that layer and only the
part above it is run; the tensors are those of the whole network all the same. How many steps are done is what the
optimizer says, so that weights and count cannot be at odds.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.policy import frozen_layers
from galaxy_core.networks.registry import get_backbone
from galaxy_core.networks.scaling import scaled
from galaxy_core.runs.checkpoint import Tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.device import has_bfloat16
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
from galaxy_core.transfer.prefix import suffix_model

OPTIMIZER = "optimizer"
MOVING = ("moving_mean", "moving_variance")
MOMENTUM = 0.9
NO_DECAY = ("gamma", "beta", "bias")


@dataclass(frozen=True)
class Settings:
    """All that a network is compiled for; trainings of equal settings may use it one after the other.

    The optimizer is "adam" or "sgd" with Nesterov momentum, either with weight decay of kernels. The learning rate and
    how it changes (`rate_at`) are no part of what is compiled, so they make no difference: the folds of a cut may have
    a batch more or less.
    """

    backbone: str
    image_size: int
    n_classes: int
    batch_size: int
    precision: Precision
    learning_rate: float = field(compare=False)
    n_steps: int = field(compare=False)
    schedule: str = field(compare=False)
    optimizer: str = "adam"
    warm_up: float = field(default=0.0, compare=False)
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    frozen: frozenset[str] = frozenset()
    tap: str | None = None
    scaling: str | None = None


def rate_at(settings: Settings, step: int) -> float:
    """The learning rate of a step, counted from 0.

    It climbs over the share `warm_up` of all steps and is constant from there or, with the schedule "cosine", falls
    to 0.
    """
    n_warm = round(settings.warm_up * settings.n_steps)
    if step < n_warm:
        return settings.learning_rate * step / n_warm
    if settings.schedule != "cosine":
        return settings.learning_rate
    done = min(1.0, (step - n_warm) / max(1, settings.n_steps - n_warm))
    return settings.learning_rate * (1 + math.cos(math.pi * done)) / 2


def classifier_settings(
    config: TrainConfig, n_classes: int, n_batches: int, tap: str | None = None
) -> Settings:
    """Adam on what lies above the cut; `n_batches` an epoch."""
    return Settings(
        **_shared(config, n_classes),
        n_steps=config.epochs * n_batches,
        schedule=config.schedule,
        weight_decay=config.weight_decay,
        frozen=frozenset(frozen_layers(config.network, config.policy, config.cut)),
        tap=tap,
        scaling=config.scaling,
    )


def source_settings(config: PretrainConfig, n_classes: int, n_steps: int) -> Settings:
    """Momentum on every layer, the rate climbing and then falling, labels smoothed."""
    return Settings(
        **_shared(config, n_classes),
        n_steps=n_steps,
        schedule="cosine",
        optimizer="sgd",
        warm_up=config.warm_up,
        weight_decay=config.weight_decay,
        label_smoothing=config.label_smoothing,
    )


def _shared(config: TrainConfig | PretrainConfig, n_classes: int) -> dict[str, Any]:
    names = ("backbone", "image_size", "batch_size", "learning_rate")
    return {name: getattr(config, name) for name in names} | {
        "n_classes": n_classes,
        "precision": precision(config),
    }


def precision(config: TrainConfig | PretrainConfig) -> Precision:
    """What was asked; of `auto` the quicker one: `mixed` on a GPU, and on a processor with instructions for bfloat16.

    Those help no depthwise convolution, so that networks with such are quicker in `float32` on any processor.
    """
    if config.precision != "auto":
        return "mixed" if config.precision == "mixed" else "float32"
    return "mixed" if has_gpu() or _is_quicker_in_bfloat16(get_backbone(config.backbone)) else "float32"


def _is_quicker_in_bfloat16(backbone: Backbone) -> bool:
    """On a processor, where only TensorFlow makes use of it."""
    is_whole = all(layer.kind != "depthwise_conv" for layer in backbone.layers)
    return is_whole and has_bfloat16() and import_keras().backend.backend() == "tensorflow"


class Network:
    """A network over some classes, with its optimizer."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.model = build_classifier(
            scaled(get_backbone(settings.backbone), settings.scaling),
            settings.image_size,
            settings.n_classes,
            frozen=settings.frozen,
            precision=settings.precision,
        )
        self.learner = self.model if settings.tap is None else suffix_model(self.model, settings.tap)
        _compile(self.learner, settings)
        self._estimator = BatchNormEstimator(self.learner)
        self._calibrator: BatchNormEstimator | None = None

    @property
    def n_steps_done(self) -> int:
        """Steps of the optimizer since `start`."""
        return int(np.asarray(self.learner.optimizer.iterations))

    def start(self, tensors: Mapping[str, np.ndarray]) -> None:
        """Begin anew: these weights, and an optimizer that has seen nothing."""
        self.load(tensors)
        for variable in self._optimizer_variables():
            variable.assign(np.zeros(variable.shape, dtype="float32"))

    def train(self, images: np.ndarray, labels: np.ndarray) -> dict[str, float]:
        """One step on a batch and int64 (B,); `loss` and `accuracy` of this batch before the step."""
        self.learner.reset_metrics()
        self.learner.optimizer.learning_rate = rate_at(self.settings, self.n_steps_done)
        logs = self.learner.train_on_batch(images, labels, return_dict=True)
        return {name: float(logs[name]) for name in ("loss", "accuracy")}

    def logits(self, batches: Sequence[Batch]) -> np.ndarray:
        """Logits float32 (N, classes) in the order of the batches."""
        size = self.settings.batch_size
        parts = [self.learner.predict_on_batch(x)[:n] for x, n in padded(batches, size)]
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

    def reestimate(self, batches: Iterable[Batch]) -> None:
        """Recompute the statistics of the layers that train, as means over these batches."""
        self._estimator.run(batch[0] for batch in batches)

    def calibrate_frozen(self, batches: Iterable[Batch]) -> None:
        """Give the frozen layers statistics that fit these batches of images: once, for a prefix that is random."""
        if self._calibrator is None:
            self._calibrator = BatchNormEstimator(self.model, self.settings.frozen)
        self._calibrator.run(batch[0] for batch in batches)

    def state(self) -> Tensors:
        """All that is needed to carry on: weights and optimizer."""
        pairs = enumerate(self._optimizer_variables())
        return {**self.tensors(), **{f"{OPTIMIZER}/{i:04d}": np.array(v.numpy()) for i, v in pairs}}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Carry on from `state()` of a Network of the same settings."""
        self.load({name: v for name, v in state.items() if not name.startswith(OPTIMIZER)})
        for i, variable in enumerate(self._optimizer_variables()):
            variable.assign(state[f"{OPTIMIZER}/{i:04d}"])

    def _optimizer_variables(self) -> list[Any]:
        """Iterations and moments; the learning rate is a variable of Keras too, but no state."""
        optimizer = self.learner.optimizer
        return [v for v in optimizer.variables if v is not optimizer._learning_rate]


def _compile(model: Any, settings: Settings) -> None:
    keras = import_keras()
    optimizer = _optimizer(keras, settings)
    model.compile(
        optimizer=optimizer,
        loss=_loss(keras, settings),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
        jit_compile=wants_jit(),
    )
    optimizer.build(model.trainable_variables)


def _optimizer(keras: Any, settings: Settings) -> Any:
    rate, decay = settings.learning_rate, settings.weight_decay or None
    optimizer = (
        keras.optimizers.Adam(rate, weight_decay=decay)
        if settings.optimizer == "adam"
        else keras.optimizers.SGD(rate, momentum=MOMENTUM, nesterov=True, weight_decay=decay)
    )
    if decay:
        optimizer.exclude_from_weight_decay(var_names=list(NO_DECAY))
    return optimizer


def _loss(keras: Any, settings: Settings) -> Any:
    """Categorical cross-entropy with the class given as a number, which Keras has without smoothing only."""
    if not settings.label_smoothing:
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def smoothed(labels: Any, logits: Any) -> Any:
        return keras.losses.categorical_crossentropy(
            keras.ops.one_hot(labels, settings.n_classes),
            logits,
            from_logits=True,
            label_smoothing=settings.label_smoothing,
        )

    return smoothed

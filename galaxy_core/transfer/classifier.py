"""The Keras model of a backbone's table: an image of values 0 to 255 in, logits out, tensors named as in the table.

Keras is imported inside functions only, through `import_keras`, so that everything that lists, reads or shows
runs opens at once. This module must not know policies, nor where tensors come from.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np

from galaxy_core.errors import BadFileError, BadValueError, MissingError, quoted
from galaxy_core.networks.backbone import HEAD, Backbone, check_tensors
from galaxy_core.runs.cores import n_cores
from galaxy_core.transfer.keras_writer import keras_features

ENGINES = ("tensorflow", "jax")
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "NPROC")
"""What TensorFlow, and (the last) the compiler under JAX, ask how many threads to start; neither knows quotas."""
Precision = Literal["float32", "mixed"]
# bfloat16 has the range of float32: nothing overflows, so no loss scaling is needed as with float16, and the
# same setting works on TensorFlow and JAX, on graphics cards since 2020, and (slowly) on processors.
DTYPE_POLICIES = {"float32": "float32", "mixed": "mixed_bfloat16"}


def import_keras() -> Any:
    """Keras, imported quietly, on TensorFlow where installed and else on JAX; `KERAS_BACKEND` overrides.

    What C++ libraries print while they load is shown only if the import fails; set `TF_CPP_MIN_LOG_LEVEL=0`
    to see what TensorFlow says later, for instance why it does not use a graphics card. Its threads are as many as
    the cores this process may use (`runs.cores`), unless the environment says otherwise.
    Errors: BadValueError for an engine that the networks do not run on, MissingError for one that is not installed.
    """
    if "keras" not in sys.modules:
        engine = os.environ.setdefault("KERAS_BACKEND", "tensorflow" if find_spec("tensorflow") else "jax")
        if engine not in ENGINES:
            raise BadValueError(
                f"KERAS_BACKEND must be {' or '.join(ENGINES)}, got {quoted(engine)}; set one of them, or unset it"
            )
        if not find_spec(engine):
            raise MissingError(
                f"KERAS_BACKEND asks for {engine}, which is not installed; `pip install {engine}`, or unset it"
            )
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        for variable in THREADS:
            os.environ.setdefault(variable, str(n_cores()))
        with _stderr_held_back():
            import keras
    import keras

    return keras


@contextmanager
def _stderr_held_back() -> Iterator[None]:
    """Keep file descriptor 2 quiet, where C++ writes past Python; on failure show all that was written."""
    with tempfile.TemporaryFile() as held:
        original = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(original, held.read())
            raise
        finally:
            os.dup2(original, 2)
            os.close(original)


def has_gpu() -> bool:
    """Whether the engine in use sees a GPU."""
    devices = import_keras().distribution.list_devices()
    return any(str(device).lower().startswith(("gpu", "cuda")) for device in devices)


def wants_jit() -> bool:
    """What to give Keras' `compile` as `jit_compile`.

    Under TensorFlow on a processor jit means XLA, which takes 12 s more to compile and is slower; elsewhere it is
    the only compiler, or the faster one.
    """
    return import_keras().backend.backend() != "tensorflow" or has_gpu()


def build_classifier(
    backbone: Backbone,
    size: int | None,
    n_classes: int,
    *,
    frozen: Collection[str] = (),
    precision: Precision = "float32",
) -> Any:
    """A flat Keras model: the backbone, global average pooling, one dense layer; compile it before training.

    Input (n, size, size, 3), uint8 or float, values 0 to 255, any size where `size` is None; output logits
    (n, n_classes), float32. `frozen` names the layers that never change, see `policy.frozen_layers`; frozen
    batch normalisation runs in inference mode. The tensors are Keras' own random ones until `load_tensors`.
    With `precision` "mixed" convolutions compute in bfloat16, while preprocessing, average, head and all
    tensors stay float32.
    """
    if precision not in DTYPE_POLICIES:
        raise BadValueError(f"precision must be one of {', '.join(DTYPE_POLICIES)}, got {precision!r}")
    keras = import_keras()
    image = keras.Input((size, size, 3), name="image")
    scale, offset = list(backbone.preprocessing.factor), list(backbone.preprocessing.term)
    x = keras.layers.Rescaling(scale, offset, name="preprocess", dtype="float32")(image)
    x = keras_features(keras, backbone, x, DTYPE_POLICIES[precision])
    x = keras.layers.GlobalAveragePooling2D(name="average", dtype="float32")(x)
    logits = keras.layers.Dense(n_classes, name=HEAD, dtype="float32")(x)
    model = keras.Model(image, logits, name="galaxy_classifier")
    for name in frozen:
        model.get_layer(name).trainable = False
    return model


def load_tensors(model: Any, tensors: Mapping[str, np.ndarray]) -> None:
    """Give the model all its tensors, by name; nothing is assigned unless all fit.

    `BadFileError` names the first tensor that is missing, misshapen or unknown.
    """
    variables = _variables(model)
    shapes = {name: tuple(variable.shape) for name, variable in variables.items()}
    check_tensors(tensors, shapes, "the checkpoint", "this network")
    unknown = sorted(tensors.keys() - variables.keys())
    if unknown:
        raise BadFileError(
            f"the checkpoint has tensor {unknown[0]}, unknown to this model; use weights of this network"
        )
    for name, variable in variables.items():
        variable.assign(np.asarray(tensors[name], dtype=np.float32))


def get_tensors(model: Any) -> dict[str, np.ndarray]:
    """Copies of all tensors, float32 and contiguous, named "<layer>/<weight>", in order, the head last."""
    # asarray, because under NumPy 2 both np.array and keras.ops.convert_to_numpy warn on a variable
    return {
        name: np.asarray(variable).astype(np.float32, order="C")
        for name, variable in _variables(model).items()
    }


def _variables(model: Any) -> dict[str, Any]:
    """By name, in the order of the layers: Keras' own, which for a table in order is the table's."""
    return {f"{layer.name}/{variable.name}": variable for layer in model.layers for variable in layer.weights}

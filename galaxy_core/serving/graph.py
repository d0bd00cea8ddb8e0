"""From the weights of one or many classifiers to one graph: uint8 pixels in, logits and maps
out.

What two models compute alike (same operation, inputs and weight bytes) is in the graph once, so runs that
froze the same layers share their cost; no rule about policies or cuts is needed for it. For every model the
graph gives `<name>/logits` (N, classes) and `<name>/maps` (N, classes, h, w), M_c = sum_k W[k, c] A_k in
logits, whose mean over the cells plus the bias is the logit. Any image size from 32 px works. Models may have
different backbones and classes. It knows no
Keras, no run folder, no file format but ONNX.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from galaxy_core import __version__
from galaxy_core.errors import BadValueError
from galaxy_core.files.atomic import write_bytes_atomically
from galaxy_core.serving.nodes import NodeTable
from galaxy_core.serving.writer import INPUT, Model, write_model

if TYPE_CHECKING:
    import onnx

OPSET = 17
"""Old enough for every runtime since 2022; IR_VERSION is the file format that came with it."""
IR_VERSION = 8
Axes = tuple[str | int, ...]
SMALL_BYTES = 1024
"""Constants up to this size stay inside the graph even where weights are handed over apart."""


def build_graph(
    models: Mapping[str, Model],
    *,
    classes: Mapping[str, Sequence[str]] | None = None,
    about: Mapping[str, Mapping[str, Any]] | None = None,
) -> onnx.ModelProto:
    """One self-contained ONNX model of these named checkpoints.

    Its metadata entry `card` (JSON) says what goes in and comes out, the names of the `classes` of each model in the
    order of its logits, and what is told `about` it. Where all have the same, the card has them once at its top.

    Input `images` uint8 (N, H, W, 3), all three sizes free. Raises BadValueError for no model, BadFileError
    where a tensor is missing or has another shape.
    """
    n_classes = {name: len(model.bias) for name, model in models.items()}
    made = to_proto(build_table(models.items()), n_classes)
    from onnx import helper

    named = {name: list(one) for name, one in (classes or {}).items()}
    told = {
        name: _about(model) | dict((about or {}).get(name, {})) | {"classes": named.get(name, [])}
        for name, model in models.items()
    }
    helper.set_model_props(made, {"card": json.dumps(_card(told))})
    return made


def build_table(models: Iterable[tuple[str, Model]]) -> NodeTable:
    """The nodes of all models in one table, where equal ones meet; models may come one at a time."""
    table = NodeTable()
    for name, model in models:
        model.check(f"the model {name}")
        maps, logits = write_model(table, model)
        table.output(maps, f"{name}/maps")
        table.output(logits, f"{name}/logits")
    if not table.nodes:
        raise BadValueError("a graph needs at least one model, got none; name a run that has a checkpoint")
    return table


def to_proto(
    table: NodeTable, n_classes: Mapping[str, int], *, weights_inside: bool = True
) -> onnx.ModelProto:
    """The table as an ONNX model of the models named, each with its number of classes; with weights not inside,
    large constants are announced as external.
    """
    outputs: dict[str, Axes] = {}
    for name, n in n_classes.items():
        outputs |= {f"{name}/logits": ("N", n), f"{name}/maps": ("N", n, f"h/{name}", f"w/{name}")}
    return table_proto(table, outputs, weights_inside=weights_inside)


def table_proto(
    table: NodeTable, outputs: Mapping[str, Axes], *, weights_inside: bool = True
) -> onnx.ModelProto:
    """The table as an ONNX model with these float32 outputs, axes of a free size named by a text."""
    from onnx import TensorProto, helper

    image = helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["N", "H", "W", 3])
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, list(axes)) for name, axes in outputs.items()
    ]
    constants = [
        _constant(name, array, inside=weights_inside or array.nbytes <= SMALL_BYTES)
        for name, array in table.constants.items()
    ]
    graph = helper.make_graph(table.nodes, "galaxy_classifiers", [image], values, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    model.producer_name, model.producer_version = "galaxy_core", __version__
    return model


def save_graph(model: onnx.ModelProto, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Write the model to `path`, whole or not at all; BadValueError where it exists and `overwrite` is False."""
    write_bytes_atomically(path, model.SerializeToString(), overwrite=overwrite)


def _about(model: Model) -> dict[str, object]:
    """What of a model stands in its backbone's table."""
    return {"backbone": model.backbone.name, "preprocessing": model.backbone.preprocessing.told()}


def _card(models: Mapping[str, Mapping[str, Any]]) -> dict[str, object]:
    """What a stranger must know of the graph."""
    shared = [one["classes"] for one in models.values()]
    return {
        "inputs": {INPUT: "uint8 (N, H, W, 3), RGB 0-255, H and W from 32; preprocessing is in the graph"},
        "outputs": {
            "<model>/logits": "float32 (N, classes); softmax over the last axis gives probabilities",
            "<model>/maps": "float32 (N, classes, H/32, W/32), in logits: their mean is logit - bias",
        },
        "classes": shared[0] if all(one == shared[0] for one in shared) else None,
        "models": models,
        "opset": OPSET,
    }


def _constant(name: str, values: np.ndarray, inside: bool) -> onnx.TensorProto:
    from onnx import TensorProto, helper, numpy_helper

    if inside:
        return numpy_helper.from_array(values, name)
    dtype = helper.np_dtype_to_tensor_dtype(values.dtype)
    announced = TensorProto(name=name, data_type=dtype, dims=values.shape, data_location=TensorProto.EXTERNAL)
    announced.external_data.add(key="location", value="handed over in memory")
    return announced

"""Weights in every layout that strangers have, written by h5py, safetensors and Python's own pickler."""

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from safetensors.numpy import save_file
from torch_files import Tensor, write_zip

from galaxy_core.networks.backbone import HEAD, Backbone
from galaxy_core.networks.registry import get_backbone
from galaxy_core.transfer.weights.keras_layers import Layout

DENSENET = get_backbone("densenet121")
LIST, OLD_LIST = "layers", "_layer_checkpoint_dependencies"
Tensors = Mapping[str, np.ndarray]


def lively(backbone: Backbone = DENSENET, n_classes: int = 10, seed: int = 0) -> dict[str, np.ndarray]:
    """Every tensor of a classifier, no two alike, variances above 0."""
    rng = np.random.default_rng(seed)
    shapes = backbone.tensor_shapes(n_classes)
    return {
        name: rng.uniform(0.5, 1.5, shape).astype("f4")
        if name.endswith(("gamma", "moving_variance"))
        else (rng.normal(size=shape) / np.sqrt(np.prod(shape[:-1]) or 1)).astype("f4")
        for name, shape in shapes.items()
    }


def places(
    root: str = LIST, backbone: Backbone = DENSENET, *, top: str = "", twice: bool = False
) -> dict[str, str]:
    """Where Keras 2.12 and later put each tensor."""
    return Layout(backbone, root, top or root.partition("/")[0], twice).places


def write_layers(path: Path, tensors: Tensors, where: Mapping[str, str]) -> Path:
    """A `.weights.h5` of Keras 2.12 and later."""
    with h5py.File(path, "w") as file:
        for name, place in where.items():
            if name in tensors:
                file[place] = tensors[name]
    return path


def write_keras_zip(path: Path, tensors: Tensors, config: Any = None, root: str = LIST) -> Path:
    """A `.keras`."""
    inner = write_layers(path.with_suffix(".inner"), tensors, places(root))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        archive.writestr("config.json", json.dumps(config or {}))
        archive.write(inner, "model.weights.h5")
    inner.unlink()
    return path


def write_keras_2(
    path: Path, tensors: Tensors, *, below: str = "", nested: bool = False, rename: bool = False
) -> Path:
    """A `.h5` of Keras 2, in the file of a whole model below `model_weights`.

    `nested` has the backbone as one layer, in which what trains comes first; `rename` gives layers names of one's own.
    """
    layers: dict[str, list[str]] = {}
    for name in tensors:
        layers.setdefault(name.partition("/")[0], []).append(name)
    called = {
        layer: f"mine_{i}" if rename else layer.replace("conv1_", "conv1/") for i, layer in enumerate(layers)
    }
    called[HEAD] = "dense"
    weights = {name: f"{called[name.partition('/')[0]]}/{name.partition('/')[2]}:0" for name in tensors}
    with h5py.File(path, "w") as file:
        holder = file.create_group(below) if below else file
        groups = {called[layer]: names for layer, names in layers.items()}
        if nested:
            body = [name for name in tensors if not name.startswith(HEAD)]
            moving = [name for name in body if "moving" in name]
            groups = {"net": [*(n for n in body if n not in moving), *moving], "dense": layers.get(HEAD, [])}
        holder.attrs["layer_names"] = [b"input_1", *(name.encode() for name in groups)]
        holder.create_group("input_1").attrs["weight_names"] = np.zeros(0, "S1")
        for group, names in groups.items():
            own = holder.create_group(group)
            own.attrs["weight_names"] = [weights[name].encode() for name in names] or np.zeros(0, "S1")
            for name in names:
                own[weights[name]] = tensors[name]
    return path


def of_torch(tensors: Tensors, *, prefix: str = "", old: bool = False) -> dict[str, np.ndarray]:
    """As torchvision and timm name and turn the tensors of a DenseNet; `old` spellings have no counts."""
    found: dict[str, np.ndarray] = {}
    for name, values in tensors.items():
        layer, _, weight = name.partition("/")
        if layer == HEAD:
            theirs, values = f"classifier.{'weight' if weight == 'kernel' else 'bias'}", values.T
        else:
            turned = values.transpose(3, 2, 0, 1) if values.ndim == 4 else values
            theirs, values = f"features.{_module(layer, old)}.{_WEIGHTS[weight]}", turned
        found[f"{prefix}{theirs}"] = np.ascontiguousarray(values)
        if weight == "moving_variance" and not old:
            found[f"{prefix}{theirs.rpartition('.')[0]}.num_batches_tracked"] = np.array(7)
    return found


_WEIGHTS = {
    "kernel": "weight",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
_PARTS = {"0_bn": "norm1", "1_conv": "conv1", "1_bn": "norm2", "2_conv": "conv2"}


def _module(layer: str, old: bool) -> str:
    if layer in (known := {"conv1_conv": "conv0", "conv1_bn": "norm0", "bn": "norm5"}):
        return known[layer]
    first, _, rest = layer.partition("_")
    if first.startswith("pool"):
        return f"transition{int(first[4:]) - 1}.{'norm' if rest == 'bn' else 'conv'}"
    block, _, part = rest.partition("_")
    named = _PARTS[part]
    named = f"{named[:-1]}.{named[-1]}" if old else named
    return f"denseblock{int(first[4:]) - 1}.denselayer{block[5:]}.{named}"


def write_torch(path: Path, stored: Mapping[str, np.ndarray], inside: str = "") -> Path:
    """A `.pth`, its tensors in the dictionary `inside` where it has a name; needs the fixture `torch_names`."""
    told: Any = {name: Tensor(values) for name, values in stored.items()}
    return write_zip(path, {inside: told, "epoch": 3} if inside else told)


def write_safetensors(path: Path, stored: Mapping[str, np.ndarray]) -> Path:
    """A `.safetensors`."""
    save_file({name: np.ascontiguousarray(values) for name, values in stored.items()}, path)
    return path


Writer = Callable[[Path, Tensors], Path]

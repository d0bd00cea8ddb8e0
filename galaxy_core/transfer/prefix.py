"""A classifier in two: the frozen prefix, from the image to a tap, and what learns, from the tap to the logits.

The network is one tensor wide at a tap (`networks.cut.tap_at`), so what learns is an ordinary Keras model of the
classifier's own layers: what is learned in the part is learned in the whole. The prefix is named by its weights; who
computes it is no business of this module.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.registry import get_backbone
from galaxy_core.transfer.classifier import import_keras


def suffix_model(model: Any, tap: str) -> Any:
    """The output of layer `tap`, float32 (N, h, w, channels) → logits, sharing all layers with `model`."""
    return import_keras().Model(model.get_layer(tap).output, model.output)


def prefix_digest(backbone: Backbone, tensors: Mapping[str, np.ndarray], tap: str) -> str:
    """sha256 (hex) of all tensors at or below the layer `tap`, and of how it is shown images where that is not the
    backbone's own way: equal digests make equal features.
    """
    digest = hashlib.sha256()
    if (shown := backbone.preprocessing.name) != get_backbone(backbone.name).preprocessing.name:
        digest.update(shown.encode())
    for layer in backbone.layers:
        for name in layer.weights:
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(tensors[name], dtype=np.float32).tobytes())
        if layer.name == tap:
            return digest.hexdigest()
    raise AssertionError(f"{tap} is no layer of {backbone.title}")

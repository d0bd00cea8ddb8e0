"""Class activation maps as a closed form, where a network ends in average pooling and one dense layer.

With final features A (h, w, K), head kernel W (K, classes) and bias b, the map of class c is M_c = sum_k W[k,
c] A_k, in logits, and its mean over the cells is logit_c - b_c (Zhou et al. 2016, eq. 2). The gradient of the
logit is W[:, c]/(h w) in every cell, so Grad-CAM (Selvaraju et al. 2017, eq. 1 and 2) is ReLU(M_c)/(h w), and
without the ReLU it is HiResCAM (Draelos & Carin 2020) as well. NumPy only: knows no engine, file or picture.
"""

import numpy as np

from galaxy_core.errors import BadValueError

LAST_FEATURES = "relu"
ROUNDING = 1e-6
"""A cell this small beside the largest one is float32 noise, not evidence."""


def closed_form_maps(features: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Maps of all classes from the last feature map: (N, h, w, K) and (K, classes) to float32 (N, classes, h,
    w).
    """
    if features.ndim != 4 or kernel.ndim != 2 or features.shape[-1] != kernel.shape[0]:
        raise BadValueError(
            f"features (N, h, w, K) and kernel (K, classes) must agree in K, "
            f"got {features.shape} and {kernel.shape}; take the features that global average pooling reads"
        )
    return np.einsum("nhwk,kc->nchw", features, kernel, optimize=True).astype(np.float32)


def class_map(maps: np.ndarray, class_index: int) -> np.ndarray:
    """The map of one class, (..., classes, h, w) to (..., h, w), in logits."""
    return np.asarray(maps[..., _checked(class_index, maps), :, :], np.float32)


def centred_map(maps: np.ndarray, class_index: int) -> np.ndarray:
    """The map of one class minus the mean over the classes: what speaks for this class rather than for the
    others.

    Adding one vector to the weights of all classes leaves the probabilities alone but changes every plain
    map; this map stays as it is, so it is the one to compare models by.
    """
    return class_map(maps, class_index) - np.mean(maps, axis=-3, dtype=np.float32)


def why_blank(values: np.ndarray, *, features: np.ndarray | None = None) -> str | None:
    """The reason why the rectified map shows nothing, as one sentence, or None where it shows something.

    values (h, w) in logits; features (h, w, K) of the same image, where at hand, tell dead features from a
    zero head.
    """
    if not np.all(np.isfinite(values)):
        return (
            "The map holds numbers that are not finite: the weights are broken, as after a diverged training."
        )
    largest, size = float(np.max(values)), float(np.max(np.abs(values)))
    if size == 0:
        return _why_zero(features)
    if largest <= ROUNDING * size:
        return f"Every cell speaks against this class (the best: {largest:.2g} logits), so nothing is left."
    return None


def _why_zero(features: np.ndarray | None) -> str:
    if features is None:
        return "The map is zero everywhere: dead features, or a head that gives this class no weight."
    if not np.any(features):
        return "Dead features: every feature of the last layer is zero for this image."
    return "The features respond, but the head gives this class no weight to any of those that do."


def _checked(class_index: int, maps: np.ndarray) -> int:
    shape = maps.shape
    if maps.ndim < 3:
        raise BadValueError(
            f"maps must have shape (..., classes, h, w), got {shape}; keep the axis of the classes"
        )
    if not 0 <= class_index < shape[-3]:
        raise BadValueError(
            f"class_index must lie in 0..{shape[-3] - 1}, got {class_index}; the run has so many classes"
        )
    return int(class_index)

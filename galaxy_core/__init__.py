"""How much of a network pre-trained elsewhere should a galaxy classifier keep?

The face for notebooks and scripts: `import galaxy_core as gx`. Names are loaded when they are first used, so importing
costs nothing; what they do stands in `galaxy_core.face`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from galaxy_core.catalogues.catalogue import Catalogue
    from galaxy_core.data.classes import GALAXY10, Classes
    from galaxy_core.data.galaxy10 import Galaxies, open_galaxies
    from galaxy_core.face import (
        Answer,
        compare,
        explain,
        open_catalogue,
        open_runs,
        overlay,
        predict,
        read_image,
        table,
        train,
    )
    from galaxy_core.images.read import Image
    from galaxy_core.images.view import View
    from galaxy_core.networks.cut import cut_at
    from galaxy_core.networks.policy import POLICIES
    from galaxy_core.networks.registry import BACKBONES, get_backbone
    from galaxy_core.runs.config import TrainConfig
    from galaxy_core.runs.run import Run

__version__ = "0.1.0"

_PLACES = {
    **dict.fromkeys(
        (
            *("Answer", "compare", "explain", "open_catalogue", "open_runs"),
            *("overlay", "predict", "read_image", "table", "train"),
        ),
        "face",
    ),
    "Catalogue": "catalogues.catalogue",
    "Classes": "data.classes",
    "GALAXY10": "data.classes",
    "Galaxies": "data.galaxy10",
    "open_galaxies": "data.galaxy10",
    "Image": "images.read",
    "View": "images.view",
    "cut_at": "networks.cut",
    "POLICIES": "networks.policy",
    "BACKBONES": "networks.registry",
    "get_backbone": "networks.registry",
    "TrainConfig": "runs.config",
    "Run": "runs.run",
}
__all__ = [
    "BACKBONES",
    "GALAXY10",
    "POLICIES",
    "Answer",
    "Catalogue",
    "Classes",
    "Galaxies",
    "Image",
    "Run",
    "TrainConfig",
    "View",
    "compare",
    "cut_at",
    "explain",
    "get_backbone",
    "open_catalogue",
    "open_galaxies",
    "open_runs",
    "overlay",
    "predict",
    "read_image",
    "table",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"galaxy_core has no {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(f"galaxy_core.{_PLACES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

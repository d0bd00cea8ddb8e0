"""How much of a network pre-trained elsewhere should a galaxy classifier keep?

The face for notebooks and scripts: `import galaxy_core as gx`. Names are loaded when they are first used, so importing
costs nothing; what they do stands in `galaxy_core.face`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from galaxy_core.catalogues.catalogue import Catalogue as Catalogue
    from galaxy_core.data.classes import GALAXY10 as GALAXY10
    from galaxy_core.data.classes import Classes as Classes
    from galaxy_core.data.galaxy10 import Galaxies as Galaxies
    from galaxy_core.data.galaxy10 import open_galaxies as open_galaxies
    from galaxy_core.face import Answer as Answer
    from galaxy_core.face import compare as compare
    from galaxy_core.face import explain as explain
    from galaxy_core.face import open_catalogue as open_catalogue
    from galaxy_core.face import open_runs as open_runs
    from galaxy_core.face import overlay as overlay
    from galaxy_core.face import predict as predict
    from galaxy_core.face import read_image as read_image
    from galaxy_core.face import similar as similar
    from galaxy_core.face import table as table
    from galaxy_core.face import train as train
    from galaxy_core.images.image import Image as Image
    from galaxy_core.images.view import View as View
    from galaxy_core.networks.cut import cut_at as cut_at
    from galaxy_core.networks.policy import POLICIES as POLICIES
    from galaxy_core.networks.registry import BACKBONES as BACKBONES
    from galaxy_core.networks.registry import get_backbone as get_backbone
    from galaxy_core.runs.config import TrainConfig as TrainConfig
    from galaxy_core.runs.run import Run as Run

__version__ = "0.2.0"

_NAMES = {
    "catalogues.catalogue": ("Catalogue",),
    "data.classes": ("GALAXY10", "Classes"),
    "data.galaxy10": ("Galaxies", "open_galaxies"),
    "face": (
        "Answer",
        "compare",
        "explain",
        "open_catalogue",
        "open_runs",
        "overlay",
        "predict",
        "read_image",
        "similar",
        "table",
        "train",
    ),
    "images.image": ("Image",),
    "images.view": ("View",),
    "networks.cut": ("cut_at",),
    "networks.policy": ("POLICIES",),
    "networks.registry": ("BACKBONES", "get_backbone"),
    "runs.config": ("TrainConfig",),
    "runs.run": ("Run",),
}
"""By module, what it gives to the face."""
_PLACES = {name: module for module, names in _NAMES.items() for name in names}
__all__ = sorted(_PLACES)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"galaxy_core has no {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(f"galaxy_core.{_PLACES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

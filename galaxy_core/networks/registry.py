"""The backbones there are, each made when it is first asked for."""

from collections.abc import Callable
from functools import cache, partial

from galaxy_core.errors import BadValueError
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.backbones.densenet import densenet
from galaxy_core.networks.backbones.efficientnet_lite import efficientnet_lite
from galaxy_core.networks.backbones.efficientnet_v2 import efficientnet_v2_s

_MAKERS: dict[str, Callable[[], Backbone]] = {
    "densenet121": partial(densenet, 121),
    "densenet169": partial(densenet, 169),
    "densenet201": partial(densenet, 201),
    "efficientnet_lite0": partial(efficientnet_lite, 0),
    "efficientnet_lite1": partial(efficientnet_lite, 1),
    "efficientnet_lite2": partial(efficientnet_lite, 2),
    "efficientnet_v2_s": efficientnet_v2_s,
}
BACKBONES: tuple[str, ...] = tuple(_MAKERS)
"""Their names, the default first."""
DEFAULT_BACKBONE = BACKBONES[0]
"""The network of the paper."""


@cache
def get_backbone(name: str) -> Backbone:
    """The backbone of this name; `BadValueError` names the choices."""
    if name not in _MAKERS:
        raise BadValueError(
            f"backbone must be one of {', '.join(BACKBONES)}, got {name!r}; choose one of them"
        )
    return _MAKERS[name]()

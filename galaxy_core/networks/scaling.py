"""How a network is shown the values 0 to 255 of an image: the ways there are, and a backbone that wants another one.

A backbone's own way is that of its ImageNet weights; weights from elsewhere may have learned another, and whatever
starts from them must be shown images in that one.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from galaxy_core.errors import BadValueError, quoted
from galaxy_core.networks.backbone import Backbone, Preprocessing, standardised
from galaxy_core.networks.backbones import densenet, efficientnet_lite, efficientnet_v2

_KNOWN = (
    densenet.IMAGENET,
    standardised("0-255", (0.0,) * 3, (1.0,) * 3),
    standardised("0-1", (0.0,) * 3, (255.0,) * 3),
    standardised("-1-1", (127.5,) * 3, (127.5,) * 3),
    efficientnet_lite.IMAGE,
    efficientnet_v2.IMAGE,
)
SCALINGS: dict[str, Preprocessing] = {one.name: one for one in _KNOWN}
"""By name; the two of the EfficientNets are (value - 127) / 128 and (value - 128) / 128."""
IN_WORDS = {
    "imagenet": "values 0 to 255 standardised with ImageNet's mean and deviation",
    "0-255": "values 0 to 255 as they are",
    "0-1": "values divided by 255",
    "-1-1": "values brought to -1 to 1",
    "efficientnet_lite": "(value - 127) / 128",
    "minus_one_to_one": "(value - 128) / 128",
}


def check_scaling(name: object) -> str:
    """The name itself where it is one; else a BadValueError with all there are."""
    if not isinstance(name, str) or name not in SCALINGS:
        raise BadValueError(f"the scaling must be one of {', '.join(SCALINGS)}, got {quoted(name)}")
    return name


def scaled(backbone: Backbone, name: str | None) -> Backbone:
    """The backbone shown images in the way `name`; itself where that is its own, or None."""
    if name is None or check_scaling(name) == backbone.preprocessing.name:
        return backbone
    return _scaled(backbone, name)


@cache
def _scaled(backbone: Backbone, name: str) -> Backbone:
    return replace(backbone, preprocessing=SCALINGS[name])

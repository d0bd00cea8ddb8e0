"""A whole backbone of two convolutions, so that a training takes seconds, in the place of the default one."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from galaxy_core.networks import registry
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.layer import Pen
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone

N_FEATURES = 6


def tiny() -> Backbone:
    """8 × 8 pixels to 6 features, and those to 6 others."""
    pen = Pen()
    for end, kernel in (("", 8), ("2", 1)):
        pen.conv(f"conv{end}", N_FEATURES, kernel=kernel, stride=kernel)
        pen.batch_norm(f"bn{end}")
        pen.write(f"relu{end}", "relu")
    real = registry._MAKERS[DEFAULT_BACKBONE]()
    return replace(
        real, title="Tiny", layers=tuple(pen.layers), n_stem_layers=2, ends_of_blocks=("relu", "relu2")
    )


def use_tiny_backbone() -> None:
    """For the rest of this process."""
    made = tiny()
    registry._MAKERS[DEFAULT_BACKBONE] = lambda: made
    get_backbone.cache_clear()


@pytest.fixture(scope="module")
def tiny_backbone() -> Iterator[Backbone]:
    """The default backbone is a tiny one, for the tests of a file that only need a network."""
    made = tiny()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(registry._MAKERS, DEFAULT_BACKBONE, lambda: made)
        get_backbone.cache_clear()
        yield made
    get_backbone.cache_clear()

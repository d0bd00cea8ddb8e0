"""A whole backbone of one convolution in place of the default, so that what needs *a* network takes no time."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from galaxy_core.networks import registry
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.layer import Pen
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone


def tiny() -> Backbone:
    """8 × 8 pixels to 6 features, with batch normalisation."""
    pen = Pen()
    pen.conv("conv", 6, kernel=8, stride=8)
    pen.batch_norm("bn")
    pen.write("relu", "relu")
    real = get_backbone(DEFAULT_BACKBONE)
    return replace(real, title="Tiny", layers=tuple(pen.layers), n_stem_layers=2, ends_of_blocks=("relu",))


def put_in_place(made: Backbone) -> None:
    """From now on the default backbone of this process is that one."""
    registry._MAKERS[DEFAULT_BACKBONE] = lambda: made
    get_backbone.cache_clear()


@pytest.fixture
def tiny_network() -> Iterator[Backbone]:
    """The default backbone is the tiny one while a test runs."""
    before, made = registry._MAKERS[DEFAULT_BACKBONE], tiny()
    put_in_place(made)
    yield made
    registry._MAKERS[DEFAULT_BACKBONE] = before
    get_backbone.cache_clear()

"""Rendered galaxies of the ten Galaxy10 classes, with the true place of every element.

A mock is drawn from light profiles astronomers fit to real galaxies, seen through a telescope's blur, sky noise
and the Legacy Survey colours. It needs no download and no licence, and it answers what a photograph cannot:
which pixels are bar, arm or dust. This package knows nothing of networks, runs or real files.
"""

from galaxy_core.data.mock.colour import legacy_rgb
from galaxy_core.data.mock.file import write_mock_file
from galaxy_core.data.mock.galaxy import MockGalaxy, make_mock_galaxies, render
from galaxy_core.data.mock.scene import ELEMENTS

__all__ = ["ELEMENTS", "MockGalaxy", "legacy_rgb", "make_mock_galaxies", "render", "write_mock_file"]

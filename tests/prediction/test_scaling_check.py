"""A scaling that is visibly wrong is pointed out, and only that."""

from pathlib import Path

import pytest
from brightness import DARK_AND_BRIGHT, write_galaxies, write_network

from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.prediction.scaling_check import doubt_scaling
from galaxy_core.runs.config import TrainConfig
from galaxy_core.transfer.weights.imported import import_classifier

pytestmark = pytest.mark.usefixtures("tiny_backbone")


def test_a_network_that_guesses_in_its_scaling_and_knows_in_another_is_pointed_out(tmp_path: Path) -> None:
    galaxies, file = (
        open_galaxies(write_galaxies(tmp_path / "g.h5")),
        write_network(tmp_path / "n.safetensors"),
    )
    config = TrainConfig(str(tmp_path / "g.h5"), image_size=32)

    def doubt(scaling: str):
        run = import_classifier(
            file, f"as{scaling}", config, scaling=scaling, data_classes=DARK_AND_BRIGHT
        ).run
        return doubt_scaling(run, galaxies)

    found = doubt("0-1")
    assert found is not None
    assert (found.better, found.n, found.n_right, found.n_right_better) == ("0-255", 40, 20, 40)
    assert "like guessing (20 of 40 of these galaxies right), and with the scaling 0-255" in found.sentence
    assert doubt("0-255") is None


def test_a_network_that_guesses_in_every_scaling_is_not_blamed_on_one(tmp_path: Path) -> None:
    from galaxy_core.runs.checkpoint import read_tensors, write_tensors

    galaxies, file = (
        open_galaxies(write_galaxies(tmp_path / "g.h5")),
        write_network(tmp_path / "n.safetensors"),
    )
    tensors = read_tensors(file)
    tensors["predictions/kernel"][:] = 0
    write_tensors(file, tensors)
    config = TrainConfig(str(tmp_path / "g.h5"), image_size=32)
    run = import_classifier(file, "deaf", config, scaling="0-1", data_classes=DARK_AND_BRIGHT).run
    assert doubt_scaling(run, galaxies) is None

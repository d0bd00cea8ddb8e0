"""How a network is shown values: every way in numbers, and one name for each network that is shown them so."""

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.networks.registry import get_backbone
from galaxy_core.networks.scaling import IN_WORDS, SCALINGS, scaled
from galaxy_core.runs.config import TrainConfig

DENSENET, LITE = get_backbone("densenet121"), get_backbone("efficientnet_lite0")


@pytest.mark.parametrize(
    ("name", "black", "white"),
    [
        ("0-255", 0, 255),
        ("0-1", 0, 1),
        ("-1-1", -1, 1),
        ("efficientnet_lite", -127 / 128, 1),
        ("minus_one_to_one", -1, 127 / 128),
        ("imagenet", -0.485 / 0.229, (1 - 0.485) / 0.229),
    ],
)
def test_black_and_white_become_the_two_ends_of_the_way_they_are_shown(name, black, white) -> None:
    shown = scaled(DENSENET, name).preprocessing(np.array([[0.0] * 3, [255.0] * 3]))
    np.testing.assert_allclose(shown[:, 0], (black, white), atol=1e-6)
    assert SCALINGS.keys() == IN_WORDS.keys()


def test_a_network_in_its_own_way_is_that_very_network_and_has_one_name_in_a_config() -> None:
    assert scaled(LITE, "efficientnet_lite") is scaled(LITE, None) is LITE
    assert scaled(LITE, "0-1") is scaled(LITE, "0-1") is not LITE
    config = TrainConfig("g.h5", backbone="efficientnet_lite0", scaling="efficientnet_lite")
    assert config == TrainConfig("g.h5", backbone="efficientnet_lite0")
    other = TrainConfig("g.h5", scaling="0-1")
    assert TrainConfig.from_json(other.to_json()).network.preprocessing.name == "0-1"


def test_a_way_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadValueError, match=r"one of imagenet, 0-255, 0-1, -1-1, .*, got 'caffe'"):
        TrainConfig("g.h5", scaling="caffe")

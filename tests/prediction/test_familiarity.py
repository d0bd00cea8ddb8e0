"""Pictures of which it is known what is strange about them."""

from collections.abc import Callable

import numpy as np
import pytest

from galaxy_core.data.mock import render
from galaxy_core.errors import BadValueError
from galaxy_core.prediction.familiarity import RANGES, measures, unlike_training


def galaxy(label: int = 2) -> np.ndarray:
    return render(label, np.random.default_rng([5, label])).image


@pytest.mark.parametrize("label", range(10))
def test_a_mock_galaxy_of_any_class_is_familiar(label: int) -> None:
    assert unlike_training(galaxy(label)) == ()


def test_a_flat_picture_is_measured_as_what_it_is() -> None:
    found = measures(np.full((256, 256, 3), (90, 60, 30), np.uint8))
    assert found == {
        "sky": 60,
        "sky_colour": 30,
        "rim_structure": 0,
        "grain": 0,
        "light": 0,
        "colour": 60,
    }
    assert set(found) == set(RANGES)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda image: image // 4, "sky is darker"),
        (lambda image: 255 - image, "rim is brighter"),
        (lambda image: np.repeat(image.mean(axis=2, keepdims=True), 3, axis=2), "no colours"),
        (lambda image: np.roll(image, (128, 128), axis=(0, 1)), "hardly any light in its middle"),
        (lambda image: np.concatenate([image[..., :1] + 40.0, image[..., 1:]], axis=2), "sky has a colour"),
    ],
)
def test_what_is_strange_is_named_with_its_range(
    change: Callable[[np.ndarray], np.ndarray], sentence: str
) -> None:
    said = unlike_training(np.clip(change(galaxy()), 0, 255).astype(np.uint8))
    assert any(sentence in reason and "training images have" in reason for reason in said)


def test_noise_without_a_galaxy_is_strange_in_several_ways() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    assert len(unlike_training(noise)) >= 3


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(BadValueError, match="uint8"):
        measures(np.zeros((256, 256, 3)))
    with pytest.raises(BadValueError, match="uint8"):
        measures(np.zeros((4, 4, 3), np.uint8))

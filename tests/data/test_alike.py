"""Copies are found byte for byte and through compression; galaxies that merely look alike are not."""

import cv2
import numpy as np
import pytest

from galaxy_core.data.alike import (
    NEAR_AGREEMENT,
    curvature_hash,
    fingerprints,
    identical_pairs,
    near_identical_pairs,
)


def sky(seed: int, radius: int = 40) -> np.ndarray:
    """The same round galaxy under its own sky noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-128:128, -128:128]
    light = 150 * np.exp(-np.hypot(x, y) / radius) + 30
    return np.clip(light[..., None] + rng.normal(0, 6, (256, 256, 3)), 0, 255).astype(np.uint8)


def compressed(image: np.ndarray, quality: int = 60) -> np.ndarray:
    encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR))


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """0 … 5 are alike but other galaxies; 6 is 2 again, 7 is 3 compressed, 8 is 4 dimmed, 9 is 2 once more."""
    six = [sky(seed) for seed in range(6)]
    return np.stack([*six, six[2], compressed(six[3]), (six[4] * 0.8).astype(np.uint8), six[2]])


def test_images_equal_in_every_byte_are_named_with_the_first_of_them(images: np.ndarray) -> None:
    assert identical_pairs(fingerprints(images)).tolist() == [[2, 6], [2, 9]]


def test_a_changed_pixel_makes_another_image(images: np.ndarray) -> None:
    changed = images[[0, 0]]
    changed[1, 255, 255, 2] ^= 1
    prints = fingerprints(changed)
    assert len(identical_pairs(prints)) == 0
    assert near_identical_pairs(prints).tolist() == [[0, 1]]


def test_compression_and_brightness_do_not_hide_a_copy(images: np.ndarray) -> None:
    pairs = near_identical_pairs(fingerprints(images))
    assert sorted(map(tuple, pairs.tolist())) == [(2, 6), (2, 9), (3, 7), (4, 8), (6, 9)]


def test_galaxies_of_one_shape_are_told_apart_by_their_sky(images: np.ndarray) -> None:
    bits = fingerprints(images).bits
    assert np.mean(bits[0] == bits[1]) < NEAR_AGREEMENT - 0.1


def test_the_size_of_the_blocks_changes_no_pair(images: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    prints = fingerprints(images)
    at_once = near_identical_pairs(prints)
    monkeypatch.setattr("galaxy_core.data.alike.ROWS_AT_ONCE", 3)
    assert sorted(near_identical_pairs(prints).tolist()) == sorted(at_once.tolist())


def test_a_turned_picture_is_another_one(images: np.ndarray) -> None:
    assert np.mean(curvature_hash(images[0]) == curvature_hash(np.rot90(images[0]).copy())) < NEAR_AGREEMENT


def test_the_image_in_small_is_its_means(images: np.ndarray) -> None:
    small = fingerprints(images[:1]).small[0]
    assert small.shape == (16, 16, 3)
    np.testing.assert_allclose(small[3, 5], images[0, 48:64, 80:96].mean(axis=(0, 1)), atol=0.6)


def test_progress_ends_with_the_last_image(images: np.ndarray) -> None:
    seen: list[tuple[int, int]] = []
    fingerprints(images, lambda *at: seen.append(at))
    assert seen == [(10, 10)]

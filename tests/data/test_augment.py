"""Random changes that keep a galaxy a galaxy."""

import dataclasses
import json

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_core.data.augment import AUGMENT_VERSION, Augmentation, augment, shift_channels
from galaxy_core.errors import BadValueError
from galaxy_core.images.view import training_view

AT_REST = Augmentation(0, 0, 0, "none")


def generator(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture
def noise():
    return generator().integers(0, 256, (64, 64, 3), np.uint8)


@pytest.mark.parametrize(("crop", "size"), [(64, 64), (64, 32), (40, 40), (40, 24)])
def test_at_rest_it_is_the_view_of_the_test(noise, crop, size):
    np.testing.assert_array_equal(
        augment(noise, AT_REST, generator(), size, crop), training_view(noise[None], crop, size)[0]
    )


@settings(max_examples=30, deadline=None)
@given(
    st.builds(
        Augmentation,
        st.floats(0, 180),
        st.floats(0, 0.5),
        st.floats(0, 255),
        st.sampled_from(["common", "per_channel", "none"]),
        st.booleans(),
    ),
    st.integers(0, 2**32),
    st.integers(8, 80),
    st.integers(8, 50),
)
def test_any_setting_gives_the_same_uint8_pixels_twice(augmentation, seed, size, crop):
    image = generator(1).integers(0, 256, (50, 60, 3), np.uint8)
    one, other = (augment(image, augmentation, generator(seed), size, crop) for _ in range(2))
    assert one.dtype == np.uint8
    assert one.shape == (size, size, 3)
    np.testing.assert_array_equal(one, other)


VIEWS = {
    1: (
        [129, 209, 184, 175, 168, 120, 72, 140],
        [182, 63, 77, 222, 122, 93, 107, 166],
    )
}
"""By AUGMENT_VERSION: the first line of a random view and of the plain one. Kept features are found by that number."""


def test_views_that_come_out_otherwise_have_another_version():
    image = generator().integers(0, 256, (8, 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    view = augment(image, Augmentation(flip=True), generator(1), 8, 48)
    plain = training_view(image[None], 48, 8)[0]
    made = view[0, :, 0].astype(int), plain[0, :, 1].astype(int)
    np.testing.assert_allclose(made, VIEWS[AUGMENT_VERSION], atol=1)


def test_the_image_itself_is_not_touched(noise):
    noise.flags.writeable = False
    augment(noise, Augmentation(), generator(), 64)


def test_a_turn_keeps_distances_and_the_scale():
    image = np.zeros((257, 257, 3), np.uint8)
    image[124:133, 164:173] = 250  # 40 pixels from the centre
    for seed in range(20):
        view = augment(image, Augmentation(180, 0, 0, "none"), generator(seed), 129, 129)[:, :, 0].astype(
            float
        )
        y, x = np.indices(view.shape)
        centroid = np.array([(view * y).sum(), (view * x).sum()]) / view.sum() - 64
        assert np.hypot(*centroid) == pytest.approx(40, abs=0.5)
        assert view.sum() == pytest.approx(81 * 250, rel=0.02)


def test_turns_come_from_all_sides_and_stay_within_their_limit():
    image = np.zeros((65, 65, 3), np.uint8)
    image[31:34, 50:53] = 250
    for limit in (30, 180):
        angles = []
        for seed in range(200):
            view = augment(image, Augmentation(limit, 0, 0, "none"), generator(seed), 65)[:, :, 0]
            y, x = np.unravel_index(view.argmax(), view.shape)
            angles.append(np.degrees(np.arctan2(y - 32, x - 32)))
        assert max(np.abs(angles)) <= limit + 4
        assert max(angles) > 0.8 * limit
        assert min(angles) < -0.8 * limit


def test_a_shift_is_a_fraction_of_the_crop():
    image = np.zeros((101, 101, 3), np.uint8)
    image[48:53, 48:53] = 250
    moves = []
    for seed in range(100):
        view = augment(image, Augmentation(0, 0.1, 0, "none"), generator(seed), 51, 51)[:, :, 0].astype(float)
        y, x = np.indices(view.shape)
        moves += [(view * x).sum() / view.sum() - 25, (view * y).sum() / view.sum() - 25]
    assert max(np.abs(moves)) <= 5.2
    assert max(moves) > 4
    assert min(moves) < -4


def test_a_turned_crop_sees_the_image_around_it_not_black_corners():
    image = np.full((128, 128, 3), 100, np.uint8)
    image[:10] = image[-10:] = 255
    for seed in range(20):
        assert (augment(image, Augmentation(180, 0, 0, "none"), generator(seed), 64, 64) == 100).all()


def test_beyond_the_image_it_is_mirrored_not_black():
    image = np.full((64, 64, 3), 100, np.uint8)
    assert (augment(image, Augmentation(180, 0.5, 0, "none"), generator(), 64) == 100).all()


def test_flips_mirror_half_of_the_views_each_way():
    image = np.zeros((16, 16, 3), np.uint8)
    image[2, 3] = 250
    seen = set()
    for seed in range(40):
        view = augment(image, Augmentation(0, 0, 0, "none", True), generator(seed), 16)
        seen.add(tuple(np.argwhere(view[:, :, 0] == 250)[0].tolist()))
    assert seen == {(2, 3), (13, 3), (2, 12), (13, 12)}


@pytest.mark.parametrize(("mode", "n_offsets"), [("common", 1), ("per_channel", 3)])
def test_a_channel_shift_adds_one_offset_to_all_or_one_to_each(mode, n_offsets):
    image = np.full((16, 16, 3), 128, np.uint8)
    image[0, 0], image[0, 1] = 0, 255
    offsets = []
    for seed in range(50):
        view = augment(image, Augmentation(0, 0, 20, mode), generator(seed), 16).astype(int)
        shift = view[8, 8] - 128
        assert len(set(shift.tolist())) <= n_offsets
        offsets += shift.tolist()
    assert max(np.abs(offsets)) <= 20
    assert max(offsets) > 15
    assert min(offsets) < -15


def test_shifted_channels_are_clipped_to_the_range_of_the_image_as_keras_does():
    image = np.array([[[10, 10, 10], [100, 100, 100], [200, 200, 200]]], np.uint8)
    shifted = shift_channels(image, np.array([20, -20, 0]))
    assert shifted.tolist() == [[[30, 10, 10], [120, 80, 100], [200, 180, 200]]]


def test_the_shift_equals_the_formula_of_keras(noise):
    image = noise.clip(20, 220)
    keras = np.stack(
        [np.clip(image[..., k].astype(float) + 7, image.min(), image.max()) for k in range(3)], -1
    )
    np.testing.assert_array_equal(shift_channels(image, np.array([7, 7, 7])), keras)


def test_switching_one_change_off_leaves_the_draws_of_the_others():
    image = np.zeros((65, 65, 3), np.uint8)
    image[30:35, 45:50] = 250
    image[0, 0] = 255
    with_shift = augment(image, Augmentation(180, 0.1, 20, "common"), generator(5), 65)
    without = augment(image, Augmentation(180, 0.1, 0, "none"), generator(5), 65)
    offsets = with_shift.astype(int) - without
    inner = offsets[(without > 50) & (without < 200)]
    assert len(set(inner.tolist())) == 1


def test_it_is_plain_json():
    plain = json.loads(json.dumps(dataclasses.asdict(Augmentation())))
    assert Augmentation(**plain) == Augmentation()


@pytest.mark.parametrize(
    ("settings_", "words"),
    [
        ({"rotation_degrees": 181}, r"rotation_degrees must be a number in \[0, 180\], got 181"),
        ({"rotation_degrees": -1}, "rotation_degrees"),
        ({"translation_fraction": 0.6}, "translation_fraction"),
        ({"translation_fraction": float("nan")}, "translation_fraction"),
        ({"channel_shift": 256}, "channel_shift"),
        ({"channel_shift": "20"}, "channel_shift must be a number"),
        ({"channel_shift": True}, "channel_shift must be a number"),
        ({"channel_shift_mode": "hue"}, "channel_shift_mode must be one of common, per_channel, none"),
        ({"flip": 1}, "flip must be true or false"),
    ],
)
def test_a_setting_outside_its_rule_is_refused(settings_, words):
    with pytest.raises(BadValueError, match=words):
        Augmentation(**settings_)


def test_a_scale_enlarges_and_shrinks_by_at_most_that_and_moves_no_other_draw() -> None:
    image = np.zeros((129, 129, 3), np.uint8)
    cv2.circle(image, (64, 64), 20, (255, 255, 255), -1)
    areas = [
        int(
            (
                augment(image, Augmentation(0, 0, 0, "none", scale=0.3), generator(seed), 129)[..., 0] > 127
            ).sum()
        )
        for seed in range(40)
    ]
    plain = int((image[..., 0] > 127).sum())
    ratios = np.sqrt(np.array(areas) / plain)
    assert 1 / 1.32 < ratios.min() < 0.85 < 1.15 < ratios.max() < 1.32
    turned, as_well_scaled = (
        augment(image, Augmentation(0, 0, 20, "common", scale=scale), generator(3), 129)
        for scale in (0.0, 1e-9)
    )
    assert (turned == as_well_scaled).all()

"""Views of photographs: what is random stays within its bounds, and a step is the same whenever it is asked for."""

import cv2
import numpy as np
import pytest

from galaxy_core.data.photographs import views as photograph_views
from galaxy_core.data.photographs.listing import Photographs, open_photographs
from galaxy_core.data.photographs.views import (
    PhotographBatches,
    PlainPhotographs,
    random_view,
    recolour,
    steps_a_pass,
)
from galaxy_core.errors import BadValueError

N_EACH = 5


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Photographs:
    """Ten pictures of noise in two classes."""
    folder = tmp_path_factory.mktemp("noise")
    rng = np.random.default_rng(0)
    for name in "ab":
        (folder / name).mkdir()
        for i in range(N_EACH):
            cv2.imwrite(str(folder / name / f"{i}.png"), rng.integers(0, 255, (40, 50, 3), dtype=np.uint8))
    return open_photographs(folder)


def batches(photographs: Photographs, **changes: int) -> PhotographBatches:
    values = {"batch_size": 4, "size": 16, "seed": 0, "n_steps": 9, **changes}
    return PhotographBatches(photographs, np.arange(10), **values)


def ramps(height: int, width: int) -> np.ndarray:
    """Red is the row, green the column, blue 0."""
    y, x = np.mgrid[:height, :width]
    return np.stack([y, x, 0 * x], axis=2).astype(np.uint8)


@pytest.mark.parametrize("shape", [(84, 84), (200, 120)])
def test_a_view_is_a_part_of_the_right_area_and_shape(
    shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photograph_views, "COLOUR_CHANGE", 0.0)
    areas, ratios, mirrored = [], [], 0
    for seed in range(300):
        view = random_view(ramps(*shape), 32, np.random.default_rng(seed)).astype(float)
        rows, columns = view[:, 0, 0], view[0, :, 1]
        mirrored += columns[0] > columns[-1]
        # between the centres of the first and last of 32 cells
        height, width = np.ptp(rows) * 32 / 31, np.ptp(columns) * 32 / 31
        areas.append(height * width / (shape[0] * shape[1]))
        ratios.append(width / height)
    assert min(areas) > 0.3
    assert max(areas) < 1.05
    assert 110 < mirrored < 190
    if shape == (84, 84):
        assert (min(ratios), max(ratios)) == pytest.approx((3 / 4, 4 / 3), rel=0.1)
        assert 0.6 < np.mean(areas) < 0.75


def test_recolouring_by_nothing_changes_nothing() -> None:
    image = np.random.default_rng(1).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    np.testing.assert_array_equal(recolour(image, 1, 1, 1), image)


def test_recolouring_does_what_its_names_say() -> None:
    image = np.array([[[100, 50, 20], [60, 80, 140]]], np.uint8)
    greys = image @ photograph_views.GREY
    np.testing.assert_array_equal(recolour(image, 0.5, 1, 1), image // 2)
    np.testing.assert_allclose(recolour(image, 1, 1, 0), np.repeat(greys[..., None], 3, axis=2), atol=0.5)
    np.testing.assert_allclose(recolour(image, 1, 0, 1), np.full(image.shape, greys.mean()), atol=0.5)
    np.testing.assert_allclose(
        recolour(image, 1, 1.2, 1), greys.mean() + 1.2 * (image - greys.mean()), atol=0.51
    )


def test_a_grey_picture_keeps_no_colour_and_bright_ones_stop_at_white() -> None:
    grey = np.full((4, 4, 3), 200, np.uint8)
    assert (recolour(grey, 1.4, 1, 1.4) == 255).all()
    assert (recolour(grey, 1, 1.4, 0.6) == 200).all()


def test_a_pass_shows_every_photograph_and_the_next_in_another_order(photographs: Photographs) -> None:
    feed = batches(photographs, batch_size=5, n_steps=4)
    assert feed.steps_a_pass == 2
    order = [feed._order(number).tolist() for number in (0, 1)]
    assert [sorted(one) for one in order] == [list(range(10))] * 2
    assert order[0] != order[1]
    for step in range(4):
        images, labels = feed[step]
        assert (images.shape, images.dtype) == ((5, 16, 16, 3), np.uint8)
        expected = photographs.labels[order[step // 2][5 * (step % 2) :][:5]]
        np.testing.assert_array_equal(labels, expected)


def test_a_step_is_the_same_whenever_it_is_asked_for(photographs: Photographs) -> None:
    straight = [batches(photographs)[step] for step in range(9)]
    feed = batches(photographs)
    for step in (8, 0, 5, 5, 2):
        for now, then in zip(feed[step], straight[step], strict=True):
            np.testing.assert_array_equal(now, then)


def test_views_differ_between_passes_and_between_seeds(photographs: Photographs) -> None:
    one = PhotographBatches(photographs, np.array([3]), batch_size=1, size=16, seed=0, n_steps=2)
    other = PhotographBatches(photographs, np.array([3]), batch_size=1, size=16, seed=1, n_steps=2)
    views = [one[0][0], one[1][0], other[0][0]]
    assert len({view.tobytes() for view in views}) == 3


def test_all_batches_have_one_shape(photographs: Photographs) -> None:
    feed = batches(photographs, batch_size=4, n_steps=3)
    assert [len(feed[step][1]) for step in range(3)] == [4, 4, 4]
    with pytest.raises(IndexError):
        feed[3]


def test_held_out_photographs_come_plain_and_in_order(photographs: Photographs) -> None:
    plain = PlainPhotographs(photographs, np.array([7, 1, 4]), batch_size=2, size=40)
    assert [len(labels) for _, labels in plain] == [2, 1]
    images = np.concatenate([images for images, _ in plain])
    for image, index in zip(images, (7, 1, 4), strict=True):
        np.testing.assert_array_equal(image, photographs.read(index)[:, 5:45])


def test_a_training_without_photographs_or_steps_is_refused(photographs: Photographs) -> None:
    with pytest.raises(BadValueError, match="must be 1 or more"):
        PhotographBatches(photographs, np.array([], int), batch_size=2, size=16, seed=0, n_steps=1)
    assert steps_a_pass(10, 4) == 3

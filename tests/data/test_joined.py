"""Two arrays read as one give the rows of their concatenation, without making it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_core.data.augment import Augmentation
from galaxy_core.data.batches import Batches
from galaxy_core.data.joined import JoinedImages
from galaxy_core.errors import BadValueError

FIRST = np.random.default_rng(0).integers(0, 256, (5, 16, 16, 3), np.uint8)
SECOND = np.random.default_rng(1).integers(0, 256, (3, 16, 16, 3), np.uint8)
WHOLE = np.concatenate([FIRST, SECOND])


def test_it_has_the_shape_and_type_of_the_concatenation() -> None:
    joined = JoinedImages(FIRST, SECOND)
    assert (joined.shape, joined.dtype, len(joined)) == (WHOLE.shape, WHOLE.dtype, 8)


@given(st.lists(st.integers(0, 7), max_size=12))
def test_rows_are_those_of_the_concatenation_in_the_order_asked(rows: list[int]) -> None:
    wanted = np.array(rows, np.int64)
    np.testing.assert_array_equal(JoinedImages(FIRST, SECOND)[wanted], WHOLE[wanted])


def test_one_row_is_not_copied() -> None:
    joined = JoinedImages(FIRST, SECOND)
    assert np.shares_memory(joined[4], FIRST[4])
    assert np.shares_memory(joined[5], SECOND[0])


def test_a_row_beyond_the_end_is_refused_and_so_is_a_negative_one() -> None:
    for rows in (8, np.array([0, 8]), -1):
        with pytest.raises(IndexError, match="0 to 7"):
            JoinedImages(FIRST, SECOND)[rows]


def test_images_of_another_size_or_type_are_refused() -> None:
    for other in (SECOND[:, :8], SECOND.astype("f4")):
        with pytest.raises(BadValueError, match="cannot be joined"):
            JoinedImages(FIRST, other)


@pytest.mark.parametrize("augmentation", [None, Augmentation()])
def test_batches_of_joined_images_are_those_of_the_concatenation(augmentation: Augmentation | None) -> None:
    made = [
        Batches(
            images,
            np.arange(8),
            np.array([6, 1, 7, 0, 6]),
            batch_size=2,
            crop=16,
            size=8,
            augmentation=augmentation,
        )
        for images in (JoinedImages(FIRST, SECOND), WHOLE)
    ]
    for (ours, our_labels), (theirs, their_labels) in zip(made[0].epoch(1), made[1].epoch(1), strict=True):
        np.testing.assert_array_equal(ours, theirs)
        np.testing.assert_array_equal(our_labels, their_labels)

"""The feed: who comes when, and that a seed decides every pixel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_core.data.augment import Augmentation
from galaxy_core.data.batches import Batches, occurrences, read_rows
from galaxy_core.errors import BadValueError
from galaxy_core.images.view import training_view

N = 20
IMAGES = np.random.default_rng(0).integers(0, 256, (N, 32, 32, 3), np.uint8)
LABELS = np.arange(N) % 10
AT_REST = Augmentation(0, 0, 0, "none")


def feed(indices=range(N), **settings):
    settings = {"batch_size": 8, "crop": 32, "size": 16, **settings}
    return Batches(IMAGES, LABELS, np.array(indices), **settings)


def pixels(epoch):
    return np.concatenate([images for images, _ in epoch])


def test_without_augmentation_rows_come_as_given_in_plain_views():
    epoch = feed([5, 3, 3, 19, 0, 1, 2, 4, 6, 7], augmentation=None).epoch(4)
    assert [len(labels) for _, labels in epoch] == [8, 2]
    rows = [5, 3, 3, 19, 0, 1, 2, 4, 6, 7]
    np.testing.assert_array_equal(pixels(epoch), training_view(IMAGES[rows], 32, 16))
    np.testing.assert_array_equal(np.concatenate([labels for _, labels in epoch]), LABELS[rows])


def test_with_augmentation_every_batch_has_one_shape():
    batches = feed(augmentation=Augmentation())
    epoch = batches.epoch(0)
    assert batches.n_batches() == len(epoch) == 3
    for images, labels in epoch:
        assert images.shape == (8, 16, 16, 3)
        assert images.dtype == np.uint8
        assert labels.shape == (8,)
        assert labels.dtype == np.int64


def test_an_epoch_is_all_rows_once_and_then_its_own_beginning():
    epoch = feed(augmentation=AT_REST).epoch(0)
    assert sorted(epoch.indices[:N].tolist()) == list(range(N))
    np.testing.assert_array_equal(epoch.indices[N:], epoch.indices[:4])
    np.testing.assert_array_equal(pixels(epoch), training_view(IMAGES[epoch.indices], 32, 16))


def test_fewer_rows_than_a_batch_are_repeated_until_it_is_full():
    epoch = feed([1, 2, 3], augmentation=AT_REST).epoch(0)
    assert len(epoch) == 1
    assert np.bincount(epoch.indices).tolist() in ([0, 3, 3, 2], [0, 3, 2, 3], [0, 2, 3, 3])


def test_labels_follow_their_images():
    for images, labels in feed(augmentation=AT_REST, size=32).epoch(3):
        for image, label in zip(images, labels, strict=True):
            (row,) = np.flatnonzero((image == IMAGES).all((1, 2, 3)))
            assert LABELS[row] == label


def test_the_seed_and_the_epoch_decide_every_pixel():
    first, again = (pixels(feed(augmentation=Augmentation()).epoch(2)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert (first != pixels(feed(augmentation=Augmentation()).epoch(3))).any()
    assert (first != pixels(feed(augmentation=Augmentation(), seed=1).epoch(2))).any()


def test_a_batch_does_not_depend_on_which_were_made_before():
    epoch = feed(augmentation=Augmentation()).epoch(0)
    last = epoch[2][0]
    np.testing.assert_array_equal(last, list(epoch)[2][0])
    np.testing.assert_array_equal(last, epoch[-1][0])


def test_threads_change_no_pixel():
    one, three = (pixels(feed(augmentation=Augmentation(), n_threads=n).epoch(1)) for n in (1, 3))
    np.testing.assert_array_equal(one, three)


def test_a_copy_of_a_row_is_another_view():
    images, _ = feed([7] * 8, augmentation=Augmentation()).epoch(0)[0]
    assert len({image.tobytes() for image in images}) == 8


def test_a_view_depends_on_row_and_occurrence_but_not_on_its_place():
    many = feed([7, 8, 9, 7], batch_size=4, augmentation=Augmentation()).epoch(0)
    alone = feed([7, 7], batch_size=2, augmentation=Augmentation()).epoch(0)
    views = [many[0][0][place] for place in np.flatnonzero(many.indices == 7)]
    np.testing.assert_array_equal(views, alone[0][0])


def test_with_two_views_the_third_epoch_shows_those_of_the_first():
    batches = feed(augmentation=Augmentation(), n_views=2, batch_size=5)

    def views(epoch):
        return {image.tobytes() for images, _ in batches.epoch(epoch) for image in images}

    assert views(0) == views(2) != views(1)
    assert (batches.epoch(0).indices != batches.epoch(2).indices).any()
    assert [batches.epoch(e).view for e in range(4)] == [0, 1, 0, 1]


def test_with_two_views_what_fills_up_the_last_batch_repeats_them():
    epoch = feed([1, 2, 3], augmentation=Augmentation(), n_views=2).epoch(0)
    assert epoch.occurrences.tolist() == [0] * 8
    assert len({image.tobytes() for image in epoch[0][0]}) == 3


def test_shuffle_can_be_asked_for_without_augmentation_and_left_out_with_it():
    assert (feed(shuffle=True).epoch(0).indices != np.arange(N)).any()
    np.testing.assert_array_equal(
        feed(augmentation=AT_REST, shuffle=False).epoch(0).indices[:N], np.arange(N)
    )


@given(st.lists(st.integers(0, 5)))
def testoccurrences_count_what_came_before(order):
    expected = [order[:i].count(value) for i, value in enumerate(order)]
    assert occurrences(np.array(order, np.int64)).tolist() == expected


def test_rows_come_in_the_order_asked():
    np.testing.assert_array_equal(read_rows(IMAGES, np.array([4, 1, 4])), IMAGES[[4, 1, 4]])
    np.testing.assert_array_equal(read_rows(IMAGES, np.array([1, 4])), IMAGES[[1, 4]])


def test_there_is_no_batch_beyond_the_last():
    with pytest.raises(IndexError, match="batches 0 to 2, got 3"):
        feed().epoch(0)[3]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"indices": [N]}, r"indices must lie in \[0, 19\], got 20 to 20; is this the split of another file"),
        ({"indices": [-1]}, "indices must lie in"),
        ({"indices": []}, "at least one"),
        ({"batch_size": 0}, "batch_size must be 1 or more"),
        ({"n_threads": 0}, "n_threads must be"),
        ({"n_views": 0}, "n_views must be"),
        ({"seed": -1}, "seed must be 0 or more"),
        ({"crop": 33}, "crop must lie in"),
    ],
)
def test_settings_outside_their_rule_are_refused(settings, words):
    with pytest.raises(BadValueError, match=words):
        feed(**settings)


def test_arrays_that_do_not_belong_together_are_refused():
    with pytest.raises(BadValueError, match="20 images need as many labels, got 19"):
        Batches(IMAGES, LABELS[:-1], np.arange(5), batch_size=2, crop=32, size=16)
    with pytest.raises(BadValueError, match="images must be uint8"):
        Batches(IMAGES / 255, LABELS, np.arange(5), batch_size=2, crop=32, size=16)
    with pytest.raises(BadValueError, match="epoch must be 0 or more"):
        feed().epoch(-1)


def test_rows_that_leave_come_in_the_first_epochs_only_and_others_take_their_places() -> None:
    batches = feed([1, 2, 8, 9], augmentation=Augmentation(), staying=np.array([1, 2]), stay_from=2)
    seen = [sorted(batches.epoch(epoch).indices.tolist()) for epoch in range(4)]
    assert seen[0] == seen[1] != seen[2] == seen[3]
    assert set(seen[0]) == {1, 2, 8, 9}
    assert set(seen[2]) == {1, 2}
    assert len(seen[2]) == len(seen[0])
    epoch = batches.epoch(2)
    assert set(zip(epoch.indices, epoch.occurrences, strict=True)) >= {(1, 0), (1, 1), (2, 0), (2, 1)}

"""A mock file has the layout of Galaxy10, whole or not at all."""

import errno
from pathlib import Path

import h5py
import numpy as np
import pytest

from galaxy_core.data.inventory import MOCK_VERSION
from galaxy_core.data.mock import ELEMENTS, file, make_mock_galaxies, write_mock_file
from galaxy_core.errors import BadValueError, DiskFullError, MissingError


def test_the_layout_is_that_of_galaxy10_with_masks_and_flux(tmp_path: Path) -> None:
    path = write_mock_file(tmp_path / "mock.h5", 3, 1, with_flux=True)
    with h5py.File(path) as stored:
        layout = {name: (stored[name].shape, stored[name].dtype.str) for name in stored}
        assert list(stored["masks"].attrs["elements"]) == list(ELEMENTS)
        assert (stored.attrs["origin"], stored.attrs["seed"]) == ("mock", 1)
        assert stored["images"].chunks == (1, 256, 256, 3)
        assert set(stored["pxscale"][:]) == {0.262}
        assert (stored["redshift"][:] > 0).all()
        for index, galaxy in enumerate(make_mock_galaxies(3, 1)):
            np.testing.assert_array_equal(stored["images"][index], galaxy.image)
            np.testing.assert_array_equal(stored["masks"][index], galaxy.masks)
            np.testing.assert_array_equal(stored["flux"][index], galaxy.flux)
            assert stored["ans"][index] == galaxy.label
    assert layout == {
        "images": ((3, 256, 256, 3), "|u1"),
        "ans": ((3,), "|u1"),
        "ra": ((3,), "<f8"),
        "dec": ((3,), "<f8"),
        "redshift": ((3,), "<f8"),
        "pxscale": ((3,), "<f8"),
        "masks": ((3, 256, 256), "<u2"),
        "flux": ((3, 256, 256, 3), "<f4"),
    }


DRAWN = {1: [36.72, 35.24, 35.41, 36.44, 36.16, 40.48, 40.67, 39.17, 36.97, 38.22]}
"""By MOCK_VERSION: the mean of the ten classes of seed 0. What is kept in a cache is found by that number."""


def test_galaxies_that_come_out_otherwise_have_another_version() -> None:
    means = [galaxy.image.mean() for galaxy in make_mock_galaxies(10, 0)]
    np.testing.assert_allclose(means, DRAWN[MOCK_VERSION], atol=0.02)


def test_masks_and_flux_can_be_left_out(tmp_path: Path) -> None:
    with h5py.File(write_mock_file(tmp_path / "m.h5", 1, 0, with_masks=False)) as stored:
        assert not {"masks", "flux"} & set(stored)


def test_progress_is_told_after_each_galaxy(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write_mock_file(tmp_path / "m.h5", 3, 0, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("n", "words"), [(0, "at least 1, got 0"), (10**9, "at most 100000, got 1000000000")]
)
def test_a_count_outside_its_rule_is_refused_before_anything_is_written(
    tmp_path: Path, n: int, words: str
) -> None:
    with pytest.raises(BadValueError, match=words):
        write_mock_file(tmp_path / "m.h5", n, 0)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_kept_unless_overwrite_is_said(tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    path.write_bytes(b"precious")
    with pytest.raises(BadValueError, match="choose another name, or say --overwrite"):
        write_mock_file(path, 1, 0)
    assert path.read_bytes() == b"precious"
    write_mock_file(path, 1, 0, overwrite=True)
    with h5py.File(path) as stored:
        assert stored["ans"].shape == (1,)


def test_a_folder_is_never_replaced(tmp_path: Path) -> None:
    with pytest.raises(BadValueError, match="is a folder"):
        write_mock_file(tmp_path, 1, 0, overwrite=True)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="nowhere"):
        write_mock_file(tmp_path / "nowhere" / "m.h5", 1, 0)


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DiskFullError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_a_write_that_fails_half_way_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, raised: BaseException, expected: type[BaseException]
) -> None:
    path = tmp_path / "m.h5"
    path.write_bytes(b"old")

    def fail_at_second(done: int, total: int) -> None:
        if done == 2:
            raise raised

    with pytest.raises(expected):
        write_mock_file(path, 3, 0, progress=fail_at_second, overwrite=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["m.h5"]
    assert path.read_bytes() == b"old"


def test_positions_keep_their_distance_and_their_beginning() -> None:
    ra, dec = file.footprint_positions(6000, np.random.default_rng(1))
    fewer_ra, _ = file.footprint_positions(50, np.random.default_rng(1))
    np.testing.assert_array_equal(ra[:50], fewer_ra)
    assert ((ra >= 0) & (ra < 360)).all()
    assert ((dec >= -15) & (dec <= 32)).all()
    assert file._far_from_earlier(ra, dec).all()


def test_of_two_near_places_the_later_goes() -> None:
    dec = np.array([10.0, 10.0 + 119 / 3600, 10.0 - 121 / 3600])
    assert file._far_from_earlier(np.full(3, 20.0), dec).tolist() == [True, False, True]


def test_as_jpeg_every_image_has_been_through_jpeg_and_the_rest_is_as_before(tmp_path: Path) -> None:
    plain, coded = (
        write_mock_file(tmp_path / f"{name}.h5", 3, 1, with_masks=False, as_jpeg=name == "coded")
        for name in ("plain", "coded")
    )
    with h5py.File(plain) as before, h5py.File(coded) as after:
        difference = np.abs(after["images"][:].astype(int) - before["images"][:]).mean((1, 2, 3))
        assert ((difference > 0.2) & (difference < 6)).all()
        for name in ("ans", "ra", "dec", "redshift"):
            np.testing.assert_array_equal(after[name][:], before[name][:])
        assert "jpeg_qualities" not in before.attrs
        assert list(after.attrs["jpeg_qualities"]) == [75, 92]


def test_a_longer_series_of_jpegs_begins_with_the_shorter(tmp_path: Path) -> None:
    short, long = (
        write_mock_file(tmp_path / f"{n}.h5", n, 1, with_masks=False, as_jpeg=True) for n in (2, 4)
    )
    with h5py.File(short) as first, h5py.File(long) as second:
        np.testing.assert_array_equal(first["images"][:], second["images"][:2])

"""Writing the layout: what is written opens, and a disk that fills up leaves nothing, not even a crash."""

import errno
import io

import h5py
import numpy as np
import pytest

from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.data.layout import write_galaxy10
from galaxy_core.errors import DiskFullError
from galaxy_core.files.hdf5_sink import Hdf5Sink


def write(path, n, images):
    known = np.full(n, 1.0)
    columns = {"ra": known, "dec": known, "redshift": known, "pixel_scale": known}
    return write_galaxy10(path, images, np.arange(n), attributes={"origin": "survey"}, **columns)


def noise(n):
    rng = np.random.default_rng(0)
    return (rng.integers(0, 256, (256, 256, 3), np.uint8) for _ in range(n))


def test_what_is_written_opens_as_it_was(tmp_path):
    galaxies = open_galaxies(write(tmp_path / "g.h5", 3, noise(3)), cache_folder=tmp_path)
    np.testing.assert_array_equal(galaxies.images, list(noise(3)))
    assert galaxies.origin == "survey"
    assert galaxies.labels.tolist() == [0, 1, 2]


def test_images_that_fail_leave_nothing(tmp_path):
    def failing():
        yield from noise(2)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(tmp_path / "g.h5", 3, failing())
    assert list(tmp_path.iterdir()) == []


class SmallDisk(io.BytesIO):
    """Holds 300,000 bytes."""

    def write(self, data):
        if self.tell() + len(data) > 300_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)


def test_a_disk_that_fills_up_is_reported_after_hdf5_has_closed_in_peace():
    sink = Hdf5Sink(SmallDisk())
    with h5py.File(sink, "w") as file:
        for i, image in enumerate(noise(4)):
            file[f"{i}"] = image
    with pytest.raises(OSError, match="No space left"):
        sink.check()


def test_a_full_disk_stops_the_writing_at_once_and_leaves_nothing(tmp_path, monkeypatch):
    n_taken = 0

    def counted():
        nonlocal n_taken
        for image in noise(50):
            n_taken += 1
            yield image

    monkeypatch.setattr("galaxy_core.data.layout.Hdf5Sink", lambda file: Hdf5Sink(SmallDisk()))
    with pytest.raises(DiskFullError, match="no room left to write"):
        write(tmp_path / "g.h5", 50, counted())
    assert n_taken < 10
    assert list(tmp_path.iterdir()) == []

"""Write galaxies in the layout of the Galaxy10 file: image by image, in little memory, whole or not at all."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import h5py
import numpy as np

from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.data.published import IMAGE_SIZE
from galaxy_core.files.atomic import atomic_file
from galaxy_core.files.hdf5_sink import Hdf5Sink

FAST_GZIP = 1  # levels above cost three times the time for a few per cent


def write_galaxy10(
    path: str | os.PathLike[str],
    images: Iterable[np.ndarray],
    labels: np.ndarray,
    *,
    ra: np.ndarray,
    dec: np.ndarray,
    redshift: np.ndarray,
    pixel_scale: np.ndarray,
    attributes: Mapping[str, str],
    classes: Classes = GALAXY10,
    overwrite: bool = False,
) -> Path:
    """Write an HDF5 file that `open_galaxies` reads.

    images: as many uint8 (256, 256, 3) as there are labels, taken one at a time; `attributes` go to the file,
    `origin` among them; `classes` are what the labels are numbers into.

    The path appears, or with `overwrite` is replaced, in one step at the end; if `images`
    raises, it stays as it was. The other arrays are looked at after the last image, so that whoever makes the
    images may fill them in.
    """
    path = Path(path)
    columns = {"ra": ra, "dec": dec, "redshift": redshift, "pxscale": pixel_scale}
    with atomic_file(path, overwrite=overwrite) as target:
        sink = Hdf5Sink(target)
        with h5py.File(sink, "w") as file:
            file.attrs.update(attributes)
            _write_images(file, _until_disk_full(images, sink), len(labels))
            file["ans"] = np.asarray(labels, np.uint8 if len(classes) <= 256 else np.uint16)
            file["classes"] = np.array([name.encode() for name in classes])
            for name, values in columns.items():
                file[name] = np.asarray(values, np.float64)
        sink.check()
    return path


def _until_disk_full(images: Iterable[np.ndarray], sink: Hdf5Sink) -> Iterator[np.ndarray]:
    for image in images:
        sink.check()
        yield image


def _write_images(file: h5py.File, images: Iterable[np.ndarray], n_images: int) -> None:
    shape = (IMAGE_SIZE, IMAGE_SIZE, 3)
    dataset = file.create_dataset(
        "images",
        (n_images, *shape),
        np.uint8,
        chunks=(1, *shape),
        compression="gzip",
        compression_opts=FAST_GZIP,
    )
    row = -1
    for row, image in enumerate(images):
        assert (image.shape, image.dtype) == (shape, np.uint8), f"image {row}: {image.shape} {image.dtype}"
        dataset[row] = image
    assert row + 1 == n_images, f"{row + 1} images for {n_images} labels"

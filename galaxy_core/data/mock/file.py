"""A mock survey on disk, laid out like `Galaxy10_DECals.h5`, so that whatever reads the one reads the other."""

import dataclasses
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from galaxy_core.data.mock.galaxy import MockGalaxy, check_count_and_seed, make_mock_galaxies
from galaxy_core.data.mock.jpeg import QUALITIES, draw_quality, through_jpeg
from galaxy_core.data.mock.scene import ELEMENTS, SIZE
from galaxy_core.errors import BadValueError
from galaxy_core.files.atomic import atomic_file
from galaxy_core.files.destination import check_destination
from galaxy_core.files.hdf5_sink import Hdf5Sink

PIXEL_SCALE_ARCSEC = 0.262
MINIMUM_SEPARATION_ARCSEC = 120.0  # so that no two mocks fall into one group of the split by sky position
MAXIMUM_GALAXIES = 100_000  # above, the footprint would fill up and the file pass 20 GB
HUBBLE_KM_S_MPC = 70.0
LIGHT_KM_S = 299_792.458

Progress = Callable[[int, int], None]


def write_mock_file(
    path: str | os.PathLike[str],
    n: int,
    seed: int,
    with_flux: bool = False,
    with_masks: bool = True,
    progress: Progress | None = None,
    overwrite: bool = False,
    as_jpeg: bool = False,
) -> Path:
    """Write `n` mock galaxies as a Galaxy10 file and return its path; all of it or nothing.

    Datasets: `images` uint8 (n, 256, 256, 3), `ans` uint8, `ra`, `dec` float64 [deg], `redshift`, `pxscale` float64
    [arcsec/pixel]; `masks` uint16 (n, 256, 256) with attribute `elements`; with `with_flux` also `flux` float32
    (n, 256, 256, 3) [nanomaggies]. File attributes `origin` = "mock" and `seed`. The file depends on (n, seed);
    galaxy i of it on (seed, i). With `as_jpeg` every image has been through JPEG once, as survey images have, at a
    quality drawn for it (attribute `jpeg_qualities`).
    `progress(done, total)` is called after each galaxy. Where any pixel changes, `inventory.MOCK_VERSION` is raised.

    Raises BadValueError (n, seed; exists, and `overwrite` is false), MissingError (no such folder),
    DiskFullError. Interrupted or failed, it leaves what was there before.
    """
    path = Path(path)
    check_count_and_seed(n, seed)
    if n > MAXIMUM_GALAXIES:
        raise BadValueError(
            f"n must be at most {MAXIMUM_GALAXIES}, got {n}; write several files with several seeds"
        )
    check_destination(path, overwrite=overwrite)
    with atomic_file(path, overwrite=overwrite) as target:
        sink = Hdf5Sink(target)

        def report(done: int, total: int) -> None:
            sink.check()
            if progress is not None:
                progress(done, total)

        with h5py.File(sink, "w") as file:
            galaxies = make_mock_galaxies(n, seed)
            if as_jpeg:
                file.attrs["jpeg_qualities"] = QUALITIES
                galaxies = _through_jpeg(galaxies, seed)
            _write_galaxies(file, galaxies, n, seed, with_flux, with_masks, report)
        sink.check()
    return path


def _through_jpeg(galaxies: Iterator[MockGalaxy], seed: int) -> Iterator[MockGalaxy]:
    for index, galaxy in enumerate(galaxies):
        quality = draw_quality(np.random.default_rng([seed, index, 3]))
        yield dataclasses.replace(galaxy, image=through_jpeg(galaxy.image, quality))


def _write_galaxies(
    file: h5py.File,
    galaxies: Iterator[MockGalaxy],
    n: int,
    seed: int,
    with_flux: bool,
    with_masks: bool,
    progress: Progress,
) -> None:
    file.attrs.update({"origin": "mock", "seed": seed})
    columns = {"images": _stack(file, "images", (n, SIZE, SIZE, 3), "u1")}
    if with_masks:
        columns["masks"] = _stack(file, "masks", (n, SIZE, SIZE), "u2")
        columns["masks"].attrs["elements"] = list(ELEMENTS)
    if with_flux:
        columns["flux"] = _stack(file, "flux", (n, SIZE, SIZE, 3), "f4")
    labels, redshift = np.zeros(n, np.uint8), np.zeros(n)
    for index, galaxy in enumerate(galaxies):
        for name, dataset in columns.items():
            dataset[index] = getattr(galaxy, "image" if name == "images" else name)
        labels[index] = galaxy.label
        redshift[index] = _redshift(galaxy, np.random.default_rng([seed, index, 1]))
        progress(index + 1, n)
    ra, dec = footprint_positions(n, np.random.default_rng([seed, 0, 2]))
    file["ans"], file["redshift"], file["ra"], file["dec"] = labels, redshift, ra, dec
    file["pxscale"] = np.full(n, PIXEL_SCALE_ARCSEC)


def _stack(file: h5py.File, name: str, shape: tuple[int, ...], dtype: str) -> h5py.Dataset:
    # level 1: half the time of level 4 for 2 % more bytes; a chunk an image, as random reads want it
    return file.create_dataset(
        name, shape, dtype, chunks=(1, *shape[1:]), compression="gzip", compression_opts=1
    )


def _redshift(galaxy: MockGalaxy, rng: np.random.Generator) -> float:
    """The redshift at which a galaxy of ordinary size looks as large as this one, by Hubble's law."""
    radius_arcsec = galaxy.parameters["effective_radius"] * PIXEL_SCALE_ARCSEC
    radius_kpc = rng.lognormal(np.log(5.0), 0.35)
    distance_mpc = radius_kpc / 1000 / np.radians(radius_arcsec / 3600)
    return float(np.clip(distance_mpc * HUBBLE_KM_S_MPC / LIGHT_KM_S, 0.003, 0.25))


def footprint_positions(n: int, rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """`n` places (ra, dec) in degrees, uniform on a plain outline of the Legacy footprint, none within 120 arcsec.

    The outline is two boxes, north galactic cap 120-250 and south 320-60 in ra, both -15 to 32 in dec. Uniform on
    the sphere means uniform in sin(dec). Of two places too near each other the later goes. The first places of
    a longer list are those of the shorter one.
    """
    places = np.zeros((0, 2))
    while len(places) < n:
        # blocks of one size, whatever n is: that is what keeps the beginning the same
        places = np.concatenate([places, _draw_positions(4096, rng)])
        places = places[_far_from_earlier(*places.T)]
    return places[:n, 0].copy(), places[:n, 1].copy()


def _draw_positions(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    along, rise = rng.uniform(size=(2, n))
    along *= 230  # 130 degrees of north, then 100 of south
    ra = np.where(along < 130, 120 + along, (320 + along - 130) % 360)
    low, high = np.sin(np.radians([-15.0, 32.0]))
    return np.stack([ra, np.degrees(np.arcsin(low + (high - low) * rise))], axis=1)


def _far_from_earlier(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.bool_]:
    from scipy.spatial import cKDTree  # 0.1 s to import, and only files need it

    a, d = np.radians(ra), np.radians(dec)
    points = np.stack([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)], axis=1)
    chord = 2 * np.sin(np.radians(MINIMUM_SEPARATION_ARCSEC / 3600) / 2)
    keep = np.ones(len(ra), bool)
    pairs = cKDTree(points).query_pairs(chord, output_type="ndarray")
    keep[pairs[:, 1]] = False  # of each pair (i < j) the later goes
    return keep

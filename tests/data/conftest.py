"""Small Galaxy10 files with known content, whole or spoilt on purpose."""

from pathlib import Path

import h5py
import numpy as np
import pytest

N = 6


def known_arrays(n: int = N) -> dict[str, np.ndarray]:
    """The six datasets: image i is i everywhere but for its first pixel."""
    images = np.broadcast_to(np.arange(n, dtype=np.uint8)[:, None, None, None], (n, 256, 256, 3)).copy()
    images[:, 0, 0] = (255, 128, 64)
    return {
        "images": images,
        "ans": np.arange(n, dtype=np.uint8) % 10,
        "ra": np.linspace(0, 360, n),
        "dec": np.linspace(-90, 90, n),
        "redshift": np.full(n, np.nan),
        "pxscale": np.full(n, 0.262),
    }


def write_file(path: Path, *, chunks: object = None, leave_out: str = "", **replaced: object) -> Path:
    """A file of `known_arrays`; `replaced` puts other arrays (or links) in place of datasets."""
    with h5py.File(path, "w") as file:
        for name, values in {**known_arrays(), **replaced}.items():
            if name == leave_out:
                continue
            if name == "images" and chunks is not None:
                file.create_dataset(name, data=values, chunks=chunks, compression="gzip", shuffle=True)
            else:
                file[name] = values
    return path


@pytest.fixture(name="known_arrays")
def _known_arrays():
    return known_arrays


@pytest.fixture(name="write_file")
def _write_file():
    return write_file

"""Every test has its own folders for runs, shipped models and caches; none touches the user's."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "made"))  # worlds that tests of several rooms share
from known_files import _known_arrays, _write_file, server
from known_runs import corner_reader, make_run
from tiny_backbone import tiny_backbone

__all__ = ["_known_arrays", "_write_file", "corner_reader", "make_run", "server", "tiny_backbone"]

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# the matrices here are small: threads of two test processes that wait for each other cost six times the work
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`-m slow` takes the place of `-m "not long"` in pyproject.toml; long tests run only where they are named."""
    if "long" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that holds this test's `runs`, `models` and `cache`."""
    for variable, name in (("GALAXY_RUNS", "runs"), ("GALAXY_MODELS", "models"), ("GALAXY_CACHE", "cache")):
        monkeypatch.setenv(variable, str(tmp_path / name))
    # the place where trainings queue up, so that tests side by side do not wait for each other
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


N_PER_CLASS = 8


@pytest.fixture(scope="session")
def coloured_galaxies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file in the Galaxy10 layout whose classes are colours: 80 discs on a dark sky, far apart on the sky."""
    import h5py
    import numpy as np

    path = tmp_path_factory.mktemp("data") / "coloured.h5"
    labels = np.repeat(np.arange(10), N_PER_CLASS)
    rng = np.random.default_rng(0)
    y, x = np.mgrid[-128:128, -128:128]
    images = rng.integers(0, 12, (len(labels), 256, 256, 3), dtype=np.uint8)
    palette = rng.integers(60, 255, (10, 3), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[x**2 + y**2 < rng.integers(20, 60) ** 2] = palette[label]
    with h5py.File(path, "w") as file:
        file.create_dataset(
            "images", data=images, chunks=(1, 256, 256, 3), compression="gzip", compression_opts=1
        )
        file["ans"] = labels.astype(np.uint8)
        file["ra"] = np.linspace(10, 200, len(labels))
        file["dec"] = np.linspace(-20, 20, len(labels))
        file["redshift"] = np.full(len(labels), np.nan)
        file["pxscale"] = np.full(len(labels), 0.262)
    return path

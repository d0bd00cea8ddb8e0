"""How fast galaxies reach a network, and in how much memory.

    python benchmarks/data_streaming.py [--n 17736] [--json] [--folder DIR]

makes a synthetic file in the layout of Galaxy10 (compressed, in h5py's own choice of chunks), then measures
building the memory map, opening, splitting, streaming an epoch, and a random batch of 32 against the same
batch read from the HDF5 file; and rendering a mock galaxy. Own memory is resident memory without mapped files.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import psutil
from _measured import Bar, Figures, begin, parser, report, seconds

from galaxy_core.data.augment import Augmentation
from galaxy_core.data.batches import Batches, read_rows
from galaxy_core.data.galaxy10 import Galaxies, open_galaxies
from galaxy_core.data.mock import make_mock_galaxies
from galaxy_core.data.published import PUBLISHED_COUNTS
from galaxy_core.data.split import oversample, split_galaxies

BATCH = 32
N_PUBLISHED = sum(PUBLISHED_COUNTS)
N_MOCKS = 100
MOST_MS_A_MOCK = 20.0
"""Twice the 10 ms of one core that a mock galaxy is to take: a neighbour on a shared machine slows its memory down."""
MOST_READ = 2.1
"""Of the file's size: once to hash it, once to unpack it, and a tenth for the other datasets and the index."""


def main() -> int:
    options = _arguments()
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="galaxy-streaming-") as folder:
        figures = measure(Path(folder), options.n)
    return report(figures, bars(figures), options.json)


def bars(figures: Figures) -> list[Bar]:
    return [
        Bar("read of a file while its map is built", figures["read_over_file"], MOST_READ, unit=" times"),
        Bar("own memory: first opening to the end of an epoch", figures["own_memory_mb"], 1000, unit=" MB"),
        Bar("a random batch of 32 from the warm map", figures["batch_of_32_map_ms"], 5, unit=" ms"),
        Bar("rendering a mock galaxy, one core", figures["mock_galaxy_ms"], MOST_MS_A_MOCK, unit=" ms"),
    ]


def measure(folder: Path, n: int) -> Figures:
    """All figures, in the order in which a user would meet them."""
    path, cache = folder / "galaxies.h5", folder / "cache"
    figures: Figures = {"mock_galaxy_ms": mock_galaxy_ms(), "n_galaxies": n}
    figures["image_gb"] = n * 256 * 256 * 3 / 1e9
    chunks = make_file(path, n)
    figures |= {"file_gb": path.stat().st_size / 1e9, "chunks": "x".join(map(str, chunks))}
    with memory_watched() as own_mb:
        before = bytes_read()
        figures["first_opening_s"] = seconds(lambda: open_galaxies(path, cache_folder=cache))
        read = bytes_read()
        figures["read_over_file"] = (read - before) / path.stat().st_size if read and before else None
        figures["first_opening_own_memory_mb"] = own_mb()
        time.sleep(2.1)  # a file younger than two seconds is hashed again
        figures["opening_s"] = seconds(lambda: open_galaxies(path, cache_folder=cache))
        galaxies = open_galaxies(path, cache_folder=cache)
        figures |= epoch_figures(galaxies)
        figures["own_memory_mb"] = own_mb()
    return figures | random_batch_figures(galaxies, path)


def mock_galaxy_ms() -> float:
    """Processor time, mean over all classes; what is imported or prepared once is not counted."""
    list(make_mock_galaxies(10, seed=1))
    started = time.process_time()
    list(make_mock_galaxies(N_MOCKS, seed=0))
    return 1000 / N_MOCKS * (time.process_time() - started)


def bytes_read() -> int | None:
    """All that this process ever read from files, cached or not; None where the system does not tell."""
    counters = psutil.Process().io_counters() if hasattr(psutil.Process, "io_counters") else None
    return getattr(counters, "read_chars", None)


def epoch_figures(galaxies: Galaxies) -> Figures:
    labels = galaxies.labels
    start = time.perf_counter()
    split = split_galaxies(labels, galaxies.ra, galaxies.dec)
    figures = {"split_s": time.perf_counter() - start}
    start = time.perf_counter()
    rows = oversample(labels, split.train, seed=0)
    figures["oversample_s"] = time.perf_counter() - start  # importing imbalanced-learn included
    settings = {"batch_size": BATCH, "crop": 256, "size": 128, "augmentation": Augmentation()}
    for n_threads in (1, 2):
        epoch = Batches(galaxies.images, labels, rows, n_threads=n_threads, **settings).epoch(0)
        start = time.perf_counter()
        n_images = sum(len(images) for images, _ in epoch)
        figures[f"augmented_images_per_s_{n_threads}_threads"] = n_images / (time.perf_counter() - start)
    return figures


def random_batch_figures(galaxies: Galaxies, path: Path) -> Figures:
    """Medians in milliseconds of a random batch of 32 that was touched before, from the map and from HDF5."""
    rng = np.random.default_rng(0)
    batches = [rng.choice(len(galaxies), min(BATCH, len(galaxies)), replace=False) for _ in range(40)]
    for batch in batches:
        read_rows(galaxies.images, batch)
    ours = [1000 * seconds(lambda b=batch: read_rows(galaxies.images, b)) for batch in batches]
    with h5py.File(path, "r") as file:
        theirs = [1000 * seconds(lambda b=batch: file["images"][np.sort(b)]) for batch in batches[:5]]
    figures = {
        "batch_of_32_map_ms": statistics.median(ours),
        "batch_of_32_hdf5_ms": statistics.median(theirs),
    }
    return figures | {"hdf5_over_map": figures["batch_of_32_hdf5_ms"] / figures["batch_of_32_map_ms"]}


def make_file(path: Path, n: int) -> tuple[int, ...]:
    """A file like Galaxy10_DECals.h5: sorted by class, blobs in noise, gzip, the chunks h5py guesses."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[-1:1:256j, -1:1:256j]
    blob = 180 * np.exp(-20 * (x**2 + 2 * y**2))[:, :, None]
    stock = np.stack(
        [(blob + rng.normal(20, 6, (256, 256, 3))).clip(0, 255).astype(np.uint8) for _ in range(64)]
    )
    with h5py.File(path, "w") as file:
        images = file.create_dataset("images", (n, 256, 256, 3), np.uint8, compression="gzip", chunks=True)
        rows = images.chunks[0]
        for first in range(0, n, rows):
            images[first : first + rows] = stock[rng.integers(0, 64, min(rows, n - first))]
        file["ans"] = np.sort(rng.choice(10, n, p=np.array(PUBLISHED_COUNTS) / N_PUBLISHED)).astype(np.uint8)
        file["ra"], file["dec"] = rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-0.3, 0.6, n)))
        file["redshift"], file["pxscale"] = rng.uniform(0, 0.2, n), np.full(n, 0.262)
        return images.chunks


@contextmanager
def memory_watched() -> Iterator[Callable[[], float]]:
    """Inside, a function that tells the peak of this process' own memory so far, in MB, looked at every 20 ms."""
    process, peak, is_over = psutil.Process(), [0.0], threading.Event()

    def watch() -> None:
        while not is_over.wait(0.02):
            memory = process.memory_info()
            peak[0] = max(peak[0], (memory.rss - getattr(memory, "shared", 0)) / 1e6)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield lambda: peak[0]
    finally:
        is_over.set()
        watcher.join()


def _arguments() -> argparse.Namespace:
    words = parser(__doc__)
    words.add_argument("--n", type=int, default=N_PUBLISHED, help="galaxies in the synthetic file")
    words.add_argument("--folder", help="where the temporary files go (two to three times the images' size)")
    return begin(words)


if __name__ == "__main__":
    sys.exit(main())

"""How fast galaxies reach a network, and in how much memory.

    python benchmarks/data_streaming.py [--n 17736] [--json] [--folder DIR]

makes a synthetic file in the layout of Galaxy10 (compressed, in h5py's own choice of chunks), then measures
building the memory map, opening, splitting, streaming an epoch, and a random batch of 32 against the same
batch read from the HDF5 file. Own memory is resident memory without mapped files.

Last figures (17,736 galaxies, two cores shared with other work, November 2026): first opening 41 s with 107 MB
of own memory, later ones 0.6 s; split 0.6 s; 1,015 augmented images/s (256 to 128 px, one thread; a second
thread gains nothing there); 171 MB of own memory at most; a random batch of 32 in 1.4 ms from the map, in
6,654 ms from the HDF5 file (4,700 times).
"""

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import h5py
import numpy as np
import psutil

from galaxy_core.data.augment import Augmentation
from galaxy_core.data.batches import Batches, read_rows
from galaxy_core.data.galaxy10 import PUBLISHED_COUNTS, Galaxies, open_galaxies
from galaxy_core.data.split import oversample, split_galaxies

BATCH = 32
N_PUBLISHED = sum(PUBLISHED_COUNTS)


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(dir=arguments.folder, prefix="galaxy-streaming-") as folder:
        figures = measure(Path(folder), arguments.n)
    if arguments.json:
        print(json.dumps(figures, indent=1))
        return
    for name, value in figures.items():
        text = f"{value:,.2f}" if isinstance(value, float) else str(value)
        print(f"{name.replace('_', ' '):42}{text:>14}")


def measure(folder: Path, n: int) -> dict[str, Any]:
    """All figures, in the order in which a user would meet them."""
    path, cache = folder / "galaxies.h5", folder / "cache"
    figures: dict[str, Any] = {"n_galaxies": n, "image_gb": n * 256 * 256 * 3 / 1e9}
    chunks = make_file(path, n)
    figures |= {"file_gb": path.stat().st_size / 1e9, "chunks": "x".join(map(str, chunks))}
    with memory_watched() as own_mb:
        figures["first_opening_s"] = seconds(lambda: open_galaxies(path, cache_folder=cache))
        figures["first_opening_own_memory_peak_mb"] = own_mb()
        time.sleep(2.1)  # a file younger than two seconds is hashed again
        figures["opening_s"] = seconds(lambda: open_galaxies(path, cache_folder=cache))
        galaxies = open_galaxies(path, cache_folder=cache)
        figures |= epoch_figures(galaxies)
        figures["own_memory_peak_mb"] = own_mb()
    return figures | random_batch_figures(galaxies, path)


def epoch_figures(galaxies: Galaxies) -> dict[str, Any]:
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


def random_batch_figures(galaxies: Galaxies, path: Path) -> dict[str, Any]:
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


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


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
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=N_PUBLISHED, help="galaxies in the synthetic file")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--folder", help="where the temporary files go (two to three times the images' size)")
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""Many images through `galaxy predict` beside the bare graph: throughput, and whether memory stays flat.

    python benchmarks/predict_many.py [--images 20000] [--size 96] [--json] [--folder DIR]
    python benchmarks/predict_many.py --size 256     # a run that sees whole images

The command itself runs in a process of its own on JPEG files of 256 px (mock galaxies, 24 kB each), from starting
Python to the finished CSV. The run sees the central 96 px: that is the harder case, since the graph leaves less time
to read in. Every `--between` seconds it is held (SIGSTOP) while another process sends images from memory through the
bare graph of the same run, so that both see the same machine; that process also reads some of the files on one
thread. The command's resident memory is looked at ten times a second; the height between two holds is one reading,
and the first fifth of the readings is left out as warm-up.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
from _measured import Bar, Figures, Worker, Works, begin, is_worker, parser, report, work, worker
from _runs import SIDE, noise, write_run

N_BATCH = 16
N_PIXELS = 64 * SIDE**2
"""What the bare graph gets in one turn: 64 images of 256 px, more of smaller ones."""
N_DISTINCT = 100
RUN = "measured"
WARM_UP = 0.2
MOST_RATIO, MOST_GROWTH_MB = 1.2, 20.0
"""Growth that a leak of one image in a hundred would exceed: 20,000 images of 256 px are 3.9 GB."""


@dataclass
class Course:
    """How the command ran: its own seconds (holds left out), and a height of memory in MB between two holds."""

    own_seconds: float = 0.0
    heights_mb: list[float] = field(default_factory=list)
    bare_seconds: list[float] = field(default_factory=list)
    reading_seconds: list[float] = field(default_factory=list)


def main() -> int:
    options = _arguments()
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="galaxy-predict-many-") as name:
        folder = Path(name)
        os.environ.update(GALAXY_RUNS=f"{folder}/runs", GALAXY_CACHE=f"{folder}/cache")
        write_run(RUN, "classifier", options.size)
        write_images(folder / "images", options.images)
        figures = measure(folder, options)
    return report(figures, bars(figures), options.json)


def bars(figures: Figures) -> list[Bar]:
    return [
        Bar("`galaxy predict` over the bare graph, an image", figures["predict_over_bare"], MOST_RATIO),
        Bar("growth of its memory over the run", figures["memory_growth_mb"], MOST_GROWTH_MB, unit=" MB"),
    ]


def measure(folder: Path, options: argparse.Namespace) -> Figures:
    command = [sys.executable, "-m", "galaxy_core", "predict", "--run", RUN]
    command += ["--images", str(folder / "images"), "--out", str(folder / "predictions.csv")]
    with worker(__file__, "bare", folder, options.size) as bare:
        bare.ask("images"), bare.ask("files")  # cold
        course = run_beside(command, bare, options.between)
    n_rows = (folder / "predictions.csv").read_text().count("\n") - 1
    if n_rows != options.images:
        raise SystemExit(f"{options.images} images gave {n_rows} rows")
    bare_seconds = statistics.median(course.bare_seconds) / bare.ready["n_images"]
    reading_seconds = statistics.median(course.reading_seconds) / bare.ready["n_files"]
    heights = course.heights_mb[round(WARM_UP * len(course.heights_mb)) :]
    return {
        "images": options.images,
        "predict_images_per_second": options.images / course.own_seconds,
        "bare_images_per_second": 1 / bare_seconds,
        "predict_over_bare": course.own_seconds / options.images / bare_seconds,
        "share_of_the_graph": bare_seconds * options.images / course.own_seconds,
        "bare_graph_ms_an_image": 1000 * bare_seconds,
        "reading_a_jpeg_on_one_thread_ms": 1000 * reading_seconds,
        "times_the_bare_graph_was_asked": len(course.bare_seconds),
        "memory_height_mb": max(course.heights_mb),
        "memory_growth_mb": growth(heights),
        "memory_largest_minus_smallest_mb": max(heights) - min(heights),
    }


def run_beside(command: Sequence[str], bare: Worker, between: float) -> Course:
    """The command from start to end, held again and again while the bare graph has its turn."""
    course = Course()
    process = psutil.Popen(command, stdout=subprocess.DEVNULL)
    while True:
        started, height = time.perf_counter(), 0.0
        while process.poll() is None and time.perf_counter() - started < between:
            height = max(height, _resident_mb(process))
            time.sleep(0.1)
        course.own_seconds += time.perf_counter() - started
        if process.poll() is not None:
            break
        course.heights_mb.append(height)
        process.suspend()
        course.bare_seconds.append(bare.ask("images"))
        course.reading_seconds.append(bare.ask("files"))
        process.resume()
    if process.returncode:
        raise SystemExit(f"galaxy predict ended with code {process.returncode}")
    if not course.bare_seconds:
        raise SystemExit("galaxy predict ended before its first hold; take more --images or less --between")
    return course


def _resident_mb(process: psutil.Popen) -> float:
    try:
        return process.memory_info().rss / 2**20
    except psutil.NoSuchProcess:
        return 0.0


def growth(heights: Sequence[float]) -> float:
    """By how much a line through the heights rises from the first to the last, 0 for fewer than two."""
    if len(heights) < 2:
        return 0.0
    slope = np.polyfit(np.arange(len(heights)), heights, 1)[0]
    return float(slope * (len(heights) - 1))


def write_images(folder: Path, n: int) -> None:
    """`n` JPEG files of 256 px in folders of a thousand: a hundred mock galaxies again and again."""
    import cv2

    from galaxy_core.data.mock import make_mock_galaxies

    distinct = [
        cv2.imencode(".jpg", cv2.cvtColor(one.image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 90])[
            1
        ].tobytes()
        for one in make_mock_galaxies(min(n, N_DISTINCT), seed=0)
    ]
    if shutil.disk_usage(folder.parent).free < 2 * n * max(map(len, distinct)):
        raise SystemExit(f"{n} images do not fit into {folder.parent}; name another --folder")
    for number in range(n):
        path = folder / f"{number // 1000:03d}" / f"{number:06d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(distinct[number % len(distinct)])
    os.sync()  # what is written is not to be written out while the command is timed


def bare_part(folder: str, size: str) -> tuple[Figures, Works]:
    """The graph of the run in a session, fed with arrays that are there already, batches of 16; and the reading."""
    from galaxy_core.images.read import read_image
    from galaxy_core.runs.run import Run
    from galaxy_core.serving.engine import open_session
    from galaxy_core.serving.graph import INPUT, build_table
    from galaxy_core.serving.writer import Model

    side = int(size)
    run = Run(Path(folder) / "runs" / RUN)
    model = Model(run.config.network, run.tensors(), run.config.turns)
    session = open_session(build_table([(RUN, model)]), {RUN: len(model.bias)})
    n_images = max(1, N_PIXELS // (N_BATCH * side**2)) * N_BATCH
    batches = noise(n_images, side).reshape(-1, N_BATCH, side, side, 3)
    files = sorted((Path(folder) / "images" / "000").iterdir())[:N_DISTINCT]
    works: Works = {
        "images": lambda: [session.run([f"{RUN}/logits"], {INPUT: batch}) for batch in batches],
        "files": lambda: [read_image(path) for path in files],
    }
    return {"n_images": n_images, "n_files": len(files)}, works


def _arguments() -> argparse.Namespace:
    words = parser(__doc__)
    words.add_argument("--images", type=int, default=20_000, help="files to predict")
    words.add_argument("--size", type=int, default=96, help="pixels the run sees, the whole image at 256")
    words.add_argument("--between", type=float, default=6.0, help="seconds of the command between two holds")
    words.add_argument("--folder", help="where the temporary files go (25 kB an image)")
    return begin(words)


if __name__ == "__main__":
    if is_worker():
        work({"bare": bare_part})
    else:
        sys.exit(main())

"""How long ten thousand to a hundred million cutouts take, reckoned from measured pieces, and what limits at each size.

    python benchmarks/growth.py [--images 300] [--rows 200000] [--workers 1000] [--json] [--folder DIR]

Measured: reading a JPEG of 256 px; the view of 224 px; all that a process does but the graph, for networks that answer
at once; the graph of one DenseNet-121 at 224 px; a whole `galaxy predict` of one image, which starts a process; rows
into shards of Parquet, and shards merged into one file; and what Dask takes for a shard that does nothing, with a
thousand simulated workers. All are seconds of processor time, which other work on the machine does not lengthen much;
the graph, on one thread, is halved for the two cores of a laptop. A graphics card does the published 3,032 images a
second (DenseNet-121, 224 px, mixed precision, batches of 1024, RTX 3090): none was measured here. The hours are sums.
"""

import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from _measured import N_CORES, Figures, begin, parser, report
from _runs import SIDE, noise, write_run
from predict_many import write_images

RUN, SEEN = "measured", 224
CARD_IMAGES_A_SECOND = 3032.0
"""Published, not measured here: see the docstring."""
SHARD = 20_000
N_CLASSES, N_CONNECTIONS = 10, 20
SIZES = (10**4, 10**5, 10**6, 10**7, 10**8)
MACHINES = {"laptop": 0, "one card": 1, "ten cards": 10}
"""By the number of its graphics cards; without one, the two cores that the pieces were measured on."""


def main() -> int:
    words = parser(__doc__)
    words.add_argument("--images", type=int, default=300, help="files to read")
    words.add_argument("--rows", type=int, default=200_000, help="rows to write and to merge")
    words.add_argument("--workers", type=int, default=1000, help="simulated workers")
    words.add_argument("--folder", help="where the temporary files go")
    options = begin(words)
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="galaxy-growth-") as name:
        folder = Path(name)
        os.environ.update(
            GALAXY_RUNS=f"{folder}/runs", GALAXY_CACHE=f"{folder}/cache", TF_CPP_MIN_LOG_LEVEL="3"
        )
        figures = measure(folder, options)
    table = {
        f"{machine}, {n:.0e}": reckon(figures, n, cards) for machine, cards in MACHINES.items() for n in SIZES
    }
    return report({"pieces": figures, "table": table}, [], options.json, text(figures, table))


def measure(folder: Path, options: argparse.Namespace) -> Figures:
    write_images(folder / "images", options.images)
    write_run(RUN, "classifier", SIDE)
    files = sorted((folder / "images").rglob("*.jpg"))
    read = reading(files)
    return {
        **read,
        "cores_that_feed_a_card": read["feed_ms"] * CARD_IMAGES_A_SECOND / 1000,
        **graph(),
        "start_s": start(files[0], folder / "one.parquet"),
        **tables(folder, options.rows),
        "scheduler_ms": scheduler(options.workers),
        "file_kb": statistics.mean(path.stat().st_size for path in files) / 1000,
    }


def reading(files: list[Path]) -> Figures:
    """Milliseconds an image: read, brought to the view, and all of it but the graph."""
    from galaxy_core.images.to_classify import read_to_classify
    from galaxy_core.images.view import View

    view, images = View(SIDE, SEEN), noise(100)
    read_to_classify(files[0], name="the file")
    read_s = processor_seconds(lambda: [read_to_classify(path, name="the file") for path in files])
    return {
        "read_ms": 1000 * read_s / len(files),
        "view_ms": 1000 * processor_seconds(partial(view.of, images)) / len(images),
        "feed_ms": 1000 * feeding(files[0].parents[1]) / len(files),
    }


def processor_seconds(work: Callable[[], object]) -> float:
    """Of all threads of this process."""
    started = time.process_time()
    work()
    return time.process_time() - started


class AnswersAtOnce:
    """A line-up whose graph takes no time."""

    batch_size = 16

    def predict(self, images: Any) -> dict[str, Any]:
        """Logits of nothing, of the view that a network would see."""
        import numpy as np

        from galaxy_core.images.view import View

        View(SIDE, SEEN).of(images)
        return {RUN: np.zeros((len(images), N_CLASSES), np.float32)}


def feeding(folder: Path) -> float:
    """Processor seconds for the files of a folder, from names to rows of a table."""
    from galaxy_core.prediction.answer_table import answer_schema, answered, asking
    from galaxy_core.prediction.inputs import folder_inputs
    from galaxy_core.runs.run import find_run

    asked, inputs = asking([find_run(RUN)]), folder_inputs(folder)
    schema = answer_schema(inputs.schema, asked)
    return processor_seconds(
        lambda: [*answered(AnswersAtOnce(), asked, inputs.batches(), schema, is_folder=True)]
    )


def graph() -> Figures:
    """Milliseconds an image of one network on two cores: half of what one thread takes."""
    import numpy as np
    from _runs import DENSENET

    from galaxy_core.networks.policy import initial_tensors
    from galaxy_core.runs.config import TrainConfig
    from galaxy_core.serving.lineup import Lineup, Unsaved

    tensors = initial_tensors(DENSENET, N_CLASSES, "scratch", 0.0, 0, None)
    config = TrainConfig(data="none.h5", crop=SEEN, image_size=SEEN)
    lineup, images = (
        Lineup([Unsaved(RUN, config, tensors)], n_threads=1),
        np.ascontiguousarray(noise(16, SEEN)),
    )
    lineup.predict(images)
    took = min(processor_seconds(partial(lineup.predict, images)) for _ in range(6))
    return {"graph_ms": 1000 * took / len(images) / N_CORES}


def start(image: Path, out: Path) -> float:
    """Processor seconds of a `galaxy predict` of one image, the least of three."""
    command = [
        sys.executable,
        "-m",
        "galaxy_core",
        "predict",
        "--run",
        RUN,
        "--images",
        str(image),
        "--overwrite",
    ]

    def once() -> float:
        before = psutil.Process().cpu_times()
        subprocess.run([*command, "--out", str(out)], check=True, capture_output=True)
        after = psutil.Process().cpu_times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    return min(once() for _ in range(3))


def tables(folder: Path, n_rows: int) -> Figures:
    """Microseconds a row into shards and out of them into one file, and bytes of a row."""
    from galaxy_core.catalogues.formats import open_catalogue, write_table

    schema, batches = answers(n_rows)
    n_shard = max(1, n_rows // 10)
    shards = [folder / f"shard-{i}.parquet" for i in range(10)]
    made = [*batches(n_shard)]
    write_s = processor_seconds(lambda: [write_table(path, schema, made, {}) for path in shards])

    def together() -> Iterator[Any]:
        for path in shards:
            yield from open_catalogue(path).batches()

    merge_us = {}
    for suffix in ("parquet", "csv", "fits"):
        merge_s = processor_seconds(partial(write_table, folder / f"all.{suffix}", schema, together(), {}))
        merge_us[f"merge_{suffix}_us"] = 1e6 * merge_s / (10 * n_shard)
    return {
        "write_us": 1e6 * write_s / (10 * n_shard),
        **merge_us,
        "row_bytes": (folder / "all.parquet").stat().st_size / (10 * n_shard),
    }


def answers(n_rows: int) -> tuple[Any, Callable[[int], Iterator[Any]]]:
    """The schema of answers of a run to names of a folder, and so many rows of them."""
    import numpy as np
    import pyarrow as pa

    from galaxy_core.prediction.answer_table import answer_schema, asking
    from galaxy_core.runs.run import find_run

    schema = answer_schema(pa.schema([pa.field("file", pa.string())]), asking([find_run(RUN)]))
    rng = np.random.default_rng(0)

    def column(kind: Any, n: int) -> Any:
        if pa.types.is_floating(kind):
            return pa.array(rng.random(n), kind)
        if pa.types.is_integer(kind):
            return pa.array(rng.integers(0, N_CLASSES, n), kind)
        return pa.array([f"{i % 1000:03d}/{i:08d}.jpg" for i in range(n)]).cast(kind)

    def batches(n: int) -> Iterator[Any]:
        for start in range(0, n, 4096):
            n_here = min(4096, n - start)
            yield pa.RecordBatch.from_arrays([column(field.type, n_here) for field in schema], schema=schema)

    return schema, batches


def scheduler(n_places: int) -> float:
    """Milliseconds of scheduler, client and worker together for a shard, with so many places to work at.

    They are threads of twenty workers of this process; a thousand with a connection each would keep one process busy
    with what they tell of themselves.
    """
    from distributed import Client, LocalCluster

    plain = {"dashboard_address": ":0", "silence_logs": 50, "memory_limit": 0, "processes": False}
    n_threads, n_tasks = max(1, n_places // N_CONNECTIONS), 10 * n_places
    with (
        LocalCluster(n_workers=N_CONNECTIONS, threads_per_worker=n_threads, **plain) as cluster,
        Client(cluster) as client,
    ):
        took = processor_seconds(lambda: client.gather(client.map(str, range(n_tasks), pure=False)))
        return 1000 * took / n_tasks


def reckon(pieces: Figures, n: int, cards: int) -> Figures:
    """Hours for so many cutouts, and what of them takes longest.

    On two cores the graph takes both, and what feeds it has its share of them. A card works while one process feeds it,
    or, in `hours_fed`, as many as keep up with it; a process is started for each shard, and fewer shards than cards
    leave some without work.
    """
    n_shards = math.ceil(n / SHARD)
    cards = min(cards, n_shards)
    feed_s, graph_s = n * pieces["feed_ms"] / 1000, n * pieces["graph_ms"] / 1000
    parts = {
        "graph": n / CARD_IMAGES_A_SECOND / cards if cards else graph_s,
        "feeding": feed_s / (cards or N_CORES),
        "starting": pieces["start_s"] * (math.ceil(n_shards / cards) if cards else 1),
        "merging": n * pieces["merge_parquet_us"] / 1e6,
        "scheduler": n_shards * pieces["scheduler_ms"] / 1000,
    }
    rest = parts["starting"] + parts["merging"] + parts["scheduler"]
    work = max(parts["graph"], parts["feeding"]) if cards else parts["graph"] + parts["feeding"]
    return {
        "hours": (work + rest) / 3600,
        "hours_fed": (parts["graph"] + rest) / 3600,
        "longest": max(parts, key=lambda name: parts[name]),
        "shards": n_shards,
        "gigabytes_in": n * pieces["file_kb"] / 1e6,
        "gigabytes_out": n * pieces["row_bytes"] / 1e9,
    }


def text(pieces: Figures, table: dict[str, Figures]) -> str:
    """The pieces, and a row for each number of cutouts."""
    columns = ("cutouts", "shards", "in, GB", "out, GB", *MACHINES)
    lines = ["| piece | measured |", "|---|---|"]
    lines += [f"| {name.replace('_', ' ')} | {value:.3g} |" for name, value in pieces.items()]
    lines += ["", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for n in SIZES:
        each = [table[f"{machine}, {n:.0e}"] for machine in MACHINES]
        cells = [f"{n:,}", f"{each[0]['shards']:,}"]
        cells += [f"{each[0][f'gigabytes_{way}']:.2g}" for way in ("in", "out")]
        cells += [f"{_duration(one['hours'])} ({one['longest']})" for one in each]
        for place in (-2, -1):
            cells[place] += f"; well fed {_duration(each[place]['hours_fed'])}"
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _duration(hours: float) -> str:
    if hours < 1:
        return f"{60 * hours:.2g} min" if hours > 1 / 60 else f"{3600 * hours:.2g} s"
    return f"{hours:.2g} h" if hours < 48 else f"{hours / 24:.2g} d"


if __name__ == "__main__":
    sys.exit(main())

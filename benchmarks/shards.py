"""What shards cost: throughput beside the bare graph, a shard by a process of its own, and one file of a million rows.

    python benchmarks/shards.py [--images 20000] [--size 96] [--rows 1000000] [--workers] [--json] [--folder DIR]

Throughput is measured as `predict_many.py` does it, with `--shard-size 5000`. The overhead of a shard is what
`galaxy predict --shard N` of one row behind a million others takes beyond a `galaxy predict` of that row alone, in
processor seconds. The merge is that of shards of 5,000 rows of synthetic answers of one run with five carried
columns, in a process of its own, whose largest memory the system counted. `--workers` asks one process and two for the
same pictures, in turn, and says how many cores were at work meanwhile.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from _measured import (
    Bar,
    Figures,
    Works,
    begin,
    in_turn,
    is_worker,
    parser,
    peak_mb,
    report,
    work,
    worker,
)
from _runs import write_run
from planning import SCHEMA, rows
from predict_many import bare_part, run_beside, write_images

RUN, SHARD_SIZE = "measured", 5000
FORMATS = ("parquet", "csv", "fits")
N_TURNS = 3
MOST_RATIO, MOST_OVERHEAD, MOST_SECONDS, MOST_MB = 1.15, 1.0, 20.0, 500.0


def main() -> int:
    options = _arguments()
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="galaxy-shards-") as name:
        folder = Path(name)
        os.environ.update(GALAXY_RUNS=f"{folder}/runs", GALAXY_CACHE=f"{folder}/cache")
        write_run(RUN, "classifier", options.size)
        figures: Figures = {}
        if options.rows:
            figures |= merges(folder, options.rows) | overhead(folder, options.rows)
        if options.images:
            write_images(folder / "images", options.images)
            figures |= throughput(folder, options)
            if options.workers:
                figures |= two_workers(folder, options.images)
    return report(figures, bars(figures), options.json)


def bars(figures: Figures) -> list[Bar]:
    ask = figures.get
    merged = [
        Bar(f"merge of 10⁶ rows to {kind}, {what}", ask(f"merge_{kind}_{key}"), most, unit=unit)
        for kind in FORMATS
        for what, key, most, unit in (
            ("time", "seconds", MOST_SECONDS, " s"),
            ("memory", "mb", MOST_MB, " MB"),
        )
    ]
    return [
        Bar("`galaxy predict` in shards of 5,000 over the bare graph", ask("predict_over_bare"), MOST_RATIO),
        Bar(
            "a shard beyond the start of its process, processor time",
            ask("shard_overhead_seconds"),
            MOST_OVERHEAD,
            unit=" s",
        ),
        *merged,
    ]


def throughput(folder: Path, options: argparse.Namespace) -> Figures:
    command = [*_predict(), "--images", str(folder / "images"), "--out", str(folder / "a.csv")]
    with worker(__file__, "bare", folder, options.size) as bare:
        bare.ask("images")  # cold
        course = run_beside([*command, "--shard-size", str(SHARD_SIZE)], bare, options.between)
    bare_seconds = statistics.median(course.bare_seconds) / bare.ready["n_images"]
    return {
        "images": options.images,
        "predict_images_per_second": options.images / course.own_seconds,
        "bare_images_per_second": 1 / bare_seconds,
        "predict_over_bare": course.own_seconds / options.images / bare_seconds,
    }


def two_workers(folder: Path, n_images: int) -> Figures:
    """The same pictures in four shards by one process and by two."""

    cores = {1: list[float](), 2: list[float]()}

    def ask(number: int) -> float:
        out = folder / f"by-{number}.csv"
        words = ["--images", str(folder / "images"), "--out", str(out), "--overwrite"]
        words += ["--shard-size", str(-(-n_images // 4)), "--workers", str(number)]
        begun = time.monotonic()
        used = _run([*_predict(), *words])
        taken = time.monotonic() - begun
        cores[number].append(used / taken)
        return taken

    times = in_turn({str(number): lambda number=number: ask(number) for number in (1, 2)}, N_TURNS)
    one, two = (statistics.median(times[number]) for number in ("1", "2"))
    return {
        "one_worker_seconds": one,
        "two_workers_over_one": two / one,
        "cores_at_work_with_one": statistics.median(cores[1]),
        "cores_at_work_with_two": statistics.median(cores[2]),
    }


def overhead(folder: Path, n_rows: int) -> Figures:
    from galaxy_core.catalogues.formats import write_table

    images, paths = folder / "one", {}
    write_images(images, 1)
    for name, n in (("many", n_rows + 1), ("one", 1)):
        paths[name] = folder / f"{name}.parquet"
        write_table(paths[name], SCHEMA, rows(n), {})
    out, shard = folder / "answers", n_rows // SHARD_SIZE
    words = ["--images", str(images), "--catalogue"]
    _run(
        [
            *_predict(),
            *words,
            str(paths["many"]),
            "--out",
            str(out),
            "--shard-size",
            str(SHARD_SIZE),
            "--plan",
        ]
    )

    def of_one() -> float:
        out_of_one = str(folder / "one.csv")
        return _run([*_predict(), *words, str(paths["one"]), "--out", out_of_one, "--overwrite"], 1)

    def of_shard() -> float:
        for path in out.glob("shard-*"):
            path.unlink()
        return _run(
            [sys.executable, "-m", "galaxy_core", "predict", "--out", str(out), "--shard", str(shard)]
        )

    times = in_turn({"shard": of_shard, "one": of_one}, 5)
    shutil.rmtree(out)
    return {
        "a_process_for_one_row_processor_seconds": statistics.median(times["one"]),
        "shard_overhead_seconds": statistics.median(a - b for a, b in zip(*times.values(), strict=True)),
    }


def merges(folder: Path, n_rows: int) -> Figures:
    figures: Figures = {"rows": n_rows}
    for kind in FORMATS:
        with worker(__file__, "merge", folder, kind, n_rows) as one:
            figures[f"merge_{kind}_seconds"] = one.ask("merge")
            # the peak is that of the whole process, its preparation was less
            one.ask("peak")
        said = json.loads((folder / f"peak-{kind}.json").read_text())
        figures |= {f"merge_{kind}_mb": said["mb"], f"merge_{kind}_file_mb": said["file_mb"]}
    return figures


def merge_part(folder: str, kind: str, n_rows: str) -> tuple[Figures, Works]:
    """Shards as they are when the last is done; `merge` makes one file of them, `peak` writes the memory down."""
    from galaxy_core.catalogues.formats import CSV, PARQUET, write_table
    from galaxy_core.images.fits_options import AS_THE_SURVEY
    from galaxy_core.prediction.answer_table import answer_schema, asking
    from galaxy_core.prediction.inputs import catalogue_inputs
    from galaxy_core.prediction.plan import plan_of, write_plan
    from galaxy_core.prediction.shards import merge, shard_path
    from galaxy_core.runs.run import Run

    here, out = Path(folder), Path(folder) / f"merged.{kind}"
    source, place = here / f"merge-{kind}.parquet", here / f".{out.name}.shards"
    write_table(source, SCHEMA, rows(int(n_rows)), {})
    asked = asking([Run(here / "runs" / RUN)])
    inputs = catalogue_inputs(source, None, None, keeps_text=False)
    place.mkdir()
    shards_are = CSV if kind == CSV else PARQUET
    plan = plan_of(
        *(inputs, asked.runs),
        kind=shards_are,
        image=None,
        spreadsheet_safe=False,
        fits=AS_THE_SURVEY,
        shard_size=SHARD_SIZE,
    )
    plan = write_plan(place, plan, inputs)
    schema, answers = answer_schema(inputs.schema, asked), _answers()
    for number in range(plan.n_shards):
        batches = inputs.table.batches(None, SHARD_SIZE, *plan.border(number))
        both = (
            pa.RecordBatch.from_arrays(
                [*b.columns, *(a.slice(0, b.num_rows) for a in answers)], schema=schema
            )
            for b in batches
        )
        write_table(shard_path(place, plan, number), schema, both, {})
    prepared = peak_mb()

    def keep() -> None:
        said = {"mb": peak_mb(), "prepared_mb": prepared, "file_mb": out.stat().st_size / 1e6}
        (here / f"peak-{kind}.json").write_text(json.dumps(said))
        out.unlink()

    return {}, {"merge": lambda: merge(place, plan, out, asked, inputs, overwrite=False), "peak": keep}


def _answers() -> list[pa.Array]:
    """Columns of a shard of answers, calibrated ones too, as `answer_schema` has them."""
    rng = np.random.default_rng(0)
    shares = rng.dirichlet(np.ones(10), SHARD_SIZE).astype(np.float32)
    best = shares.argmax(axis=1)
    calibrated = [pa.array(column) for column in shares.T]
    return [
        pa.array([RUN] * SHARD_SIZE),
        pa.array(best.astype(np.int16)),
        pa.array([f"a class of number {one}" for one in best]),
        *calibrated,
        *calibrated,
        pa.array([f"{one} {(one + 1) % 10}" for one in best]),
        pa.array(shares[:, 0]),
        pa.array(["ok"] * SHARD_SIZE),
        pa.nulls(SHARD_SIZE, pa.string()),
    ]


def _predict() -> list[str]:
    return [sys.executable, "-m", "galaxy_core", "predict", "--run", RUN]


def _run(command: list[str], code: int = 0) -> float:
    """Processor seconds of the command: on a shared machine those on the wall wander by more than is looked for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if ended.returncode != code:
        raise SystemExit(f"{' '.join(command)} ended with code {ended.returncode}: {ended.stderr[-500:]}")
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    return now.ru_utime + now.ru_stime - before.ru_utime - before.ru_stime


def _arguments() -> argparse.Namespace:
    words = parser(__doc__)
    words.add_argument("--images", type=int, default=20_000, help="files to predict; 0 leaves them out")
    words.add_argument("--size", type=int, default=96, help="pixels the run sees, the whole image at 256")
    words.add_argument("--rows", type=int, default=1_000_000, help="of the merge; 0 leaves it out")
    words.add_argument("--between", type=float, default=6.0, help="seconds of the command between two holds")
    words.add_argument("--workers", action="store_true", help="two workers beside one, too")
    words.add_argument("--folder", help="where the temporary files go (25 kB an image)")
    return begin(words)


if __name__ == "__main__":
    if is_worker():
        work({"bare": bare_part, "merge": merge_part})
    else:
        sys.exit(main())

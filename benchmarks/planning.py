"""What a plan costs: a catalogue of ten million rows, and the names of a folder, in time and memory.

    python benchmarks/planning.py [--rows 10000000] [--names 60000] [--json] [--folder DIR]

`galaxy predict --plan` runs in a process of its own on a synthetic catalogue (identifier, position, magnitude, name of
the picture) as Parquet and as CSV, from starting Python to the finished plan; its largest resident memory is what the
system counted. A CSV is copied to Parquet once, so that a shard finds its rows. The same of a whole `galaxy predict`
of many and of a thousand empty files, all of them rows without a class: what grows between is due to names and rows.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from _measured import Bar, Figures, begin, parser, report, seconds
from _runs import write_run

RUN, FEW = "measured", 1000
MOST_MB, MOST_SECONDS, MOST_GROWTH_MB = 500.0, 120.0, 30.0
AT_ONCE = 100_000


def main() -> int:
    options = _arguments()
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="galaxy-planning-") as name:
        folder = Path(name)
        os.environ.update(GALAXY_RUNS=f"{folder}/runs", GALAXY_CACHE=f"{folder}/cache")
        write_run(RUN, "classifier", 96)
        figures: Figures = {"rows": options.rows, "names": options.names}
        for kind in ("parquet", "csv"):
            figures |= planned(folder, kind, options.rows)
        figures |= named(folder, options.names)
    return report(figures, bars(figures), options.json)


def bars(figures: Figures) -> list[Bar]:
    plans = [
        Bar(f"plan of 10⁷ rows of {kind}, {what}", figures[f"{kind}_{key}"], most, unit=unit)
        for kind in ("parquet", "csv")
        for what, key, most, unit in (
            ("memory", "plan_mb", MOST_MB, " MB"),
            ("time", "plan_seconds", MOST_SECONDS, " s"),
        )
    ]
    what = "memory over 60,000 names beyond that over 1,000"
    return [*plans, Bar(what, figures["names_growth_mb"], MOST_GROWTH_MB, unit=" MB")]


def planned(folder: Path, kind: str, n_rows: int) -> Figures:
    """Time and memory of a plan of that many rows."""
    from galaxy_core.catalogues.formats import write_table

    path = folder / f"objects.{kind}"
    write_table(path, SCHEMA, rows(n_rows), {})
    words = ["--catalogue", str(path), "--out", str(folder / f"answers-{kind}"), "--plan"]
    took, mb = measured(words, 0)
    path.unlink()
    return {f"{kind}_plan_seconds": took, f"{kind}_plan_mb": mb}


def named(folder: Path, n_names: int) -> Figures:
    """Memory over many names and over few."""
    heights = {}
    for n in (FEW, n_names):
        images = folder / f"{n}"
        for i in range(n):
            path = images / f"{i // 1000:04d}" / f"a-galaxy-with-a-name-of-usual-length-{i:09d}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        _, heights[n] = measured(["--images", str(images), "--out", str(folder / f"{n}.csv")], 1)
    return {"few_names_mb": heights[FEW], "names_growth_mb": heights[n_names] - heights[FEW]}


def measured(words: Sequence[str], code: int) -> tuple[float, float]:
    """Seconds and largest resident MB of `galaxy predict` with these words, which must end with that code."""
    command = [sys.executable, "-m", "galaxy_core", "predict", "--run", RUN, *words]
    # a process of its own between, whose only child this is
    watch = (
        "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:], stderr=subprocess.DEVNULL); "
        "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    said: list[str] = []
    took = seconds(
        lambda: said.append(
            subprocess.run([sys.executable, "-c", watch, *command], text=True, capture_output=True).stdout
        )
    )
    ended, height = said[0].split()[-2:]
    if int(ended) != code:
        raise SystemExit(f"{' '.join(command)} ended with code {ended}")
    return took, int(height) / (2**20 if sys.platform == "darwin" else 1024)


SCHEMA = pa.schema(
    [
        ("objid", pa.int64()),
        ("ra", pa.float64()),
        ("dec", pa.float64()),
        ("mag_r", pa.float32()),
        ("file", pa.string()),
    ]
)


def rows(n: int) -> Iterator[pa.RecordBatch]:
    rng = np.random.default_rng(0)
    for start in range(0, n, AT_ONCE):
        numbers = np.arange(start, min(start + AT_ONCE, n))
        columns = [
            pa.array(numbers + 2**60),
            pa.array(rng.uniform(0, 360, len(numbers))),
            pa.array(rng.uniform(-30, 30, len(numbers))),
            pa.array(rng.uniform(14, 20, len(numbers)).astype(np.float32)),
            pa.array([f"{i // 1000:05d}/{i:08d}.jpg" for i in numbers]),
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _arguments() -> argparse.Namespace:
    words = parser(__doc__)
    words.add_argument("--rows", type=int, default=10_000_000, help="of the catalogue")
    words.add_argument("--names", type=int, default=60_000, help="of the folder")
    words.add_argument("--folder", help="where the temporary files go (150 bytes a row)")
    return begin(words)


if __name__ == "__main__":
    sys.exit(main())

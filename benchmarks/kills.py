"""A sharded `galaxy predict`, killed at random moments and run again: does it end in the bytes of an undisturbed one?

    python benchmarks/kills.py [--kills 200] [--in-a-row 4] [--seed 0] [--json] [--folder DIR]

The command itself, of a DenseNet-121 that sees 32 px and forty pictures in shards of four, is killed (SIGKILL) some
times in a row and then left alone; CSV, Parquet and FITS take turns. A kill comes after so many changes of what lies in
the folders (drawn evenly from those of six tenths of an undisturbed command), and up to 30 ms later. The answers, and
what stands beside a CSV, must be those of a command that nobody disturbed, and no other file may be seen: what hides,
the lock and the cleared shards of one that was killed after its last step, goes with the next who writes there.
$SOURCE_DATE_EPOCH stands still, since a table says when it was begun.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import numpy as np
from _measured import Bar, Figures, begin, parser, report
from _runs import write_run
from predict_many import write_images

RUN, N_PIXELS, N_IMAGES, SHARD_SIZE = "measured", 32, 40, 4
SUFFIXES = (".csv", ".parquet", ".fits")
SHARE, MOST_SECONDS_LATER = 0.6, 0.03


def main() -> int:
    options = _arguments()
    os.environ["SOURCE_DATE_EPOCH"] = "1700000000"
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="galaxy-kills-") as name:
        folder = Path(name)
        os.environ.update(GALAXY_RUNS=f"{folder}/runs", GALAXY_CACHE=f"{folder}/cache")
        write_run(RUN, "classifier", N_PIXELS)
        write_images(folder / "images", N_IMAGES)
        (folder / "images" / "000" / "000007.jpg").write_bytes(b"no picture")
        figures = measure(folder, options)
    return report(figures, bars(figures), options.json)


def bars(figures: Figures) -> list[Bar]:
    what = "share of kills after which the bytes are the same"
    return [Bar(what, figures["equal"] / figures["kills"], 1.0, is_at_least=True)]


def measure(folder: Path, options: argparse.Namespace) -> Figures:
    rng, wanted, counts, n_done = np.random.default_rng(options.seed), {}, Counter[str](), 0
    for suffix in SUFFIXES:
        wanted[suffix] = answers(folder, suffix, [], counts)
    n_changes = counts["changes"] / len(SUFFIXES)
    while n_done < options.kills:
        suffix = SUFFIXES[n_done // options.in_a_row % len(SUFFIXES)]
        n = min(options.in_a_row, options.kills - n_done)
        moments = [
            (int(rng.integers(0, 1 + SHARE * n_changes)), float(rng.uniform(0, MOST_SECONDS_LATER)))
            for _ in range(n)
        ]
        found = answers(folder, suffix, moments, counts)
        counts["equal"] += n * (found == wanted[suffix])
        if found != wanted[suffix]:
            print(f"{moments} gave {sorted(found)}, not {sorted(wanted[suffix])}", file=sys.stderr)
        n_done += n
        print(f"{n_done} of {options.kills}: {counts['equal']} equal", file=sys.stderr, flush=True)
    said = {name: counts[name] for name in ("equal", "while_a_plan_was_there", "when_it_had_ended")}
    return {"kills": options.kills, **said, "changes_undisturbed": n_changes}


def answers(
    folder: Path, suffix: str, moments: list[tuple[int, float]], counts: Counter[str]
) -> dict[str, bytes]:
    """All that is seen there at the end, by name, of the command killed at these moments and then let be."""
    place = folder / "place"
    place.mkdir()
    out = place / f"answers{suffix}"
    command = [
        sys.executable,
        "-m",
        "galaxy_core",
        "predict",
        "--run",
        RUN,
        "--images",
        str(folder / "images"),
    ]
    command += ["--out", str(out), "--shard-size", str(SHARD_SIZE)]
    work = place / f".{out.name}.shards"
    for n_changes, seconds_later in moments:
        run(command, place, work, n_changes, seconds_later)
        has_plan = (work / "_plan.json").exists()
        counts["while_a_plan_was_there"] += has_plan
        counts["when_it_had_ended"] += out.exists() and not has_plan
    code, n_seen = run(command, place, work, None, 0)
    # one that was killed after its last step is whole, and says that it exists
    if code != 1 and not (moments and out.exists() and code == 2):
        raise SystemExit(f"{' '.join(command)} ended with code {code}")
    counts["changes"] += n_seen
    if work.exists():
        raise SystemExit(f"{work} is left")
    found = {path.name: path.read_bytes() for path in place.iterdir() if not path.name.startswith(".")}
    shutil.rmtree(place)
    return found


def run(
    command: list[str], place: Path, work: Path, n_changes: int | None, seconds_later: float
) -> tuple[int, int]:
    """The exit code, and how often what lies in the folders was seen to change; killed after so many changes."""
    n_seen, before = 0, names(place, work)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            now = names(place, work)
            n_seen, before = n_seen + (now != before), now
            if n_changes is not None and n_seen >= n_changes:
                time.sleep(seconds_later)
                process.kill()
            time.sleep(0.001)
    return process.returncode, n_seen


def names(*folders: Path) -> list[str]:
    found: list[str] = []
    for folder in folders:
        with suppress(OSError):
            found += [path.name for path in folder.iterdir()]
    return sorted(found)


def _arguments() -> argparse.Namespace:
    words = parser(__doc__)
    words.add_argument("--kills", type=int, default=200, help="in all")
    words.add_argument("--in-a-row", type=int, default=4, help="before it is let be")
    words.add_argument("--seed", type=int, default=0, help="of the moments")
    words.add_argument("--folder", help="where the temporary files go")
    return begin(words)


if __name__ == "__main__":
    sys.exit(main())

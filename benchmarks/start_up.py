"""How long a user waits before the command answers, beside importing TensorFlow on the same machine.

    python benchmarks/start_up.py [--json]   # seconds (median of five) and shares of TensorFlow's import

The runs that `galaxy runs list` lists are twelve unfinished run folders.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _measured import Bar, Figures, begin, parser, report

N_TIMES, N_RUNS, LIMIT_SECONDS = 5, 12, 0.7
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "galaxy --help": ["-m", "galaxy_core", "--help"],
    "galaxy runs list": ["-m", "galaxy_core", "runs", "list"],
}
TENSORFLOW = ["-c", "import tensorflow"]


def main() -> int:
    """Print one line a command; 1 when a command of ours is slower than its limit."""
    options = begin(parser(__doc__))
    with tempfile.TemporaryDirectory() as folder:
        make_runs(Path(folder))
        environment = {**os.environ, "GALAXY_RUNS": folder, "TF_CPP_MIN_LOG_LEVEL": "3"}
        seconds = {name: median_seconds(words, environment) for name, words in COMMANDS.items()}
        seconds["import tensorflow"] = median_seconds(TENSORFLOW, environment, n_times=2)
    return report(seconds, bars(seconds), options.json, text(seconds))


def bars(figures: Figures) -> list[Bar]:
    ours = (name for name in COMMANDS if name.startswith("galaxy"))
    return [Bar(f"`{name}`", figures[name], LIMIT_SECONDS, unit=" s") for name in ours]


def text(figures: Figures) -> str:
    """Seconds, and what they are of TensorFlow's import."""
    tensorflow = figures["import tensorflow"]
    rows = (f"| {name} | {value:.2f} | {value / tensorflow:.1%} |" for name, value in figures.items())
    return "\n".join(["| command | s | of TensorFlow's import |", "|---|---|---|", *rows])


def make_runs(folder: Path) -> None:
    """Unfinished run folders, as many as a sweep with two seeds has."""
    for number in range(N_RUNS):
        path = folder / f"first-{number % 6 * 20:03d}-s{number // 6}"
        path.mkdir()
        (path / "config.json").write_text(json.dumps({"data": "galaxies.h5"}))


def median_seconds(words: list[str], environment: dict[str, str], n_times: int = N_TIMES) -> float:
    """Wall time of `python` with these words, the first (cold) time left out."""
    times = []
    for _ in range(n_times + 1):
        started = time.perf_counter()
        subprocess.run([sys.executable, *words], env=environment, capture_output=True, check=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:])


if __name__ == "__main__":
    sys.exit(main())

"""What the benchmarks share: works timed in turn, workers in processes of their own, two cores, and bars.

On a shared machine only a ratio of two sides measured in turn (A B A B …) means something: what disturbs one
disturbs the other. A side that must not share memory or threads with the other is a `Worker`. What it measured a
script prints as Markdown tables, as docs/performance.md shows them.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

N_CORES = 2
"""What every figure is promised on."""
STARTED = time.perf_counter()

WORK = "--work"
"""The word after which a script is a worker: the name of a part and its own words follow."""

Figures = dict[str, Any]
Works = Mapping[str, Callable[[], object]]


@dataclass(frozen=True)
class Bar:
    """What a figure has to reach: at most `limit`, or at least; `value` None where it could not be measured."""

    what: str
    value: float | None
    limit: float
    is_at_least: bool = False
    unit: str = ""

    @property
    def is_met(self) -> bool | None:
        """None where nothing was measured."""
        if self.value is None:
            return None
        return self.value >= self.limit if self.is_at_least else self.value <= self.limit

    @property
    def rule(self) -> str:
        """The limit in words."""
        return f"{'≥' if self.is_at_least else '≤'} {_number(float(self.limit))}{self.unit}"

    def __str__(self) -> str:
        """A row of the table that `report` prints."""
        value = "–" if self.value is None else f"{_number(float(self.value))}{self.unit}"
        outcome = {True: "met", False: "missed", None: "not measured"}[self.is_met]
        return f"| {self.what} | {self.rule} | {value} | {outcome} |"


def report(figures: Figures, bars: Sequence[Bar], as_json: bool, text: str = "") -> int:
    """Print the figures, or `text` in their place, the bars and the cores; the exit code, 1 where a bar is missed."""
    if as_json:
        shown = [{"what": b.what, "value": b.value, "limit": b.limit, "is_met": b.is_met} for b in bars]
        print(json.dumps({"figures": figures, "bars": shown, "cores": cores()}, indent=1))
    else:
        print(text or table(figures))
        if bars:
            print("", "| what | bar | measured | |", "|---|---|---|---|", *bars, sep="\n")
        print(f"\nOn {cores()}; all of it took {time.perf_counter() - STARTED:.0f} s.")
    return int(any(bar.is_met is False for bar in bars))


def table(figures: Figures) -> str:
    """Names and numbers, one a row."""
    rows = (f"| {name.replace('_', ' ')} | {_number(value)} |" for name, value in figures.items())
    return "\n".join(["| figure | value |", "|---|---|", *rows])


def _number(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def parser(doc: str | None) -> argparse.ArgumentParser:
    """The words every benchmark knows: `--help` shows the docstring, `--json` asks for one JSON object."""
    words = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return words


def begin(words: argparse.ArgumentParser) -> argparse.Namespace:
    """What the command line asks for; from here on this process and all that it starts have two cores."""
    options = words.parse_args()
    take_two_cores()
    return options


def take_two_cores() -> None:
    """Limit this process, the threads it has and whatever it starts to two processors, where the system can.

    Libraries count the processors they may use when they are loaded: what is timed in this very process
    must be imported afterwards.
    """
    if not hasattr(os, "sched_setaffinity"):
        return
    import psutil

    two = two_of(os.sched_getaffinity(0), _core_of)
    for thread in psutil.Process().threads():
        with suppress(ProcessLookupError):  # it may have ended by now
            os.sched_setaffinity(thread.id, two)


def two_of(processors: Iterable[int], core_of: Callable[[int], Hashable]) -> set[int]:
    """Two processors, on different cores where there are two: the second thread of a core is no second core."""
    first: dict[Hashable, int] = {}
    for processor in sorted(processors):
        first.setdefault(core_of(processor), processor)
    others = sorted(set(processors) - set(first.values()))
    return set([*first.values(), *others][:N_CORES])


def _core_of(processor: int) -> str:
    """The processors that share its core, as Linux lists them; it alone where nothing is said."""
    siblings = Path(f"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list")
    return siblings.read_text().strip() if siblings.is_file() else str(processor)


def cores() -> str:
    """How many processors this process may use, of how many."""
    n_all = os.cpu_count() or 1
    n_used = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else n_all
    return f"{n_used} of {n_all} processors"


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def in_turn(timed: Mapping[str, Callable[[], float]], n_rounds: int) -> dict[str, list[float]]:
    """What each returns, one after the other in every round; a first, cold round is left out."""
    times: dict[str, list[float]] = {name: [] for name in timed}
    for number in range(n_rounds + 1):
        for name, ask in timed.items():
            value = ask()
            if number:
                times[name].append(value)
    return times


def ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """Median over the rounds of one side's time over the other's."""
    return statistics.median(a / b for a, b in zip(over, under, strict=True))


class Worker:
    """A part of a benchmark in a process of its own; `ready` is what it said when it was prepared.

    In between it waits for its turn and takes no processor. RuntimeError when it ends before it answers.
    """

    def __init__(self, script: str, part: str, *words: object) -> None:
        self._part = part
        self._process = subprocess.Popen(
            [sys.executable, script, WORK, part, *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"TF_CPP_MIN_LOG_LEVEL": "3", **os.environ},
        )
        self.ready: Figures = self._answer()

    def ask(self, work: str) -> float:
        """Seconds that one of its works took just now."""
        assert self._process.stdin
        self._process.stdin.write(f"{work}\n")
        self._process.stdin.flush()
        return float(self._answer())

    def close(self) -> None:
        """Let it end, and wait until it has."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _answer(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the worker {self._part!r} ended with code {self._process.wait()}; see above")
        return json.loads(line)


@contextmanager
def worker(script: str, part: str, *words: object) -> Iterator[Worker]:
    """A worker that ends with the block."""
    one = Worker(script, part, *words)
    try:
        yield one
    finally:
        one.close()


def is_worker() -> bool:
    """Whether this process was started as one."""
    return WORK in sys.argv[1:2]


def work(parts: Mapping[str, Callable[..., tuple[Figures, Works]]]) -> None:
    """A worker's life: prepare the part it was named, say so, and time a work whenever asked.

    A part gets the words after its name and returns figures and its works. Whatever else libraries print on
    standard output goes to standard error.
    """
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)
        figures, works = parts[sys.argv[2]](*sys.argv[3:])
        print(json.dumps(figures), file=answers, flush=True)
        for line in sys.stdin:
            print(json.dumps(seconds(works[line.strip()])), file=answers, flush=True)


def settled_mb() -> float:
    """The resident memory of this process now."""
    import psutil

    return psutil.Process().memory_info().rss / 2**20


def peak_mb() -> float:
    """The most resident memory this process ever held."""
    import resource

    # Linux counts kilobytes, macOS bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)

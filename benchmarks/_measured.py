"""What the benchmarks share: works timed in turn, workers in processes of their own, and bars.

On a shared machine only a ratio of two sides measured in turn (A B A B …) means something: what disturbs one
disturbs the other. A side that must not share memory or threads with the other is a `Worker`.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

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

    def __str__(self) -> str:
        rule = f"bar {'≥' if self.is_at_least else '≤'} {self.limit:g}{self.unit}"
        if self.value is None:
            return f"{self.what:56}{'–':>9}    {rule}: not measured"
        return f"{self.what:56}{self.value:9.3g}{self.unit:4}{rule}: {'met' if self.is_met else 'missed'}"


def report(figures: Figures, bars: Sequence[Bar], as_json: bool, text: str = "") -> int:
    """Print the figures, or `text` in their place, and the bars; the exit code, 1 where a bar is missed."""
    if as_json:
        shown = [{"what": b.what, "value": b.value, "limit": b.limit, "is_met": b.is_met} for b in bars]
        print(json.dumps({"figures": figures, "bars": shown}, indent=1))
    else:
        print(text or "\n".join(f"{name.replace('_', ' '):56}{_number(v)}" for name, v in figures.items()))
        print(*bars, sep="\n")
    return int(any(bar.is_met is False for bar in bars))


def _number(value: Any) -> str:
    return f"{value:9.3g}" if isinstance(value, float) else f"{value!s:>9}"


def parser(doc: str | None) -> argparse.ArgumentParser:
    """The words every benchmark knows: `--help` shows the docstring, `--json` asks for one JSON object."""
    words = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return words


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

"""Turns, ratios, bars and workers, on works whose times are known."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = """
import sys
sys.path.insert(0, {folder!r})
from _measured import work

def ready(word):
    print("a library says something on standard output")
    done = []
    return {{"word": word}}, {{"note": lambda: done.append(1), "count": lambda: print(done), "fail": lambda: 1 / 0}}

work({{"ready": ready}})
"""

TAKES_ONE = """
import os, subprocess, sys, threading
import _measured

is_over = threading.Event()
early = threading.Thread(target=is_over.wait)
early.start()
_measured.N_CORES = 1
_measured.take_two_cores()
print(*(len(os.sched_getaffinity(thread)) for thread in (0, early.native_id)), flush=True)
is_over.set()
subprocess.run([sys.executable, "-c", "import os; print(len(os.sched_getaffinity(0)))"])
"""


@pytest.fixture
def measured(benchmark: Callable[[str], ModuleType]) -> Any:
    return benchmark("_measured")


@pytest.fixture
def script(tmp_path: Path, measured: Any) -> str:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT.format(folder=str(Path(measured.__file__).parent)))
    return str(path)


def test_sides_are_asked_in_turn_and_the_cold_round_is_left_out(measured: Any) -> None:
    asked: list[str] = []

    def side(name: str) -> Callable[[], float]:
        def ask() -> float:
            asked.append(name)
            return float(len(asked))

        return ask

    times = measured.in_turn({"a": side("a"), "b": side("b")}, 2)
    assert asked == ["a", "b"] * 3
    assert times == {"a": [3.0, 5.0], "b": [4.0, 6.0]}


def test_a_ratio_is_the_median_over_the_rounds(measured: Any) -> None:
    # one disturbed round, in which both sides took ten times as long, changes nothing
    assert measured.ratio([2.0, 20.0, 2.0], [1.0, 10.0, 1.0]) == 2
    assert measured.ratio([1.0, 9.0, 2.0], [1.0, 1.0, 1.0]) == 2


@pytest.mark.parametrize(
    ("value", "is_at_least", "is_met", "words"),
    [
        (1.3, False, True, "≤ 1.3 s | 1.3 s | met"),
        (1.31, False, False, "≤ 1.3 s | 1.31 s | missed"),
        (1.3, True, True, "≥ 1.3 s | 1.3 s | met"),
        (1.29, True, False, "≥ 1.3 s | 1.29 s | missed"),
        (None, False, None, "≤ 1.3 s | – | not measured"),
    ],
)
def test_a_bar_says_whether_it_is_met(
    measured: Any, value: float | None, is_at_least: bool, is_met: bool | None, words: str
) -> None:
    bar = measured.Bar("ours", value, 1.3, is_at_least, " s")
    assert bar.is_met is is_met
    assert str(bar) == f"| ours | {words} |"


def test_a_missed_bar_is_the_exit_code_and_one_not_measured_is_not(
    measured: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    met, missed, open_ = (measured.Bar("x", value, 1.0) for value in (0.5, 2.0, None))
    assert measured.report({"seconds": 2.0}, [met, open_], as_json=True) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["figures"] == {"seconds": 2.0}
    assert [bar["is_met"] for bar in shown["bars"]] == [True, None]
    assert measured.report({"seconds": 2.0}, [met, missed], as_json=False) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "| seconds | 2 |" in lines
    assert lines[-1].startswith(f"On {measured.cores()}; all of it took ")


def test_two_processors_are_those_of_two_cores_where_there_are_two(measured: Any) -> None:
    hyperthreaded = {4: "4,5", 5: "4,5", 6: "6,7", 7: "6,7", 8: "8,9"}
    assert measured.two_of(hyperthreaded, hyperthreaded.get) == {4, 6}
    assert measured.two_of([4, 5], hyperthreaded.get) == {4, 5}
    assert measured.two_of([5], hyperthreaded.get) == {5}


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no such call")
def test_threads_that_are_there_and_processes_that_follow_share_what_was_taken(measured: Any) -> None:
    # one processor instead of two, so that it would show on a machine that has no more than two
    done = subprocess.run(
        [sys.executable, "-c", TAKES_ONE],
        cwd=Path(measured.__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["1", "1", "1"]


def test_a_worker_answers_whatever_libraries_print(measured: Any, script: str) -> None:
    with measured.worker(script, "ready", "hello") as one:
        assert one.ready == {"word": "hello"}
        assert 0 < one.ask("note") < 5
        assert 0 < one.ask("count") < 5
        process = one._process
    assert process.returncode == 0


def test_a_worker_that_dies_is_an_error_and_not_a_wait(measured: Any, script: str) -> None:
    with (
        measured.worker(script, "ready", "hello") as one,
        pytest.raises(RuntimeError, match="ended with code 1"),
    ):
        one.ask("fail")

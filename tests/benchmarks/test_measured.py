"""Turns, ratios, bars and workers, on works whose times are known."""

import json
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
        (1.3, False, True, "bar ≤ 1.3: met"),
        (1.31, False, False, "bar ≤ 1.3: missed"),
        (1.3, True, True, "bar ≥ 1.3: met"),
        (1.29, True, False, "bar ≥ 1.3: missed"),
        (None, False, None, "bar ≤ 1.3: not measured"),
    ],
)
def test_a_bar_says_whether_it_is_met(
    measured: Any, value: float | None, is_at_least: bool, is_met: bool | None, words: str
) -> None:
    bar = measured.Bar("ours over theirs", value, 1.3, is_at_least)
    assert bar.is_met is is_met
    assert str(bar).startswith("ours over theirs")
    assert str(bar).endswith(words)


def test_a_missed_bar_is_the_exit_code_and_one_not_measured_is_not(
    measured: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    met, missed, open_ = (measured.Bar("x", value, 1.0) for value in (0.5, 2.0, None))
    assert measured.report({"seconds": 2.0}, [met, open_], as_json=True) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["figures"] == {"seconds": 2.0}
    assert [bar["is_met"] for bar in shown["bars"]] == [True, None]
    assert measured.report({"seconds": 2.0}, [met, missed], as_json=False) == 1
    assert "seconds" in capsys.readouterr().out


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

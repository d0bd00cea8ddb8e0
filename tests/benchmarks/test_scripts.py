"""Every benchmark is one command, and what it makes of its times is right where the answer is known."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import psutil
import pytest

from galaxy_core.data.images import read_image
from galaxy_core.runs.run import resolve_runs
from galaxy_core.transfer.densenet121 import LAYERS, cut_at, multiply_adds, tap_at

SCRIPTS = sorted((Path(__file__).parents[2] / "benchmarks").glob("[a-z]*.py"))

Benchmark = Callable[[str], ModuleType]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_help_says_the_command_and_changes_nothing(script: Path, own_folders: Path) -> None:
    done = subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True, cwd=own_folders)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"python benchmarks/{script.name}" in done.stdout
    assert "--json" in done.stdout
    assert list(own_folders.iterdir()) == []


def test_a_finished_run_is_made_that_predict_accepts(benchmark: Benchmark) -> None:
    benchmark("_runs").write_run("measured", "classifier", 96)
    (run,) = resolve_runs(["measured"])
    assert run.is_whole
    assert (run.config.crop, run.config.image_size, run.card()["kind"]) == (96, 96, "classifier")


def test_written_images_are_whole_galaxies(benchmark: Benchmark, tmp_path: Path) -> None:
    many = benchmark("predict_many")
    many.write_images(tmp_path / "images", 3)
    paths = sorted((tmp_path / "images").rglob("*.jpg"))
    assert [path.name for path in paths] == ["000000.jpg", "000001.jpg", "000002.jpg"]
    assert {read_image(path).shape for path in paths} == {(256, 256, 3)}


def test_growth_is_what_a_line_rises_by(benchmark: Benchmark) -> None:
    growth = benchmark("predict_many").growth
    assert growth([100.0, 110.0, 120.0]) == pytest.approx(20)
    assert growth([100.0, 140.0, 140.0, 100.0]) == pytest.approx(0)
    assert growth([100.0]) == 0


def test_the_command_is_held_while_the_bare_graph_has_its_turn(benchmark: Benchmark) -> None:
    states: list[str] = []

    class Bare:
        def ask(self, work: str) -> float:
            states.extend(child.status() for child in psutil.Process().children())
            return 0.5

    course = benchmark("predict_many").run_beside(
        [sys.executable, "-c", "import time; time.sleep(0.5)"], Bare(), between=0.2
    )
    assert states
    assert set(states) == {psutil.STATUS_STOPPED}
    assert course.bare_seconds == [0.5] * len(states)
    assert len(course.heights_mb) == len(states)
    assert min(course.heights_mb) > 1
    assert course.own_seconds > 0.2


def test_a_command_that_fails_is_no_measurement(benchmark: Benchmark) -> None:
    with pytest.raises(SystemExit, match="code 3"):
        benchmark("predict_many").run_beside([sys.executable, "-c", "raise SystemExit(3)"], None, 9.0)


def test_operations_of_a_training_step_are_counted_by_what_is_frozen(benchmark: Benchmark) -> None:
    operations = benchmark("processor").step_operations
    whole = sum(multiply_adds(96).values())
    assert operations(0.0, None, 96, 32) == 2 * 3 * 32 * whole
    assert operations(1.0, None, 96, 32) == 2 * 32 * whole
    assert operations(1.0, tap_at(1.0).name, 96, 32) == 0
    # from the tap to the cut forward only, above the cut three passes
    tap, cut = tap_at(0.4).name, cut_at(0.4)
    names = [layer.name for layer in LAYERS]
    between = sum(multiply_adds(96)[name] for name in names[names.index(tap) + 1 : cut.n_layers])
    above = sum(multiply_adds(96)[name] for name in names[cut.n_layers :])
    assert operations(0.4, tap, 96, 1) == 2 * (between + 3 * above)


def made_sweep(seeds: tuple[float, ...] = (0.40, 0.45, 0.42)) -> dict[str, Any]:
    """Figures of prefix_features: every frozen row twice as fast with reuse, the probe forty times."""

    def row(seconds_without: float) -> dict[str, Any]:
        return {
            "kept": {"seconds": 10.0, "accuracy": 0.5, "loss": 1.5},
            "recomputed": {"seconds": seconds_without, "accuracy": 0.52, "loss": 1.4},
        }

    return {
        "rows": {"0 %": row(10.0), "20 %": row(20.0), "100 %": row(20.0)},
        "probe_epoch_seconds": {"kept": [0.1, 0.1], "recomputed": [4.0, 4.0]},
        "seeds": [{"accuracy": value, "loss": 1.5} for value in seeds],
    }


def test_savings_of_a_sweep_are_sums_over_rows(benchmark: Benchmark) -> None:
    prefix = benchmark("prefix_features")
    probe, five, all_six, same = prefix.bars(made_sweep())
    assert probe.value == pytest.approx(40)
    assert five.value == pytest.approx(2)
    assert all_six.value == pytest.approx(50 / 30)
    assert (same.value, same.limit) == (pytest.approx(0.02), pytest.approx(0.05))
    assert all(bar.is_met for bar in (probe, five, all_six, same))
    lines = prefix.text(made_sweep()).splitlines()
    assert "| 20 % | 10 | 20 | 2.00 | 0.500 | 0.520 | 1.500 | 1.400 |" in lines
    assert lines[-1] == "an epoch of the linear probe: 0.10 s with, 4.00 s without"


def test_a_difference_beyond_the_spread_of_seeds_is_missed(benchmark: Benchmark) -> None:
    same = benchmark("prefix_features").bars(made_sweep(seeds=(0.40, 0.41)))[-1]
    assert same.is_met is False


def test_an_export_of_another_network_is_no_comparison(benchmark: Benchmark) -> None:
    difference = benchmark("one_model")._difference
    ours = {"logits": [[1.0, -20.0]]}
    assert difference(ours, {"logits": [[1.0, -20.002]]}) == pytest.approx(1e-4, rel=0.01)
    for other in ([[1.0, 20.0]], [[np.nan, -20.0]]):
        with pytest.raises(SystemExit, match="different answers"):
            difference(ours, {"logits": other})


def test_what_could_not_be_compared_says_why(benchmark: Benchmark) -> None:
    six = benchmark("six_models")
    figures = dict.fromkeys(("six_seconds", "one_seconds", "recipe_seconds", "open_seconds"), 0.1)
    figures |= dict.fromkeys(("six_over_one", "recipe_times_six_over_ours"), 3.0)
    figures |= dict.fromkeys(("memory_mb", "settled_mb", "recipe_memory_mb"), 500.0)
    shown = six.text({**figures, "tf_keras_vis_reason": "ImportError: no zoom"})
    assert "left out: ImportError: no zoom" in shown
    assert [bar.is_met for bar in six.bars(figures)] == [True, False, True, True]


def test_the_table_of_the_processor_shows_what_was_measured(benchmark: Benchmark) -> None:
    figures = {
        "gflops_product_numpy": 80.0,
        "gflops_product_onnx_runtime": 90.0,
        "gflops_convolutions": {"3x3": 70.0},
        "prediction_size": 256,
        "seconds_by_images": {1: 0.04, 16: 0.48},
        "share_by_images": {1: 0.5, 16: 0.75},
        "seconds_by_models": {1: 0.04, 2: 0.05},
        "seconds_of_a_pair_by_shared_cut": {"0%": 0.08, "100%": 0.04},
        "training": [{"cut": "0%", "without_seconds": 2.0, "without_share": 0.4}],
    }
    lines = benchmark("processor").text(figures).splitlines()
    assert "| 16 | 480 | 30.0 | 75% |" in lines
    assert "| 2 | 50 | 1.25 |" in lines
    assert "| 0% | 80 | 2.00 |" in lines
    assert "| 0% | 2.00 | 40% | – | – |" in lines

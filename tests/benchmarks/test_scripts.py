"""Every benchmark is one command, and what it makes of its times is right where the answer is known."""

import argparse
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import psutil
import pytest

from galaxy_core.images.read import read_image
from galaxy_core.networks.cut import cut_at, tap_at
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.run import resolve_runs

DENSENET = get_backbone("densenet121")

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "benchmarks").glob("[a-z]*.py"))
WITHOUT_BARS = {"processor", "precision", "growth"}

Benchmark = Callable[[str], ModuleType]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_help_says_the_command_and_changes_nothing(script: Path, own_folders: Path) -> None:
    done = subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True, cwd=own_folders)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"python benchmarks/{script.name}" in done.stdout
    assert "--json" in done.stdout
    assert list(own_folders.iterdir()) == []


def test_every_bar_is_promised_in_the_documents_and_no_other(benchmark: Benchmark) -> None:
    """Each beside its limit; the spread of seeds is one that only a measurement gives."""
    promised = {}
    for line in (ROOT / "docs" / "performance.md").read_text().split("\n## ")[1].splitlines():
        if line.startswith("| ") and not line.startswith("| what"):
            what, rule = line.split(" | ")[:2]
            promised[what.removeprefix("| ")] = rule
    kept = {}
    for script in SCRIPTS:
        if script.stem not in WITHOUT_BARS:
            figures = made_sweep() if script.stem == "prefix_features" else defaultdict(lambda: 1.0)
            kept |= {bar.what: bar.rule for bar in benchmark(script.stem).bars(figures)}
    kept["largest difference in accuracy, frozen rows; spread of seeds"] = "≤ the spread"
    assert promised == kept


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_without_chromium_the_explorer_is_left_out_and_says_so(
    benchmark: Benchmark,
    words: list[str],
    own_folders: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr(sys, "argv", ["explorer.py", *words])
    monkeypatch.setenv("PATH", str(own_folders))
    assert benchmark("explorer").main() == 0
    shown = capsys.readouterr().out
    assert "it needs Chromium" in shown
    if words:
        assert [bar["is_met"] for bar in json.loads(shown)["bars"]] == [None] * 5


def test_two_answers_agree_as_far_as_their_furthest_numbers(benchmark: Benchmark) -> None:
    agreement = benchmark("agreement")
    logits, maps = np.array([[1.0, -8.0]]), np.zeros((1, 2, 3, 3))
    further = maps.copy()
    further[0, 1, 2, 0] = -2e-4
    keras = {"logits": logits, "maps": maps, "maps_by_gradient": further}
    figures = agreement.differences(
        {"tensorflow": keras, "lineup": {"logits": logits + 5e-5, "maps": maps * np.nan}}
    )
    assert figures["largest_logit"] == 8
    assert figures["lineup_logits"] == pytest.approx(5e-5)
    outcomes = {bar.what: bar.is_met for bar in agreement.bars(figures)}
    assert outcomes == {
        "closed-form maps beside gradients": False,
        "logits, JAX beside TensorFlow": None,
        "closed-form maps, JAX beside TensorFlow": None,
        "logits, line-up beside Keras": True,
        "closed-form maps, line-up beside Keras": False,
    }


def test_what_is_read_of_a_file_is_counted_though_it_is_in_memory(
    benchmark: Benchmark, tmp_path: Path
) -> None:
    bytes_read = benchmark("data_streaming").bytes_read
    if bytes_read() is None:
        pytest.skip("the system does not tell")
    (tmp_path / "file").write_bytes(bytes(10**6))
    before = bytes_read()
    (tmp_path / "file").read_bytes()
    assert 10**6 <= bytes_read() - before < 1.1 * 10**6


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
    command = [sys.executable, "-c", "import time; time.sleep(0.5)"]

    class Bare:
        def ask(self, work: str) -> float:
            # earlier tests of this process may have left children of their own
            time.sleep(0.1)  # the signal may still be on its way
            children = [one for one in psutil.Process().children() if one.status() != psutil.STATUS_ZOMBIE]
            states.extend(one.status() for one in children if one.cmdline() == command)
            return 0.5 if work == "images" else 0.1

    course = benchmark("predict_many").run_beside(command, Bare(), between=0.2)
    assert states
    assert set(states) == {psutil.STATUS_STOPPED}
    n_holds = len(course.heights_mb)
    assert (course.bare_seconds, course.reading_seconds) == ([0.5] * n_holds, [0.1] * n_holds)
    assert len(states) == 2 * n_holds
    assert min(course.heights_mb) > 1
    assert course.own_seconds > 0.2


def test_a_command_that_fails_is_no_measurement(benchmark: Benchmark) -> None:
    with pytest.raises(SystemExit, match="code 3"):
        benchmark("predict_many").run_beside([sys.executable, "-c", "raise SystemExit(3)"], None, 9.0)


def test_operations_of_a_training_step_are_counted_by_what_is_frozen(benchmark: Benchmark) -> None:
    operations = benchmark("processor").step_operations
    whole = sum(DENSENET.multiply_adds(96).values())
    assert operations(0.0, None, 96, 32) == 2 * 3 * 32 * whole
    assert operations(1.0, None, 96, 32) == 2 * 32 * whole
    assert operations(1.0, tap_at(DENSENET, 1.0).name, 96, 32) == 0
    # from the tap to the cut forward only, above the cut three passes
    tap, cut = tap_at(DENSENET, 0.4).name, cut_at(DENSENET, 0.4)
    names = [layer.name for layer in DENSENET.layers]
    between = sum(DENSENET.multiply_adds(96)[name] for name in names[names.index(tap) + 1 : cut.n_layers])
    above = sum(DENSENET.multiply_adds(96)[name] for name in names[cut.n_layers :])
    assert operations(0.4, tap, 96, 1) == 2 * (between + 3 * above)


def test_the_documents_say_what_lies_below_each_cut(benchmark: Benchmark) -> None:
    processor = benchmark("processor")
    text = (ROOT / "docs" / "performance.md").read_text()
    for cut in processor.CUTS:
        share = f"{processor.share_below(cut, 256):.0%}".removesuffix("%")
        assert f"| {100 * cut:.0f} % | {share} % |" in text


def made_sweep(seeds: tuple[float, ...] = (0.40, 0.45, 0.42)) -> dict[str, Any]:
    """Figures of prefix_features: every frozen row twice as fast with reuse, the probe forty times."""

    def row(seconds_without: float) -> dict[str, Any]:
        return {
            "kept": {"seconds": 10.0, "accuracy": 0.5, "loss": 1.5},
            "recomputed": {"seconds": seconds_without, "accuracy": 0.52, "loss": 1.4},
        }

    return {
        "rows": {"0 %": row(10.0), "20 %": row(20.0), "100 %": row(20.0)},
        "parts_of_the_first_row": {"compiling": 30.0, "steps": 8.0, "look": 1.5, "state": 0.5},
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
    assert "| steps | 8.00 | 80% |" in lines
    assert "| compiling, once | 30.00 | as long as 3.0 epochs |" in lines
    assert lines[-1] == "an epoch of the linear probe: 0.10 s with, 4.00 s without"


def test_a_difference_beyond_the_spread_of_seeds_is_missed(benchmark: Benchmark) -> None:
    same = benchmark("prefix_features").bars(made_sweep(seeds=(0.40, 0.41)))[-1]
    assert same.is_met is False


def test_one_row_that_differs_is_not_hidden_by_those_that_do_not(benchmark: Benchmark) -> None:
    figures = made_sweep()
    figures["rows"]["20 %"]["kept"]["accuracy"] = 0.62
    same = benchmark("prefix_features").bars(figures)[-1]
    assert same.value == pytest.approx(0.1)
    assert same.is_met is False


def test_a_sweep_without_frozen_rows_says_nothing_of_them(benchmark: Benchmark) -> None:
    figures = made_sweep()
    figures["rows"] = {"0 %": figures["rows"]["0 %"]}
    _, five, all_six, same = benchmark("prefix_features").bars(figures)
    assert (five.is_met, all_six.value, same.is_met) == (None, 1, None)


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
        "multiply_adds": 3_700_000_000,
        "share_below": {"0%": 0.0, "100%": 1.0},
        "seconds_by_images": {1: 0.04, 16: 0.48},
        "share_by_images": {1: 0.5, 16: 0.75},
        "seconds_by_models": {1: 0.04, 2: 0.05},
        "seconds_of_a_pair_by_shared_cut": {"0%": 0.08, "100%": 0.04},
        "training": [{"cut": "0%", "without_seconds": 2.0, "without_share": 0.4}],
    }
    lines = benchmark("processor").text(figures).splitlines()
    assert "| 16 | 480 | 30.0 | 75% |" in lines
    assert "| 2 | 50 | 1.25 |" in lines
    assert "| 0% | 0% | 80 | 2.00 |" in lines
    assert "DenseNet-121 at 256 px: 3.70 thousand million multiply-adds an image" in lines
    assert "| 0% | 2.00 | 40% | – | – |" in lines


def test_a_whole_training_is_told_from_three_epochs(benchmark: Benchmark) -> None:
    """Compiling once (50), a pass of 4 for each new view, 2 an epoch, and 10 s for what is no epoch."""
    prefix = benchmark("prefix_features")
    options = argparse.Namespace(epochs=10, views=5)
    assert prefix.whole_training([56.0, 6.0, 2.0], 74.0, options) == 10 + 50 + 5 * 4 + 10 * 2
    options = argparse.Namespace(epochs=3, views=5)
    assert prefix.whole_training([56.0, 6.0, 2.0], 74.0, options) == 10 + 50 + 3 * 4 + 3 * 2


def test_growth_is_reckoned_from_its_pieces_and_names_what_takes_longest(benchmark: Benchmark) -> None:
    growth = benchmark("growth")
    pieces = {"feed_ms": 2.0, "graph_ms": 9.0, "start_s": 3.0, "merge_parquet_us": 4.0, "scheduler_ms": 1.0}
    pieces |= {"file_kb": 25.0, "row_bytes": 50.0}
    laptop, card, ten = (growth.reckon(pieces, 10**6, cards) for cards in (0, 1, 10))
    rest = 50 * 3.0 + 4.0 + 0.05
    assert laptop["hours"] == pytest.approx((9000 + 1000 + 3 + 4.05) / 3600)
    assert (laptop["longest"], card["longest"]) == ("graph", "feeding")
    assert card["hours"] == pytest.approx((2000 + rest) / 3600)
    assert card["hours_fed"] == pytest.approx((10**6 / 3032 + rest) / 3600)
    assert ten["hours"] == pytest.approx((200 + 15 + 4.05) / 3600)
    assert (laptop["shards"], laptop["gigabytes_in"], laptop["gigabytes_out"]) == (50, 25, 0.05)
    table = {f"{machine}, {n:.0e}": card for machine in growth.MACHINES for n in growth.SIZES}
    assert "| 1,000,000 | 50 | 25 | 0.05 | 36 min (feeding) |" in growth.text(pieces, table)


def test_the_pieces_of_growth_that_call_the_project_can_be_measured(
    benchmark: Benchmark, own_folders: Path
) -> None:
    growth = benchmark("growth")
    growth.write_images(own_folders / "images", 3)
    growth.write_run(growth.RUN, "classifier", 256)
    read = growth.reading(sorted((own_folders / "images").rglob("*.jpg")))
    assert 0 < read["read_ms"] < read["feed_ms"]
    assert growth.tables(own_folders, 40)["row_bytes"] > 40


def test_answers_of_fewer_bits_are_counted_beside_the_first(benchmark: Benchmark) -> None:
    precision = benchmark("precision")
    exact, labels = np.eye(3, dtype=np.float32)[[0, 1, 2, 0]], np.array([0, 1, 2, 2])
    low = exact + np.float32([[0, 0, 0], [2, 0, 0], [0, 0, 0], [0, 0, 0.5]])

    def answering(logits: np.ndarray) -> Callable[[np.ndarray], list[np.ndarray]]:
        return lambda images: [logits[images[:, 0, 0, 0]]]

    images = np.arange(4).reshape(4, 1, 1, 1)
    rows = precision.compared({"float32": answering(exact), "low": answering(low)}, images, labels)
    assert rows["float32"] == {"accuracy": 0.75, "same": 1.0, "difference": 0.0, "largest": 1.0}
    assert rows["low"] == {"accuracy": 0.5, "same": 0.75, "difference": 2.0}

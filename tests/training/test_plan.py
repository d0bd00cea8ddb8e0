"""What a training will do: numbers that are known from the network itself, and times that scale."""

import json
from pathlib import Path

import pytest

from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.device import Device, has_bfloat16, likely_device
from galaxy_core.runs.run import Run, create_run
from galaxy_core.training.plan import (
    MULTIPLY_ADDS_A_CORE_SECOND,
    SECONDS_TO_BEGIN,
    n_training_examples,
    plan_training,
    time_of_all,
    work,
)

TWO_CORES = Device("processor", 2, "")
EVEN = [40] * 10

DENSENET = get_backbone("densenet121")


def timed_run(name: str, config: TrainConfig, seconds: list[float], n_examples: int, device: str) -> Run:
    run = create_run(name, config)
    card = {"data": {"n_train_oversampled": n_examples}, "environment": {"device": device}}
    (run.path / "card.json").write_text(json.dumps(card))
    (run.path / "weights.safetensors").write_bytes(b"")
    rows = (json.dumps({"epoch": epoch, "seconds": one}) for epoch, one in enumerate(seconds, 1))
    (run.path / "history.jsonl").write_text("".join(f"{row}\n" for row in rows))
    return run


def test_a_frozen_trunk_leaves_the_layers_above_the_cut_to_train() -> None:
    plan = plan_training(TrainConfig("x.h5", "transfer_frozen", 0.0), EVEN, [], TWO_CORES)
    assert (plan.n_layers, plan.n_parameters) == (0, 10_250)


@pytest.mark.parametrize("policy", ["scratch", "transfer_tuned"])
def test_where_nothing_is_frozen_every_layer_trains_wherever_the_cut_lies(policy: str) -> None:
    plan = plan_training(TrainConfig("x.h5", policy, 0.2), EVEN, [], TWO_CORES)
    assert plan.n_layers == DENSENET.n_layers
    assert DENSENET.n_parameters - 100_000 < plan.n_parameters < DENSENET.n_parameters + 10_250


def test_oversampling_raises_every_class_that_is_there_to_the_commonest() -> None:
    config = TrainConfig("x.h5")
    assert n_training_examples(config, [100, 50, 0, *[10] * 7]) == 70 * 9
    assert n_training_examples(TrainConfig("x.h5", oversample=False), [100, 50, 0, *[0] * 7]) == 105


def test_without_a_timed_run_the_time_is_the_work_at_the_stated_rate() -> None:
    config = TrainConfig("x.h5", "scratch", 1.0)
    plan = plan_training(config, EVEN, [], TWO_CORES)
    expected = SECONDS_TO_BEGIN + work(config, 280) / (2 * MULTIPLY_ADDS_A_CORE_SECOND)
    assert plan.seconds == pytest.approx(expected)
    assert "rough rate" in plan.basis


def test_a_timed_run_is_what_the_time_is_scaled_from(own_folders: Path) -> None:
    config = TrainConfig("x.h5", "scratch", 1.0, epochs=2)
    run = timed_run("before", config, [90.0, 25.0], 140, "processor")  # 65 of them compiled the network
    plan = plan_training(config, EVEN, [run], TWO_CORES)
    assert plan.seconds == pytest.approx(SECONDS_TO_BEGIN + 100.0)
    assert "before" in plan.basis


@pytest.mark.parametrize("seconds", [[SECONDS_TO_BEGIN + 19.0], [70.0, 9.0]])
def test_a_run_that_was_over_at_once_teaches_no_speed(own_folders: Path, seconds: list[float]) -> None:
    config = TrainConfig("x.h5", "scratch", 1.0, epochs=len(seconds))
    run = timed_run("short", config, seconds, 140, "processor")
    assert "rough rate" in plan_training(config, EVEN, [run], TWO_CORES).basis


def test_a_run_timed_on_a_graphics_card_says_nothing_of_a_processor(own_folders: Path) -> None:
    config = TrainConfig("x.h5", "scratch", 1.0, epochs=1)
    run = timed_run("elsewhere", config, [SECONDS_TO_BEGIN + 30.0], 140, "gpu")
    assert "rough rate" in plan_training(config, EVEN, [run], TWO_CORES).basis
    assert plan_training(config, EVEN, [run], Device("gpu", 2, "")).seconds == SECONDS_TO_BEGIN + 60.0
    assert plan_training(config, EVEN, [], Device("gpu", 2, "")).seconds is None


def test_a_damaged_run_teaches_nothing_and_harms_nothing(own_folders: Path) -> None:
    config = TrainConfig("x.h5", "scratch", 1.0, epochs=1)
    run = timed_run("damaged", config, [150.0], 140, "processor")
    (run.path / "card.json").write_text('{"environment": 3')
    assert "rough rate" in plan_training(config, EVEN, [run], TWO_CORES).basis


def test_a_kept_prefix_costs_its_views_once() -> None:
    every_epoch = TrainConfig("x.h5", "transfer_frozen", 0.0, epochs=10)
    once = TrainConfig("x.h5", "transfer_frozen", 0.0, epochs=10, n_views=5)
    assert work(once, 100) == pytest.approx(work(every_epoch, 100) / 2)


def test_galaxies_that_are_not_there_yet_leave_the_time_open() -> None:
    plan = plan_training(TrainConfig("x.h5"), None, [], TWO_CORES)
    assert (plan.n_examples, plan.seconds) == (None, None)


def test_a_graphics_card_is_seen_by_its_driver(tmp_path: Path) -> None:
    assert likely_device(tmp_path / "nothing").kind == "processor"
    (tmp_path / "0000:01:00.0").mkdir()
    device = likely_device(tmp_path)
    assert device.kind == "gpu"
    assert "if TensorFlow was installed with CUDA" in device.sentence


def test_trainings_that_differ_in_seed_and_fold_alone_begin_once() -> None:
    one = TrainConfig("x.h5", "scratch", 1.0)
    each = plan_training(one, EVEN, [], TWO_CORES).seconds or 0.0
    seeds = [TrainConfig("x.h5", "scratch", 1.0, seed=seed) for seed in range(3)]
    seconds, basis = time_of_all(seeds, EVEN, [], TWO_CORES)
    assert seconds == pytest.approx(3 * each - 2 * SECONDS_TO_BEGIN)
    assert "rough rate" in basis
    two_rows, _ = time_of_all([one, TrainConfig("x.h5", "scratch", 0.8)], EVEN, [], TWO_CORES)
    assert two_rows == pytest.approx(2 * each)
    assert time_of_all(seeds, None, [], TWO_CORES)[0] is None


@pytest.mark.parametrize(
    ("cpuinfo", "has_it"),
    [
        ("processor : 0\nflags\t: fpu avx512f avx512_bf16\n", True),
        ("processor : 0\nflags\t: fpu avx2\n", False),
        ("flags : amx_bf16 amx_tile\n", True),
        ("Features : fp asimd bf16\n", False),
    ],
)
def test_a_processor_that_computes_in_bfloat16_is_known_by_its_flags(
    tmp_path: Path, cpuinfo: str, has_it: bool
) -> None:
    (tmp_path / "cpuinfo").write_text(cpuinfo)
    assert has_bfloat16(tmp_path / "cpuinfo") == has_it
    assert not has_bfloat16(tmp_path / "nowhere")

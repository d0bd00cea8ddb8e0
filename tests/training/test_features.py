"""Features of a frozen prefix on disk: which are deleted for new ones, and what a kill within their making leaves."""

import functools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from galaxy_core.data.batches import Batches
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.config import TrainConfig
from galaxy_core.training import features
from galaxy_core.training.features import (
    SPARE_BYTES,
    PrefixFeatures,
    features_folder,
    is_worth_keeping,
    kept_bytes,
    limit_bytes,
    make_room,
)
from galaxy_core.transfer.classifier import build_classifier, load_tensors

DENSENET = get_backbone("densenet121")

SIZE, N_ROWS = 32, 40  # two passes of 32
TAP, DEEPER_TAP = "pool3_pool", "pool4_pool"
CONFIG = TrainConfig("galaxies.h5", image_size=SIZE, crop=SIZE, n_views=2)


def write_features(*names: str) -> list[Path]:
    """A kilobyte each, the first used longest ago."""
    features_folder().mkdir(parents=True, exist_ok=True)
    paths = [features_folder() / f"{name}.f16" for name in names]
    for i, path in enumerate(paths):
        path.write_bytes(bytes(1000))
        used = time.time() - 1000 + i
        os.utime(path, (time.time(), used))
    return paths


def test_features_used_longest_ago_go_first_and_those_to_keep_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALAXY_FEATURES_GB", "3e-6")
    a, b, c = write_features("a", "b", "c")
    make_room(1000, keep=frozenset({a}))
    assert sorted(features_folder().iterdir()) == [a, c]
    assert not b.exists()


def test_features_that_are_opened_count_as_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALAXY_FEATURES_GB", "2e-6")
    a, b = write_features("a", "b")
    features._opened(a, (500,))
    make_room(1000)
    assert (a.exists(), b.exists()) == (True, False)


def test_no_more_is_kept_than_the_disk_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    n_bytes = kept_bytes(CONFIG, 1000, [TAP])
    disk = {"free": SPARE_BYTES + n_bytes - 1000}
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("", (), disk)())
    assert not is_worth_keeping(CONFIG, 1000, [TAP], has_gpu=False)
    # what is kept already may make way, or is what was asked for
    write_features("a")
    assert is_worth_keeping(CONFIG, 1000, [TAP], has_gpu=False)
    disk["free"] = 0
    assert limit_bytes() == 0


def material() -> tuple[Batches, dict[str, np.ndarray]]:
    """Forty galaxies of noise as they are, and a network of random weights."""
    images = np.random.default_rng(0).integers(0, 256, (N_ROWS, SIZE, SIZE, 3), np.uint8)
    labels, rows = np.zeros(N_ROWS, int), np.arange(N_ROWS)
    batches = Batches(images, labels, rows, batch_size=8, crop=SIZE, size=SIZE)
    return batches, initial_tensors(DENSENET, 10, "scratch", 0.0, 0, None)


@functools.cache
def network() -> Any:
    """Built once for all tests: that takes longer than what they ask of it."""
    model = build_classifier(DENSENET, SIZE, 10)
    load_tensors(model, material()[1])
    return model


def stored(*taps: str) -> dict[str, np.ndarray]:
    batches, tensors = material()
    one = PrefixFeatures(batches, "sha", DENSENET, tensors, taps)
    one._model = network()
    return one._stored(batches, batches.indices, "plain", 0)


@pytest.mark.slow
def test_features_of_one_layer_outlive_the_making_of_those_of_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = np.array(stored(TAP)[TAP])
    n_more = 2 * N_ROWS * int(np.prod(DENSENET.feature_shape(DEEPER_TAP, SIZE)))
    # room for the one or for the other
    monkeypatch.setenv("GALAXY_FEATURES_GB", str((first.nbytes + n_more - 1) / 1e9))
    both = stored(TAP, DEEPER_TAP)
    np.testing.assert_array_equal(both[TAP], first)
    assert len(list(features_folder().glob("*.f16"))) == 2


MADE = {1: (0.018983, 0.174739)}
"""By FEATURES_VERSION: mean and deviation at TAP. What is kept is found by that number."""


@pytest.mark.slow
def test_features_that_come_out_otherwise_have_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    made = stored(TAP)[TAP].astype(np.float64)
    assert (made.mean(), made.std()) == pytest.approx(MADE[features.FEATURES_VERSION], rel=1e-3)
    for version in ("AUGMENT_VERSION", "FEATURES_VERSION"):
        monkeypatch.setattr(features, version, getattr(features, version) + 1)
        stored(TAP)
    assert len(list(features_folder().glob("*.f16"))) == 3


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
import test_features
from galaxy_core.data.batches import Batches
views, n_calls = Batches.views, 0
def views_until_killed(*arguments):
    global n_calls
    n_calls += 1
    if n_calls == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return views(*arguments)
Batches.views = views_until_killed
test_features.stored(test_features.TAP, test_features.DEEPER_TAP)
"""


@pytest.mark.slow
def test_a_pass_killed_half_way_leaves_no_features_and_the_next_makes_the_same_bits(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", KILLED, str(Path(__file__).parent)]
    assert subprocess.run(command, timeout=300, check=False).returncode == -signal.SIGKILL
    left = [path.name for path in features_folder().iterdir()]
    assert len(left) == 2
    assert all(name.endswith(".tmp") for name in left)
    after_the_kill = stored(TAP, DEEPER_TAP)
    monkeypatch.setenv("GALAXY_CACHE", str(tmp_path / "undisturbed"))
    undisturbed = stored(TAP, DEEPER_TAP)
    for tap, values in undisturbed.items():
        assert values.tobytes() == after_the_kill[tap].tobytes()

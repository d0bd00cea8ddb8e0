"""The table of depths on a real network of random weights, and how it is ranked against a sweep."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from galaxy_core.data.split import Split
from galaxy_core.errors import BadFileError
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.run import Run
from galaxy_core.studies.sources.forecast import DepthScore, forecast
from galaxy_core.studies.sources.ranking import measured_accuracies, ranking

DENSENET = get_backbone("densenet121")

SPLIT = Split.of(np.arange(30), np.arange(30, 40), np.arange(40, 60), seed=0)


def coloured() -> Any:
    """Sixty small images whose class is their colour, noise laid over."""
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    images = rng.integers(0, 60, (60, 64, 64, 3))
    images[np.arange(60), :, :, labels] += 150
    return SimpleNamespace(images=images.astype(np.uint8), labels=labels)


@pytest.fixture(scope="module")
def tensors() -> dict[str, np.ndarray]:
    return initial_tensors(DENSENET, 10, "scratch", 0.0, 1, None)


def depth(percent: int, probe: float, neighbours: float = 0.5) -> DepthScore:
    zeros = (0.0, 0.0)
    return DepthScore(percent / 100, "relu", 8, neighbours, *zeros, probe, *zeros, probe, 0.5)


def test_colours_are_told_apart_before_the_first_layer_and_every_number_is_there(tensors) -> None:
    seen: list[tuple[int, int]] = []
    found = forecast(DENSENET, tensors, coloured(), SPLIT, (64, 32), progress=lambda *at: seen.append(at))
    assert [round(100 * one.cut) for one in found.depths] == [0, 20, 40, 60, 80, 100]
    assert (found.depths[0].layer, found.depths[0].n_features) == ("input", 3)
    assert found.depths[0].probe == found.depths[0].neighbours == 1
    assert found.depths[0].probe_low < 1
    assert all(np.isfinite([one.log_me, one.h_score]).all() for one in found.depths)
    assert found.leep is not None
    assert -np.log(3) - 1e-6 <= found.leep <= 0
    assert (found.n_train, found.n_test, seen[-1]) == (30, 20, (60, 60))


def test_a_source_without_a_head_has_no_leep_and_a_wrong_head_is_refused(tensors) -> None:
    bare = {name: values for name, values in tensors.items() if not name.startswith("predictions")}
    assert forecast(DENSENET, bare, coloured(), SPLIT, (64, 32)).leep is None
    wrong = {**bare, "predictions/kernel": np.zeros((5, 3), "f4"), "predictions/bias": np.zeros(3, "f4")}
    with pytest.raises(BadFileError, match=r"head has tensors of shape \(5, 3\)"):
        forecast(DENSENET, wrong, coloured(), SPLIT, (64, 32))


def test_each_score_is_ranked_against_the_rows_that_were_measured() -> None:
    depths = [depth(p, probe=p / 100) for p in (0, 20, 40, 60, 80, 100)]
    ranks = ranking(depths, {20: 0.8, 40: 0.7, 60: 0.6, 80: 0.5, 33: 0.1})
    assert ranks["probe"]["tau"] == pytest.approx(-1)
    assert ranks["probe"]["n"] == 4
    assert ranks["neighbours"] == {"tau": None, "p": None, "n": 4}


def test_measured_accuracies_are_means_over_seeds(make_run: Callable[..., Run]) -> None:
    runs = [
        make_run("a", percent=20, n_right=20),
        make_run("b", percent=20, seed=1, n_right=30),
        make_run("c", percent=40, n_right=40),
    ]
    assert measured_accuracies(runs) == {20: pytest.approx(0.625), 40: 1.0}

"""A run's calibration from end to end on images whose corner pixel is the answer, and one answer asked of it."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from galaxy_core.data.classes import GALAXY10
from galaxy_core.data.split import Split
from galaxy_core.errors import BadFileError, BadValueError, MissingError
from galaxy_core.prediction import calibrate
from galaxy_core.prediction.calibrate import (
    CALIBRATION,
    _shown,
    calibrate_run,
)
from galaxy_core.prediction.trust import Trust, is_calibrated, shown_frequencies
from galaxy_core.results.records import keep
from galaxy_core.runs.run import Run

SHA256 = "ab" * 32
N = 200
SPLIT = Split.of(np.arange(60), np.arange(60, 120), np.arange(120, N), seed=0)


def galaxies(sha256: str = SHA256) -> Any:
    """Images whose corner pixel tells a class, which is the true one for all but class 0."""
    labels = np.arange(N) % 10
    images = np.zeros((N, 256, 256, 3), np.uint8)
    images[:, 0, 0, 0] = 25 * np.maximum(labels, 1)
    about = {"sha256": sha256, "path": Path("g.h5"), "origin": "mock", "classes": GALAXY10}
    return SimpleNamespace(images=images, labels=labels, **about)


@pytest.fixture
def run(make_run: Callable[..., Run]) -> Run:
    made = make_run("first", split_hash=SPLIT.hash, weights_sha256="ef" * 32)
    (made.path / "split.json").write_text(json.dumps(SPLIT.to_json()))
    return made


@pytest.fixture
def values(run: Run, corner_reader: Any) -> dict[str, Any]:
    return calibrate_run(run, galaxies(), lineup=corner_reader)


def test_a_network_that_is_too_sure_is_cooled_to_its_accuracy(values: dict[str, Any]) -> None:
    assert (values["n_validation"], values["n_test"]) == (60, 80)
    before, after = values["before"], values["after"]
    assert before["accuracy"] == after["accuracy"] == pytest.approx(0.9)
    assert before["error"]["value"] == pytest.approx(0.1, abs=0.01)  # it is sure to 0.999
    assert values["temperature"] > 1.5
    assert after["mean_confidence"] == pytest.approx(0.9, abs=0.01)
    assert after["error"]["value"] < before["error"]["value"] / 2
    assert after["loss"] < before["loss"]
    json.dumps(values, allow_nan=False)


def test_the_survey_prior_counts_the_mock_galaxies_wherever_it_is_asked(
    make_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run("mixed", data={"n_train": 60, "n_train_mock": 60})
    config = json.loads((run.path / "config.json").read_text())
    (run.path / "config.json").write_text(json.dumps({**config, "oversample": False}))
    metrics = {"per_class": [{"n": n} for n in (22, 2, *[2] * 8)]}
    (run.path / "metrics.json").write_text(json.dumps(metrics))
    counted = _shown(run, np.repeat(np.arange(10), [33, 3, *[3] * 8]))
    np.testing.assert_allclose(counted, [0.325] + [0.075] * 9)
    np.testing.assert_allclose(counted, shown_frequencies(run))


def test_the_survey_prior_counts_what_was_learned_with_its_corrections(
    run: Run, corner_reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, split = (json.loads((run.path / name).read_text()) for name in ("config.json", "split.json"))
    (run.path / "config.json").write_text(json.dumps({**config, "oversample": False, "corrections": True}))
    told = {"corrections": {"relabelled": [[0, 1], [10, 1], [130, 1]], "left_out": [1, 70]}}
    (run.path / "split.json").write_text(json.dumps({**split, **told}))
    shown: list[np.ndarray] = []
    count = calibrate.reweighting.training_frequencies
    monkeypatch.setattr(
        calibrate.reweighting, "training_frequencies", lambda n, **how: (shown.append(n), count(n, **how))[1]
    )
    calibrate_run(run, galaxies(), lineup=corner_reader)
    assert shown[0].tolist() == [4, 7, *[6] * 8]  # of 60; two became class 1, of which one is left out
    (run.path / "split.json").write_text(json.dumps(split))
    with pytest.raises(BadFileError, match=r"the corrections in .*split.json are damaged"):
        run.corrected()


def test_every_promise_comes_with_what_was_measured(values: dict[str, Any]) -> None:
    sets = {one["coverage"]: one for one in values["sets"]}
    assert sets[0.8]["covered"] == pytest.approx(0.9)
    assert sets[0.8]["mean_size"] == 1
    assert sets[0.95]["covered"] == 1
    assert sets[0.95]["likely_low"] < 0.95 < sets[0.95]["likely_high"]


def test_accuracy_at_the_frequencies_of_the_survey_stands_beside(values: dict[str, Any]) -> None:
    survey = values["survey"]["plain"]
    # class 0 is always wrong
    assert survey["accuracy"] == pytest.approx(1 - 1081 / 17736)
    assert survey["n_effective"] < 80


def test_another_file_than_its_own_is_refused(run: Run, corner_reader: Any) -> None:
    with pytest.raises(BadValueError, match="its own validation part"):
        calibrate_run(run, galaxies("cd" * 32), lineup=corner_reader)


def test_an_answer_comes_with_its_set_and_its_strangeness(run: Run, values: dict[str, Any]) -> None:
    assert not is_calibrated(run)
    keep(run, CALIBRATION, values)
    assert is_calibrated(run)
    trust = Trust(run)
    assert trust.coverages == (0.8, 0.9, 0.95)
    sure, nothing = trust.answers(np.array([9 * np.eye(10)[6], -5 * np.ones(10)]), 0.8)
    assert sure.classes == "unbarred tight spiral"
    assert sure.probabilities.max() == pytest.approx(0.9, abs=0.02)
    assert not sure.is_strange
    assert sure.sentence == (
        "unbarred tight spiral; such sets hold the true class of 80 % of galaxies like those it learned from"
    )
    assert nothing.is_strange
    assert nothing.sentence.endswith("but this image is unlike them")
    with pytest.raises(BadValueError, match=r"0\.8, 0\.9, 0\.95, got 0\.99"):
        trust.answers(np.zeros((1, 10)), 0.99)


def test_a_run_that_was_never_calibrated_says_how(run: Run) -> None:
    with pytest.raises(MissingError, match="galaxy study calibration first"):
        Trust(run)


@pytest.mark.parametrize(
    "spoilt",
    [
        "{",
        "[]",
        '{"temperature": "hot"}',
        '{"temperature": 0, "sets": [], "novelty": {"energy": [1]}}',
        '{"temperature": 1, "sets": [{"coverage": 0.9, "threshold": NaN}], "novelty": {"energy": [1]}}',
        '{"temperature": 1, "sets": 3, "novelty": {"energy": [1]}}',
        '{"temperature": 1, "sets": [], "novelty": []}',
        '{"temperature": 1, "sets": [], "novelty": {"energy": []}}',
    ],
)
def test_a_damaged_calibration_is_refused(run: Run, spoilt: str) -> None:
    text = (
        spoilt.replace("{", '{"weights_sha256": "' + "ef" * 32 + '", ', 1)
        if spoilt.startswith('{"')
        else spoilt
    )
    (run.path / CALIBRATION).write_text(text)
    with pytest.raises(BadFileError, match="galaxy study calibration first"):
        Trust(run)


def test_a_calibration_of_other_weights_is_refused(run: Run, values: dict[str, Any]) -> None:
    keep(run, CALIBRATION, {**values, "weights_sha256": "00" * 32})
    with pytest.raises(
        BadFileError, match=r"is of other weights .* with `galaxy study calibration first --again`"
    ):
        Trust(run)

"""The mixture of classes a run was shown, its probabilities as on the sky, and answers as a file with their sets."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from galaxy_core.metrics.reweighting import SURVEY_FREQUENCIES
from galaxy_core.prediction.answers import answers_csv
from galaxy_core.prediction.trust import TrustedAnswer, as_on_the_sky, shown_frequencies, with_trust
from galaxy_core.runs.run import Run

DATA = {"file": "g.h5", "origin": "imported", "n_train": 100, "n_train_mock": 0}


@pytest.fixture
def trained(make_run: Callable[..., Run]) -> Callable[..., Run]:
    """A run that was shown classes as its test part has them, or, oversampled, all alike."""

    def make(counts: list[int], *, oversample: bool = False, **data: Any) -> Run:
        run = make_run("first", data={**DATA, **data})
        config = json.loads((run.path / "config.json").read_text())
        (run.path / "config.json").write_text(json.dumps({**config, "oversample": oversample}))
        metrics = {"n": sum(counts), "per_class": [{"n": n} for n in counts]}
        (run.path / "metrics.json").write_text(json.dumps(metrics))
        return run

    return make


def test_without_oversampling_classes_were_shown_as_often_as_the_test_part_has_them(
    trained: Callable[..., Run],
) -> None:
    np.testing.assert_allclose(shown_frequencies(trained([11, 1] + [1] * 8)), [0.55] + [0.05] * 9)


def test_oversampling_shows_all_classes_alike_whatever_the_test_part_has(trained: Callable[..., Run]) -> None:
    np.testing.assert_allclose(shown_frequencies(trained([11, 1] + [0] * 8, oversample=True)), [0.1] * 10)


def test_mock_galaxies_are_counted_as_every_class_alike(trained: Callable[..., Run]) -> None:
    run = trained([11, 1] + [1] * 8, n_train_mock=100)
    np.testing.assert_allclose(shown_frequencies(run), [0.325] + [0.075] * 9)


def test_what_a_network_was_shown_is_unknown_where_nothing_tells(trained: Callable[..., Run]) -> None:
    assert shown_frequencies(trained([11, 0] + [1] * 8)) is None


def test_nothing_is_known_of_the_classes_of_weights_from_elsewhere(make_run: Callable[..., Run]) -> None:
    run = make_run("first", data=None)
    assert shown_frequencies(run) is None
    assert as_on_the_sky(run, np.full((1, 10), 0.1)) is None


def test_a_balanced_network_that_knows_nothing_says_what_the_survey_has(trained: Callable[..., Run]) -> None:
    run = trained([4] * 10, oversample=True)
    np.testing.assert_allclose(as_on_the_sky(run, np.full((1, 10), 0.1)), SURVEY_FREQUENCIES[None])


def answer(*classes: int) -> TrustedAnswer:
    shares = np.zeros(10)
    shares[list(classes)] = 1 / len(classes)
    return TrustedAnswer(shares, shares > 0, "some words", 0.9, 0.25)


def test_every_answer_of_a_calibrated_run_has_its_set_and_strangeness_in_the_file() -> None:
    files = [("one.png", None), ("letter.png", "no image"), ("=two.png", None)]
    shares = {name: np.eye(10, dtype=np.float32)[[3, 4]] for name in ("a", "b")}
    text = with_trust(answers_csv(files, shares), {"b": [answer(5), answer(5, 6)]}).decode()
    rows = [row for row in csv.DictReader(io.StringIO(text)) if not row["error"]]
    assert [(row["file"], row["run"], row["set"]) for row in rows] == [
        ("one.png", "a", ""),
        ("one.png", "b", "5"),
        ("'=two.png", "a", ""),
        ("'=two.png", "b", "5 6"),
    ]
    last = rows[-1]
    assert (last["p4"], last["calibrated_p5"], last["coverage"], last["as_strange"]) == (
        "1.0",
        "0.5",
        "0.9",
        "0.25",
    )

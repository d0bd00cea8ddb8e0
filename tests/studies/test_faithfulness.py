"""A network that reads light, and maps that do or do not say so."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

import cv2
import numpy as np
import pytest

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import BadValueError
from galaxy_core.images.view import View
from galaxy_core.maps.cam import LAST_FEATURES
from galaxy_core.maps.faithfulness import SCORES
from galaxy_core.maps.randomised import PARTS
from galaxy_core.metrics.resample import CONFIRMED, REFUTED, UNDECIDED, Estimate
from galaxy_core.results.records import FAITHFULNESS, VERSIONS, keep, kept
from galaxy_core.results.table import table_rows
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.run import Run
from galaxy_core.serving.lineup import Explained
from galaxy_core.studies.faithfulness import (
    COLUMNS,
    STUDY,
    RunFaithfulness,
    study_faithfulness,
)

MakeRun = Callable[..., Run]
N_CELLS = 8


class ReadsTheMiddle:
    """Class 0 by the light of the middle cells, against a fixed class 1; forgotten weights turn the map over."""

    def __init__(self, runs: Sequence[Any]) -> None:
        self.signs = {run.name: -1 if run.name.startswith("without") else 1 for run in runs}

    def predict(self, images: np.ndarray) -> dict[str, np.ndarray]:
        return {name: said.logits for name, said in self.explain(images).items()}

    def explain(self, images: np.ndarray) -> dict[str, Explained]:
        cells = images.mean(axis=3).reshape(len(images), N_CELLS, 32, N_CELLS, 32).mean(axis=(2, 4)) - 32
        middle = np.zeros((N_CELLS, N_CELLS))
        middle[2:6, 2:6] = 1
        said = {}
        for name, sign in self.signs.items():
            maps = np.zeros((len(images), 10, N_CELLS, N_CELLS), np.float32)
            maps[:, 0] = sign * cells * middle
            bias = np.zeros(10, np.float32)
            bias[1:] = 0.1
            said[name] = Explained(maps.mean(axis=(2, 3)) + bias, maps, bias, View(256, 256))
        return said


@pytest.fixture(scope="module", autouse=True)
def coarse_imputation() -> Iterator[None]:
    """A sixteenth of the pixels for ROAD, whose linear systems are most of the time; its own test solves them all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("galaxy_core.maps.faithfulness.ROAD_SIDE", 32)
        yield


def with_a_head(run: Run) -> Run:
    write_tensors(run.path / "weights.safetensors", {"predictions/kernel": np.ones((4, 10), np.float32)})
    return run


@pytest.fixture
def run(make_studied: MakeRun) -> Run:
    return with_a_head(make_studied("reads-020"))


@pytest.fixture(scope="module")
def studied_run(make_shared_run: MakeRun) -> Run:
    return with_a_head(make_shared_run("reads-020"))


@pytest.fixture(scope="module")
def found(studied_run: Run, galaxies: Galaxies, coarse_imputation: None) -> RunFaithfulness:
    (one,) = study_faithfulness([studied_run], galaxies, n_galaxies=4, lineup_of=ReadsTheMiddle)
    return one


def test_a_map_of_what_is_read_beats_a_random_one_in_every_score(found: RunFaithfulness) -> None:
    assert found.minus_random["deletion"].value < 0
    assert found.minus_random["insertion"].value > 0
    assert found.minus_random["road"].value > 0
    assert found.scores["average_drop"].value < 0.5


FOUND = {2: {"deletion": 0.10787, "insertion": 0.3351, "road": 0.26033, "average_drop": 0.029953}}
"""By the version of the study."""


def test_a_study_that_comes_out_otherwise_has_another_version(found: RunFaithfulness) -> None:
    numbers = {name: one.value for name, one in found.scores.items()}
    assert numbers == pytest.approx(FOUND[VERSIONS[FAITHFULNESS]], rel=1e-2, abs=1e-4)


def test_maps_that_turn_over_with_the_weights_show_the_network(found: RunFaithfulness) -> None:
    assert found.randomised["head"].value < -0.5


def test_the_maps_of_another_layer_may_be_brought_along(run: Run, galaxies: Galaxies) -> None:
    asked = []

    def wrong(of: Run, images: np.ndarray, classes: np.ndarray) -> np.ndarray:
        asked.append((of.name, images.shape, classes.tolist()))
        corner = np.zeros((len(images), 16, 16), np.float32)
        corner[:, -4:, -4:] = 1
        return corner

    (one,) = study_faithfulness(
        [run], galaxies, n_galaxies=4, layer="early", maps_at=wrong, lineup_of=ReadsTheMiddle
    )
    assert asked == [("reads-020", (4, 256, 256, 3), [0, 0, 0, 0])]
    assert one.layer == "early"
    assert one.scores["average_drop"].value > 0.7


def test_rows_have_the_columns_and_the_record_is_kept(found: RunFaithfulness, studied_run: Run) -> None:
    rows = list(found.rows())
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert [row[5] for row in rows][-1] == "correlation, last block randomised"
    record = kept(studied_run, FAITHFULNESS)
    assert record
    assert record["layer"] == "relu"
    assert set(record["randomised"]) == {"head", "last block"}


def made(run: Run, layer: str, minus_random: float = 0.0) -> RunFaithfulness:
    """Scores of 0.5, all so far from those of a random map."""
    scores = {name: Estimate(0.5, 0.4, 0.6, 20) for name in SCORES}
    minus = {name: Estimate(minus_random, minus_random - 0.1, minus_random + 0.1, 20) for name in SCORES}
    (setting,) = table_rows([run])
    return RunFaithfulness(
        setting, layer, scores, minus, {part: Estimate(0.0, -0.1, 0.1, 9) for part in PARTS}
    )


@pytest.mark.parametrize(
    ("minus_random", "low_is_faithful", "high_is_faithful"),
    [(-0.2, CONFIRMED, REFUTED), (0.2, REFUTED, CONFIRMED), (0.05, UNDECIDED, UNDECIDED)],
)
def test_the_verdict_of_each_score_knows_which_side_is_faithful(
    run: Run, minus_random: float, low_is_faithful: str, high_is_faithful: str
) -> None:
    one = made(run, LAST_FEATURES, minus_random)
    assert {one.verdict(score) for score in ("deletion", "average_drop")} == {low_is_faithful}
    assert {one.verdict(score) for score in ("insertion", "road")} == {high_is_faithful}
    assert one.random_level("road") == 0.5 - minus_random


def test_an_earlier_layer_is_kept_beside_the_last_one_whichever_came_first(
    run: Run, galaxies: Galaxies
) -> None:
    def early(of: Run, images: np.ndarray, classes: np.ndarray) -> np.ndarray:
        return np.ones((len(images), 16, 16), np.float32)

    last = made(run, LAST_FEATURES)
    for _ in range(2):
        keep(run, FAITHFULNESS, last.to_json())
        (one,) = study_faithfulness(
            [run], galaxies, n_galaxies=2, layer="early", maps_at=early, lineup_of=ReadsTheMiddle
        )
        for layer, found in ((LAST_FEATURES, last), ("early", one)):
            record = kept(run, FAITHFULNESS, {"layer": layer})
            assert record
            assert RunFaithfulness.from_json(last.setting, record).to_json() == found.to_json()


def test_what_was_kept_before_there_were_lists_is_read(run: Run) -> None:
    last, early = (made(run, layer).to_json() for layer in (LAST_FEATURES, "early"))
    keep(run, FAITHFULNESS, {**last, "earlier_layers": {"early": early}})
    found = STUDY.kept([(run, table_rows([run])[0])]).found
    assert found[run.name].to_json() == last


def test_progress_counts_galaxies_since_each_takes_seconds(run: Run, galaxies: Galaxies) -> None:
    counted = []
    study_faithfulness(
        [run], galaxies, n_galaxies=2, lineup_of=ReadsTheMiddle, progress=lambda *done: counted.append(done)
    )
    assert counted == [(1, 2), (2, 2)]


class ReadsWhatItIsShown(ReadsTheMiddle):
    """The same of images of any size; it keeps what it was shown."""

    shown: ClassVar[list[tuple[int, ...]]] = []

    def __init__(self, runs: Sequence[Any]) -> None:
        super().__init__(runs)
        self.sides = {run.config.crop for run in runs} | {run.config.image_size for run in runs}

    def explain(self, images: np.ndarray) -> dict[str, Explained]:
        assert self.sides == {images.shape[1]}  # what is shown is seen as it is
        self.shown.append(images.shape[1:])
        return super().explain(np.stack([cv2.resize(image, (256, 256)) for image in images]))


def test_pixels_are_exchanged_in_what_the_network_sees(make_studied: MakeRun, galaxies: Galaxies) -> None:
    run = with_a_head(make_studied("reads-020", crop=160, image_size=192))
    ReadsWhatItIsShown.shown.clear()
    (one,) = study_faithfulness([run], galaxies, n_galaxies=2, lineup_of=ReadsWhatItIsShown)
    assert set(ReadsWhatItIsShown.shown) == {(192, 192, 3)}
    assert one.minus_random["insertion"].value > 0
    assert one.randomised["head"].value < -0.5
    with pytest.raises(BadValueError, match="3 × 3 cells, too coarse"):
        study_faithfulness([make_studied("reads-040", crop=96, image_size=96)], galaxies)

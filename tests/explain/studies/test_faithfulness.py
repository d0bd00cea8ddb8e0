"""A network that reads light, and maps that do or do not say so."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.explain.studies.faithfulness import COLUMNS, RunFaithfulness, study_faithfulness
from galaxy_core.explain.studies.record import FAITHFULNESS, kept
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.run import Run
from galaxy_core.serving.lineup import Explained

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
            said[name] = Explained(maps.mean(axis=(2, 3)) + bias, maps, bias)
        return said


@pytest.fixture
def run(make_run: MakeRun) -> Run:
    made = make_run("reads-020")
    write_tensors(made.path / "weights.safetensors", {"predictions/kernel": np.ones((4, 10), np.float32)})
    return made


@pytest.fixture
def found(run: Run, galaxies: Galaxies) -> RunFaithfulness:
    (one,) = study_faithfulness([run], galaxies, n_galaxies=4, lineup_of=ReadsTheMiddle)
    return one


def test_a_map_of_what_is_read_beats_a_random_one_in_every_score(found: RunFaithfulness) -> None:
    assert found.minus_random["deletion"].high < 0
    assert found.minus_random["insertion"].low > 0
    assert found.minus_random["road"].low > 0
    assert found.scores["average_drop"].value < 0.5


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


def test_rows_have_the_columns_and_the_record_is_kept(found: RunFaithfulness, run: Run) -> None:
    rows = list(found.rows())
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert [row[5] for row in rows][-1] == "correlation, last block randomised"
    record = kept(run, FAITHFULNESS)
    assert record
    assert record["layer"] == "relu"
    assert set(record["randomised"]) == {"head", "last block"}

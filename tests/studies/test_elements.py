"""Which element a network looks at, where it is known what it looks at."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from galaxy_core.data.mock import make_mock_galaxies, write_mock_file
from galaxy_core.errors import BadValueError
from galaxy_core.metrics.resample import CONFIRMED, REFUTED
from galaxy_core.results.records import ELEMENTS, kept
from galaxy_core.runs.run import Run
from galaxy_core.studies.elements import ALL, COLUMNS, ElementHeat, heats_from, study_elements

MakeRun = Callable[..., Run]
N_RENDERED, SEED = 30, 3


@pytest.fixture(scope="module")
def knowing(looking: type) -> type:
    """Networks that know the class of every galaxy that is rendered for them."""
    labels = {galaxy.image.tobytes(): galaxy.label for galaxy in make_mock_galaxies(N_RENDERED, SEED)}

    class Knowing(looking):
        def predict(self, images: np.ndarray) -> dict[str, np.ndarray]:
            known = np.eye(10, dtype=np.float32)[[labels[image.tobytes()] for image in images]]
            return dict.fromkeys(self.looks, known)

    return Knowing


@pytest.fixture(scope="module")
def runs(make_shared_run: MakeRun) -> list[Run]:
    return [make_shared_run("bright-020"), make_shared_run("corner-100", percent=100)]


@pytest.fixture(scope="module")
def found(runs: list[Run], knowing: type) -> dict[tuple[str, str, str], ElementHeat]:
    studied = study_elements(runs, n_galaxies=N_RENDERED, seed=SEED, lineup_of=knowing)
    return {(heat.setting.run, heat.class_name, heat.element): heat for heat in studied}


def test_a_network_that_looks_at_light_is_hottest_on_the_bulge(
    found: dict[tuple[str, str, str], ElementHeat],
) -> None:
    bulge, sky = found["bright-020", ALL, "bulge"], found["bright-020", ALL, "sky"]
    assert bulge.enrichment.low > 2
    assert sky.enrichment.high < 1
    assert bulge.enrichment.value == pytest.approx(bulge.brightness.value, rel=0.5)


def test_a_network_that_looks_at_a_corner_is_not_on_the_galaxy(
    found: dict[tuple[str, str, str], ElementHeat],
) -> None:
    galaxy = found["corner-100", ALL, "galaxy"]
    assert galaxy.enrichment.value < 0.5
    assert galaxy.beyond.high < 0


def test_only_classes_that_have_an_element_have_its_heat(
    found: dict[tuple[str, str, str], ElementHeat], runs: list[Run]
) -> None:
    with_a_bar = {name for run, name, element in found if element == "bar"}
    assert with_a_bar == {ALL, "Barred Spiral"}
    assert found["bright-020", "Barred Spiral", "bar"].enrichment.n == N_RENDERED // 10
    assert {len(heat.row()) for heat in found.values()} == {len(COLUMNS)}
    record = kept(runs[0], ELEMENTS)
    assert record
    assert {"class": "Barred Spiral", "element": "bar"}.items() <= {
        key: value for line in record["heat"] if line["element"] == "bar" for key, value in line.items()
    }.items()


def test_galaxies_of_the_training_are_refused(make_studied: MakeRun, looking: type, tmp_path: Path) -> None:
    path = write_mock_file(tmp_path / "own.h5", 10, 7, with_masks=False)
    run = make_studied("bright-020", data=str(path))
    with pytest.raises(BadValueError, match="seed 7"):
        study_elements([run], n_galaxies=10, seed=7, lineup_of=looking)
    assert study_elements([run], n_galaxies=10, seed=8, lineup_of=looking)


def test_mock_galaxies_that_were_added_to_a_training_or_that_its_source_saw_are_refused(
    make_studied: MakeRun, looking: type
) -> None:
    def on_card(run: Run, **values: object) -> Run:
        card = {**json.loads((run.path / "card.json").read_text()), **values}
        (run.path / "card.json").write_text(json.dumps(card))
        return run

    added = {"mocks": {"seed": 90_003}}
    runs = [
        on_card(make_studied("bright-020"), data=added),
        on_card(make_studied("bright-040"), before=[{"name": "earlier", **added}]),
        on_card(make_studied("bright-060"), source={"name": "bright-020"}),
    ]
    for run in runs:
        with pytest.raises(BadValueError, match=f"{run.name} was trained on mock galaxies of seed 90003"):
            study_elements([run], n_galaxies=10, seed=90_003, lineup_of=looking)


def test_what_was_kept_comes_back_and_says_what_is_preferred(
    found: dict[tuple[str, str, str], ElementHeat], runs: list[Run]
) -> None:
    own = [heat for heat in found.values() if heat.setting.run == "bright-020"]
    record = kept(runs[0], ELEMENTS)
    assert record
    assert [heat.row() for heat in heats_from(own[0].setting, record)] == [heat.row() for heat in own]
    assert found["bright-020", ALL, "bulge"].preference == CONFIRMED
    assert found["corner-100", ALL, "galaxy"].preference == REFUTED
    assert found["corner-100", ALL, "galaxy"].beyond_brightness == REFUTED


def test_shares_are_of_what_a_run_sees_and_coarse_maps_are_refused(
    make_studied: MakeRun, knowing: type
) -> None:
    runs = [make_studied("corner-020"), make_studied("corner-040", percent=40, crop=128, image_size=256)]
    studied = study_elements(runs, n_galaxies=N_RENDERED, seed=SEED, lineup_of=knowing)
    galaxy = {
        heat.setting.run: heat for heat in studied if (heat.class_name, heat.element) == (ALL, "galaxy")
    }
    # the corner of the view lies 64 pixels from the middle, within many a galaxy; that of the image does not
    assert galaxy["corner-040"].enrichment.value > 2 * galaxy["corner-020"].enrichment.value
    coarse = make_studied("corner-060", percent=60, crop=96, image_size=96)
    with pytest.raises(BadValueError, match="3 × 3 cells, too coarse"):
        study_elements([coarse], n_galaxies=10, lineup_of=knowing)

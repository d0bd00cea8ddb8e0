"""What each study says of galaxies with a known answer, by its version: numbers that change without one are found.

Faithfulness is pinned beside its own tests, which have the network that it needs.
"""

from collections.abc import Callable

import pytest

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.results.records import AGREEMENT, CUES, ELEMENTS, FOCUS, VERSIONS
from galaxy_core.runs.run import Run
from galaxy_core.studies.agreement import study_agreement
from galaxy_core.studies.cues import study_cues
from galaxy_core.studies.elements import study_elements
from galaxy_core.studies.focus import study_focus

FOUND = {
    (CUES, 1): {"texture": 0.0, "colour": 0.0, "outline": 0.66667, "outline minus texture": 0.66667},
    (FOCUS, 2): {"energy_galaxy": 0.67075, "energy_neighbours": 0.0, "energy_sky": 0.32925, "pointing": 1.0},
    (AGREEMENT, 2): {"correlation": -0.02245, "low": -0.098005},
    (ELEMENTS, 2): {
        "galaxy": 1.5279,
        "bulge": 0.0421,
        "disk": 2.036,
        "arms": 2.4087,
        "companion": 0.038891,
        "star": 0.22453,
        "background": 0.77249,
        "sky": 0.99722,
    },
}


@pytest.fixture
def runs(make_studied: Callable[..., Run]) -> list[Run]:
    return [make_studied("bright-020"), make_studied("corner-080", percent=80)]


@pytest.mark.parametrize("name", [CUES, FOCUS, AGREEMENT, ELEMENTS])
def test_a_study_that_comes_out_otherwise_has_another_version(
    runs: list[Run], galaxies: Galaxies, looking: type, name: str
) -> None:
    found = {key: value for key, value in measured(name, runs, galaxies, looking).items() if value == value}
    assert found == pytest.approx(FOUND[name, VERSIONS[name]], rel=1e-3, abs=1e-4)


def measured(name: str, runs: list[Run], galaxies: Galaxies, looking: type) -> dict[str, float]:
    """Some numbers of the first run, or of the pair."""
    if name == CUES:
        cues = study_cues(runs[:1], galaxies, lineup_of=looking)[0]
        return {key: one.value for key, one in cues.drops.items()}
    if name == FOCUS:
        focus = study_focus(runs[:1], galaxies, lineup_of=looking)[0]
        return {key: one.value for key, one in list(focus.scores.items())[:4]}
    if name == AGREEMENT:
        (pair,) = study_agreement(runs, galaxies, lineup_of=looking).pairs
        return {"correlation": pair.correlation.value, "low": pair.correlation.low}
    heats = study_elements(runs[:1], n_galaxies=10, lineup_of=looking)
    return {one.element: one.enrichment.value for one in heats if one.class_name == "all"}

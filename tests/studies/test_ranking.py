"""How well a forecast ranks rows whose order is known, and how sure that is."""

from collections.abc import Callable

import pytest

from galaxy_core.runs.run import Run
from galaxy_core.studies.sources.forecast import DepthScore
from galaxy_core.studies.sources.ranking import (
    ranked,
    ranking_in_words,
    shared_rightness,
    undertrained_in_words,
)

MakeRun = Callable[..., Run]
PERCENTS = (0, 20, 40, 60, 80, 100)


def depth(percent: int, score: float, backwards: float = 0.0) -> DepthScore:
    return DepthScore(percent / 100, "relu", 8, score, 0, 0, score, 0, 0, backwards, 0.5)


def test_only_rows_that_the_galaxies_tell_apart_keep_their_order_in_the_bounds(make_run: MakeRun) -> None:
    runs = [make_run(f"a{p}", percent=p, n_right=4 + i * 7) for i, p in enumerate(PERCENTS)]
    ranks = ranked([depth(p, p / 100, -p / 100) for p in PERCENTS], runs)
    assert ranks["probe"]["tau"] == pytest.approx(1)
    # seven of forty galaxies cannot tell neighbours apart, fourteen can: five of fifteen pairs are open
    assert (ranks["probe"]["low"], ranks["probe"]["high"]) == (pytest.approx(5 / 15), 1)
    assert (ranks["log_me"]["tau"], ranks["log_me"]["high"]) == (pytest.approx(-1), pytest.approx(-5 / 15))
    assert ranks["h_score"]["tau"] is ranks["h_score"]["low"] is None
    words = ranking_in_words(ranks)
    assert words.startswith("Ranks the 6 rows better than chance: 5 neighbours, linear probe.")
    assert "the wrong way round: LogME." in words


def test_rows_that_are_hardly_apart_leave_the_order_open(make_run: MakeRun) -> None:
    runs = [make_run(f"a{p}", percent=p, n_right=20 + i) for i, p in enumerate(PERCENTS[:4])]
    ranks = ranked([depth(p, p / 100) for p in PERCENTS], runs)
    assert ranks["probe"]["tau"] == pytest.approx(1)
    assert ranks["probe"]["n"] == 4
    assert ranks["probe"]["low"] < 1
    assert ranking_in_words(ranks) == (
        "With 4 rows none of the 2 scores ranks them better than chance (tau +1.00 to +1.00): so few settle little."
    )


def test_fewer_than_three_rows_have_no_order(make_run: MakeRun) -> None:
    ranks = ranked(
        [depth(p, p / 100) for p in PERCENTS], [make_run("a", percent=20), make_run("b", percent=40)]
    )
    assert {rank["tau"] for rank in ranks.values()} == {None}
    assert "2 measured rows have no order" in ranking_in_words(ranks)
    assert ranked([depth(20, 0.5)], [])["probe"] == {
        "tau": None,
        "p": None,
        "n": 0,
        "low": None,
        "high": None,
    }


def test_seeds_are_averaged_galaxy_by_galaxy(make_run: MakeRun) -> None:
    runs = [make_run("a", percent=20, n_right=20), make_run("b", percent=20, seed=1, n_right=30)]
    percents, galaxies, rightness = shared_rightness(
        [*runs, make_run("c", percent=40, n_right=40), make_run("d", done=False)]
    )
    assert (percents, len(galaxies)) == ([20, 40], 40)
    assert rightness.shape == (2, 40)
    assert rightness[0].tolist() == [1] * 20 + [0.5] * 10 + [0] * 10


def test_a_row_below_the_probe_of_its_own_features_is_called_undertrained(make_run: MakeRun) -> None:
    runs = [make_run("a", percent=20, n_right=30), make_run("b", percent=100, n_right=8)]
    probes = [DepthScore(cut, "relu", 8, 0, 0, 0, 0.7, 0.6, 0.8, 0, 0) for cut in (0.2, 0.8, 1.0)]
    words = undertrained_in_words(probes, runs)
    assert (
        "intervals apart: 100 % (20 % right, the probe 70 %). This row is held back by its training" in words
    )
    assert undertrained_in_words(probes, [*runs, make_run("c", percent=100, seed=1, n_right=30)]) == ""
    assert undertrained_in_words(probes, []) == ""

"""The paper's thesis on rows whose losses are known."""

import pytest

from galaxy_core.metrics.resample import CONFIRMED, REFUTED, UNDECIDED, Estimate
from galaxy_core.results.table import TableRow
from galaxy_core.studies.cues import SHAPE_OVER_TEXTURE, RunCues
from galaxy_core.studies.paper.thesis import CRITERION, THESIS, curves_of, in_words, thesis_test


def row(
    percent: int, margin: float, half: float = 0.02, policy: str = "transfer_frozen", recipe: str = ""
) -> RunCues:
    """A row that loses so much more without the outline than without texture."""
    setting = TableRow("r", policy, "s", percent, 100 - percent, 0, *(None,) * 8, setting=recipe)
    margins = {SHAPE_OVER_TEXTURE: Estimate(margin, margin - half, margin + half, 100)}
    return RunCues(setting, Estimate(0.6, 0.5, 0.7, 100), margins, {})


@pytest.mark.parametrize(
    ("little", "much", "half", "verdict"),
    [(0.3, 0.1, 0.02, CONFIRMED), (0.1, 0.3, 0.02, REFUTED), (0.3, 0.1, 0.2, UNDECIDED)],
)
def test_the_verdict_follows_the_rows(little: float, much: float, half: float, verdict: str) -> None:
    test = thesis_test(
        [row(0, 9), row(20, little, half), row(40, little, half), row(60, 9), row(100, much, half)]
    )
    assert test
    assert test.verdict == verdict
    assert test.difference.value == pytest.approx(little - much)


def test_the_sentence_has_the_thesis_its_verdict_the_numbers_and_the_criterion() -> None:
    test = thesis_test([row(20, 0.3), row(80, 0.1)])
    assert test
    sentence = in_words(test)
    assert f"“{THESIS}”: confirmed; " in sentence
    assert "+30.0 (+28.0 to +32.0) at 20 and 40 %, +10.0 (+8.0 to +12.0) at 80 and 100 %" in sentence
    assert "difference +20.0 (" in sentence
    assert CRITERION in sentence


def test_two_equal_rows_tell_no_more_than_one_and_a_difference_is_wider_than_its_sides() -> None:
    test = thesis_test([row(20, 0.3), row(40, 0.3), row(80, 0.1)])
    assert test
    assert (test.little.low, test.little.high) == pytest.approx((0.28, 0.32))
    assert (test.difference.low, test.difference.high) == pytest.approx(
        (0.2 - 0.02 * 2**0.5, 0.2 + 0.02 * 2**0.5)
    )


def test_rows_the_paper_does_not_have_are_no_evidence() -> None:
    assert thesis_test([row(20, 0.3), row(50, 0.2)]) is None
    assert thesis_test([row(20, 0.3, policy="random_frozen"), row(80, 0.1, policy="random_frozen")]) is None


def test_rows_of_two_recipes_make_no_curve_together() -> None:
    short, long = (row(20, 0.3, recipe=f'{{"epochs": {n}}}') for n in (3, 10))
    assert curves_of([short, long]) == {
        "transfer_frozen, epochs 3": [short],
        "transfer_frozen, epochs 10": [long],
    }

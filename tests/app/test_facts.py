"""What the badge says of the galaxies a run learned from."""

from collections.abc import Mapping

import pytest
import words.results
from parts.results.facts import galaxies_in_words

COUNTS = {"n_train": 490, "n_validation": 70, "n_test": 140}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"origin": "imported", "n_train_mock": 0}, "Trained on 490 real galaxies, tested on 140 others"),
        ({"origin": "survey"}, "Trained on 490 real galaxies, tested on 140 others"),
        ({"origin": "mock"}, "Trained on 490 mock galaxies, tested on 140 others"),
        (
            {"origin": "imported", "n_train_mock": 1000},
            "Trained on 490 real and 1,000 mock galaxies, tested on 140 other real ones",
        ),
        ({"origin": "imported", "n_train_mock": "many"}, words.results.TRAINED_ELSEWHERE),
    ],
)
def test_real_and_mock_galaxies_are_told_apart(more: Mapping[str, object], said: str) -> None:
    assert galaxies_in_words({**COUNTS, **more}) == said


def test_a_card_without_counts_says_that_nothing_is_known() -> None:
    assert galaxies_in_words({"file": "g.h5"}) == words.results.TRAINED_ELSEWHERE

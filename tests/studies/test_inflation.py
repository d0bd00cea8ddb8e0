"""A classifier that knows nothing looks good when copies are on both sides, and only then."""

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.studies.inflation import inflation

LABELS = np.repeat(np.arange(4), [160, 80, 40, 20])


def test_pure_noise_is_classified_well_when_rare_classes_are_repeated_first() -> None:
    noise = np.random.default_rng(0).normal(size=(300, 4, 4, 3))
    shown = inflation("as in the survey", noise, LABELS, np.arange(300), np.random.default_rng(1))
    assert shown.honest == pytest.approx(0.25, abs=0.06)
    assert shown.inflated > 0.6
    # a leaked row is right for certain, another by chance
    assert shown.inflated == pytest.approx(shown.share_copied + 0.25 * (1 - shown.share_copied), abs=0.1)
    assert shown.honest_low <= shown.honest <= shown.honest_high
    assert shown.gain == pytest.approx(shown.inflated - shown.honest)
    assert shown.gain_low > 0.2


def test_balanced_classes_show_no_inflation() -> None:
    labels = np.repeat(np.arange(4), 60)
    noise = np.random.default_rng(2).normal(size=(240, 10))
    shown = inflation("balanced", noise, labels, np.arange(240), np.random.default_rng(3))
    assert shown.share_copied == 0
    assert abs(shown.gain) < 0.1


def test_a_classifier_that_is_always_right_cannot_look_better() -> None:
    features = 10.0 * np.eye(4)[LABELS] + np.random.default_rng(4).normal(0, 0.1, (300, 4))
    shown = inflation(
        "as in the survey", features, LABELS, np.arange(300), np.random.default_rng(5), n_splits=3
    )
    assert (shown.honest, shown.inflated, shown.gain) == (1, 1, 0)


def test_only_the_rows_that_are_named_are_used() -> None:
    features = np.full((300, 2), np.nan)
    rows = np.arange(0, 300, 3)
    features[rows] = np.random.default_rng(6).normal(size=(100, 2))
    shown = inflation("balanced", features, LABELS, rows, np.random.default_rng(7), n_splits=2)
    assert shown.n_galaxies == 100
    with pytest.raises(BadValueError, match="20 galaxies or more, got 5"):
        inflation("balanced", features, LABELS, rows[:5], np.random.default_rng(0))

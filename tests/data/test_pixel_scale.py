"""Counts of pixel scales, and their words."""

import numpy as np

from galaxy_core.data.pixel_scale import scale_counts, scales_in_words


def test_each_scale_is_counted_the_most_frequent_first_and_the_unknown_last() -> None:
    counts = scale_counts(np.array([0.524, 0.262, 0.262, np.nan, 0.26200001]))
    assert list(counts.items()) == [("0.262", 3), ("0.524", 1), ("unknown", 1)]
    assert scales_in_words(counts) == "0.262″ of 3, 0.524″ of 1, unknown of 1"


def test_many_scales_are_not_all_named() -> None:
    counts = scale_counts(np.linspace(0.1, 0.9, 9))
    assert (len(counts), counts["other"], sum(counts.values())) == (5, 5, 9)
    assert scale_counts(np.zeros(0)) == {}

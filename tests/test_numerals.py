"""How numbers are written for people."""

import math

import numpy as np
import pytest

from galaxy_core.numerals import NOTHING, counted, number, percent, points, written


@pytest.mark.parametrize("value", [None, math.nan, math.inf, "0.5", True])
def test_what_is_no_number_is_a_dash(value: object) -> None:
    assert number(value) == percent(value) == written(value, ".2f") == NOTHING


def test_a_share_in_percent_has_a_space_whatever_kind_of_number_it_is() -> None:
    assert [percent(0.629, 1), percent(np.float32(0.5)), written(0.1, "+.0%")] == ["62.9 %", "50 %", "+10 %"]


def test_below_zero_stands_a_minus_and_no_hyphen_and_zero_has_neither() -> None:
    assert [number(-0.16, 2), number(-0.001, 2), percent(-0.05)] == ["−0.16", "0.00", "−5 %"]


def test_one_of_a_thing_is_not_written_as_many() -> None:
    assert [counted(1, "epoch"), counted(1500, "epoch"), counted(2, "galaxy", "galaxies")] == [
        "1 epoch",
        "1,500 epochs",
        "2 galaxies",
    ]
    assert [points(0.01), points(-0.1), points(0.01, 1)] == ["1 point", "−10 points", "1.0 points"]

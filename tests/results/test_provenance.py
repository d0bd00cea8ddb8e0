"""What is said of the galaxies: rendered ones are mock, pictures are real, whoever put their file together."""

import pytest

from galaxy_core.results.provenance import corrected_in_words, mixture


@pytest.mark.parametrize(
    ("origin", "n_mocks", "said"),
    [
        ("imported", 0, "490 real"),
        ("survey", 0, "490 real"),
        ("mock", 0, "490 mock"),
        ("imported", 1000, "490 real and 1,000 mock"),
        ("mock", 1000, "490 mock and 1,000 more mock"),
        ("elsewhere", 0, "490"),
        ("None", 1000, "490 and 1,000 mock"),
    ],
)
def test_galaxies_are_real_unless_their_file_says_that_they_are_mock(
    origin: str, n_mocks: int, said: str
) -> None:
    assert mixture(origin, 490, n_mocks) == said


def test_a_card_says_how_many_labels_were_corrected_and_nothing_where_it_has_no_such_numbers() -> None:
    told = {"n_relabelled": 3, "n_left_out": 1}
    assert corrected_in_words({"corrections": told}).startswith("In training 3 had a corrected label and 1 ")
    for odd in ({}, {"corrections": None}, {"corrections": {"n_relabelled": "<b>", "n_left_out": 1}}):
        assert corrected_in_words(odd) == ""

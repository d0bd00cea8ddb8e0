"""What is said of the galaxies: rendered ones are mock, pictures are real, whoever put their file together."""

import pytest

from galaxy_core.results.provenance import mixture


@pytest.mark.parametrize(
    ("origin", "n_mocks", "said"),
    [
        ("imported", 0, "490 real"),
        ("survey", 0, "490 real"),
        ("mock", 0, "490 mock"),
        ("imported", 1000, "490 real and 1000 mock"),
        ("mock", 1000, "490 mock and 1000 more mock"),
        ("elsewhere", 0, "490"),
        ("None", 1000, "490 and 1000 mock"),
    ],
)
def test_galaxies_are_real_unless_their_file_says_that_they_are_mock(
    origin: str, n_mocks: int, said: str
) -> None:
    assert mixture(origin, 490, n_mocks) == said

"""Every printed interval holds its own estimate; and, simulated, the truth about as often as it says."""

from pathlib import Path

import numpy as np
import pytest
from intervals import KINDS, World

SIZES = (70, 140, 700)
N_SAMPLES = 1000
FEWEST = 0.93
SCIENCE = Path(__file__).parents[2] / "docs" / "science.md"


@pytest.mark.parametrize("kind", KINDS)
def test_an_interval_holds_its_estimate(kind: str) -> None:
    rng = np.random.default_rng(0)
    for world in KINDS[kind]:
        for n in (5, 20, 70, 140):
            for _ in range(5):
                seen = world(rng, n)
                assert seen.low <= seen.value <= seen.high


def told() -> dict[str, list[float]]:
    """The table of coverage in docs/science.md, by kind."""
    lines = SCIENCE.read_text(encoding="utf-8").partition("| kind |")[2].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return {row[0]: [float(share) for share in row[1:]] for row in cells if row[0] in KINDS}


def test_every_kind_of_interval_has_its_coverage_in_the_table() -> None:
    assert list(told()) == list(KINDS)
    assert min(min(row) for row in told().values()) >= FEWEST


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_an_interval_covers_the_truth_as_often_as_the_table_says(kind: str) -> None:
    least = [min(coverage(world, n) for world in KINDS[kind]) for n in SIZES]
    print(f"\n| {kind} | {' | '.join(f'{one:.2f}' for one in least)} |")
    assert min(least) >= FEWEST
    assert least == pytest.approx(told()[kind], abs=0.02)


def coverage(world: World, n: int) -> float:
    """The share of samples whose interval holds the truth."""
    rng = np.random.default_rng(n)
    seen = [world(rng, n) for _ in range(N_SAMPLES)]
    return float(np.mean([one.low - 1e-9 <= one.truth <= one.high + 1e-9 for one in seen]))

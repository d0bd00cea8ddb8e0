"""What is known of shipped rows beyond their own test part: in folds, as their cards say, and with other seeds, as the
tables of a checkout's `docs/` say. Of runs that do not ship there is nothing here: their folds and seeds are runs.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from galaxy_core.errors import GalaxyError
from galaxy_core.results.table import finite
from galaxy_core.runs.run import Run

DOCS = Path(__file__).parents[2] / "docs"
_SEED = re.compile(r"-s(\d+)\Z")


@dataclass(frozen=True)
class InFolds:
    """The recipe of a row trained anew in every fold: each of `n_galaxies` tested once, by every one of `n_seeds`.

    `low` and `high` bound the accuracy at 95 %.
    """

    n_folds: int
    n_seeds: int
    n_galaxies: int
    accuracy: float
    low: float
    high: float
    balanced: float


def in_folds(run: Run) -> InFolds | None:
    """What its card says of all folds; None where it says nothing that is sound."""
    try:
        told = run.card().get("cross_validation") if run.is_whole else None
    except GalaxyError:
        return None
    if not isinstance(told, dict):
        return None
    counts = [told.get(name) for name in ("n_folds", "n_seeds", "n_galaxies")]
    names = ("test_accuracy", "test_low", "test_high", "balanced_accuracy")
    shares = [finite(told.get(name)) for name in names]
    is_sound = all(type(n) is int and n > 0 for n in counts) and all(
        share is not None and 0 <= share <= 1 for share in shares
    )
    return InFolds(*counts, *shares) if is_sound else None  # type: ignore[arg-type]


def accuracies_by_seed(names: Iterable[str], docs: Path = DOCS) -> dict[str, dict[int, float]]:
    """Of each of these runs that are there with several seeds, the test accuracy of each seed on the same split.

    Empty where `docs` is not there, as beside an installed package.
    """
    rows = {_SEED.sub("", name): name for name in names}
    found: dict[str, dict[int, float]] = {name: {} for name in rows.values()}
    for path in sorted(docs.glob("results*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            for line in csv.DictReader(file):
                of, seed = line["run or pair"], _SEED.search(line["run or pair"])
                name = rows.get(_SEED.sub("", of))
                if name and seed and line["score"] == "test accuracy":
                    found[name][int(seed[1])] = float(line["value"])
    return {name: dict(sorted(seeds.items())) for name, seeds in found.items() if len(seeds) > 1}


def tables_of_evidence(docs: Path = DOCS) -> list[Path]:
    """The tables themselves, every number with the command that shows it."""
    return sorted(docs.glob("results*.csv"))

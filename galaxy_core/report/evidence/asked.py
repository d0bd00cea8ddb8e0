"""What the questions are asked of, and what an answer is: rows, each with the verb that shows its number alone."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from galaxy_core import __version__
from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import DiskFullError, GalaxyError, StoppedError, one_line
from galaxy_core.metrics.resample import Estimate
from galaxy_core.results.records import weights_sha256
from galaxy_core.runs.run import Run

if TYPE_CHECKING:
    from galaxy_core.studies.shown import OpenLineup

Progress = Callable[[int, int], None]
N_MOCKS = 200
N_GALAXIES = 20


class Row(NamedTuple):
    """A number of a run or pair with its 95 % interval, None where there is none, and the command that shows it."""

    of: str
    score: str
    value: float | None
    low: float | None
    high: float | None
    command: str


@dataclass
class Answer:
    """The rows of one question, and a sentence for each run of which it cannot be asked."""

    rows: list[Row] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Asked:
    """Finished runs, by the names a user gave them, their galaxies, and the base name of that file.

    `seed` is of the bootstrap, the sky and the split wherever the verb of a question takes one, `n_mocks` how many
    galaxies are rendered, `n_galaxies` how many of each test part faithfulness, the slowest by far, is measured on.
    `is_anew`: what earlier calls have stored with the runs is not used.
    """

    runs: tuple[Run, ...]
    names: tuple[str, ...]
    galaxies: Galaxies
    data: str
    seed: int = 0
    n_mocks: int = N_MOCKS
    is_anew: bool = False
    n_galaxies: int = N_GALAXIES
    lineup_of: OpenLineup | None = None

    def run(self, name: str) -> Run:
        """The run of that name among those asked."""
        return next(run for run in self.runs if run.name == name)

    def names_of(self, runs: Sequence[str]) -> Sequence[str]:
        """Those runs on a command line: by the names a user gave where they are all of them, else one by one."""
        return self.names if len(runs) == len(self.runs) else runs

    @property
    def serving(self) -> dict[str, Any]:
        """How studies open the runs, as their keyword; by default as they would."""
        return {} if self.lineup_of is None else {"lineup_of": self.lineup_of}

    @property
    def data_words(self) -> tuple[str, ...]:
        """The galaxies on a command line."""
        return "--data", self.data

    @property
    def seed_words(self) -> tuple[object, ...]:
        """The seed on a command line; nothing where it is the default."""
        return ("--seed", self.seed) if self.seed else ()

    def own_command(self, question: str, runs: Sequence[str]) -> str:
        """The command of this very table, for a number that no other verb shows."""
        words = (*self.data_words, "--out", "evidence.csv", "--only", question, *self.seed_words)
        return command("evidence", *self.names_of(runs), *words)

    def mark(self, counts: Sequence[str] = (), version: int = 1) -> dict[str, Any] | None:
        """What an answer depends on, `counts` of galaxies and the `version` of the question among it; None where a
        run's weights have no mark.

        Such an answer is made anew every time.
        """
        weights = {run.name: weights_sha256(run) for run in self.runs}
        if not all(weights.values()):
            return None
        mark: dict[str, Any] = {"galaxy_core": __version__, "weights_sha256": weights}
        mark |= {"data_sha256": self.galaxies.sha256, "seed": self.seed}
        mark |= (
            {"version": version} if version > 1 else {}
        )  # tables of before there were any are of the first
        return mark | {name.removeprefix("n_"): getattr(self, name) for name in counts}


def command(verb: str, *words: object) -> str:
    """A command line of `galaxy` that a shell reads as it is meant."""
    return shlex.join(["galaxy", verb, *map(str, words)])


def measured(of: str, score: str, estimate: Estimate, shown_by: str) -> Row:
    """The row of an estimate; NaN becomes None."""
    value = estimate.to_json()
    return Row(of, score, value["value"], value["low"], value["high"], shown_by)


@contextmanager
def refused_in_words(sentences: list[str]) -> Iterator[None]:
    """An error that a user may meet becomes a sentence of the list; a full disk and a stop end everything."""
    try:
        yield
    except (DiskFullError, StoppedError):
        raise
    except GalaxyError as error:
        sentences.append(one_line(error))


def share_of(progress: Progress, place: int, n_places: int) -> Progress:
    """Progress of one of so many pieces that take about as long, as progress of them all."""

    def move(done: int, total: int) -> None:
        progress(place * total + done, n_places * total)

    return move

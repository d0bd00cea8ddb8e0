"""The test galaxies of some runs, and what each run says of them, a batch at a time: answers and maps of one pass.

Every run is asked about its own test part through its own view; runs that share both are asked together, so that what
they froze together is computed once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.images.view import View
from galaxy_core.prediction.evaluate import part_to_test
from galaxy_core.runs.run import Run
from galaxy_core.serving.lineup import Explained, Lineup

N_AT_ONCE = 16

Progress = Callable[[int, int], None]


class Answers(Protocol):
    """A line-up, as far as studies are concerned."""

    def predict(self, images: np.ndarray) -> Mapping[str, np.ndarray]:
        """Logits (N, classes) by run."""

    def explain(self, images: np.ndarray) -> Mapping[str, Explained]:
        """Logits, maps and bias by run, of the same pass."""


OpenLineup = Callable[[Sequence[Run]], Answers]


@dataclass(frozen=True, eq=False)
class TestPart:
    """Runs that see alike and may be tested on the same galaxies: indices int64 (N,), and by run the sentence that
    says which.
    """

    __test__ = False  # not a test class, whatever its name begins with

    runs: tuple[Run, ...]
    view: View
    part: str
    indices: np.ndarray
    sentences: dict[str, str]

    def spread(self, most: int | None) -> np.ndarray:
        """At most so many of the indices, evenly spread, so that a file sorted by class gives all classes."""
        if most is None or most >= len(self.indices):
            return self.indices
        return self.indices[np.linspace(0, len(self.indices) - 1, most).round().astype(int)]


@dataclass(frozen=True, eq=False)
class Shown:
    """A batch: rows int64 (n,) of the file, whole images uint8 (n, H, W, 3), labels, and by run the class predicted
    (n,) and maps float32 (n, classes, h, w) in logits, both of one pass through the run's view.
    """

    rows: np.ndarray
    images: np.ndarray
    labels: np.ndarray
    predicted: dict[str, np.ndarray]
    maps: dict[str, np.ndarray]

    def maps_of(self, run: str, classes: np.ndarray, *, centred: bool = False) -> np.ndarray:
        """The map of one class an image, float32 (n, h, w); centred: minus the mean over the classes."""
        maps = self.maps[run]
        own = maps[np.arange(len(maps)), classes]
        return own - maps.mean(axis=1, dtype=np.float32) if centred else own


def test_parts(runs: Sequence[Run], galaxies: Galaxies) -> list[TestPart]:
    """The runs by what they see and by the galaxies they may be tested on (`prediction.evaluate.part_to_test`)."""
    found: dict[tuple[View, bytes], TestPart] = {}
    for run in runs:
        part, indices, sentence = part_to_test(run, galaxies)
        view = run.config.view
        known = found.get(key := (view, indices.tobytes()))
        members, sentences = (known.runs, known.sentences) if known else ((), {})
        found[key] = TestPart((*members, run), view, part, indices, {**sentences, run.name: sentence})
    return list(found.values())


def by_view(runs: Sequence[Run]) -> dict[View, list[Run]]:
    """The runs by what they see."""
    found: dict[View, list[Run]] = {}
    for run in runs:
        found.setdefault(run.config.view, []).append(run)
    return found


def show(
    lineup: Answers,
    images: np.ndarray,
    labels: np.ndarray,
    rows: np.ndarray,
    progress: Progress | None = None,
) -> Iterator[Shown]:
    """What the line-up says of these rows, batch by batch; images may be a memory map."""
    for start in range(0, len(rows), N_AT_ONCE):
        chosen = rows[start : start + N_AT_ONCE]
        batch = np.asarray(images[chosen])
        said = lineup.explain(batch)
        predicted = {name: one.logits.argmax(axis=1) for name, one in said.items()}
        yield Shown(chosen, batch, labels[chosen], predicted, {name: one.maps for name, one in said.items()})
        if progress:
            progress(min(start + N_AT_ONCE, len(rows)), len(rows))


def open_lineup(runs: Sequence[Run]) -> Answers:
    """The runs as one inference."""
    return Lineup(runs)

"""All studies of some runs, one after the other, each answer kept in one table before the next is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from galaxy_core.prediction.evaluate import part_to_test
from galaxy_core.studies.evidence_table import EvidenceTable
from galaxy_core.studies.study import Asked, Progress, Row, Study, refused_in_words, rows_of, without_points

Bar = Callable[[str], AbstractContextManager[Progress]]


@dataclass(frozen=True)
class Outcome:
    """What came of a question: its rows in the table, the seconds it took (None: kept), and what must be said."""

    study: Study
    n_rows: int
    seconds: float | None
    sentences: tuple[str, ...]


def answer_all(studies: Sequence[Study], asked: Asked, table: EvidenceTable, bar: Bar) -> Iterator[Outcome]:
    """Ask one question after the other; what the table holds of the same runs already is passed over.

    `bar(title)` opens a progress bar. A question that cannot be asked of these runs is left out with a sentence.
    """
    for study in studies:
        mark = asked.mark(study)
        if table.has(study.name, mark) and not asked.is_anew:
            yield Outcome(study, table.n_rows(study.name), None, ())
            continue
        start, own, rows = time.monotonic(), replace(asked, told=[]), list[Row]()
        with refused_in_words(own.told), bar(study.name) as progress:
            rows = rows_of(without_points(study.measure(own, progress)))
        if rows:
            table.put(study.name, rows, mark)
        yield Outcome(study, len(rows), time.monotonic() - start, tuple(own.told))


def caveats(asked: Asked) -> list[str]:
    """A sentence for each run that these galaxies do not test as it should be: on its own test part."""
    told = (part_to_test(run, asked.galaxies) for run in asked.runs)
    return [sentence for part, _, sentence in told if part != "test"]

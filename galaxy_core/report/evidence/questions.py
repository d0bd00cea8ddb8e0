"""What can be asked of finished runs, one question after the other, each answer kept before the next is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from galaxy_core.errors import BadValueError, quoted
from galaxy_core.prediction.evaluate import part_to_test
from galaxy_core.report.evidence import difference, heat, sources, trust
from galaxy_core.report.evidence.asked import Answer, Asked, Progress, refused_in_words
from galaxy_core.report.evidence.results import Results
from galaxy_core.results.records import VERSIONS

Bar = Callable[[str], AbstractContextManager[Progress]]
DIFFERENCE, HEAT, TRUST = "is the difference real", "is the heat on the galaxy", "can the answer be trusted"


@dataclass(frozen=True)
class Question:
    """A name for the table, which of the three questions it belongs to, and how it is asked.

    `version` is raised where an answer changes for the same runs; where a study is kept in run folders, it is that of
    the study.
    """

    name: str
    belongs_to: str
    ask: Callable[[Asked, Progress], Answer]
    counts: tuple[str, ...] = ()
    version: int = 1


@dataclass(frozen=True)
class Outcome:
    """What came of a question: its rows in the table, the seconds it took (None: kept), and what must be said."""

    question: Question
    n_rows: int
    seconds: float | None
    sentences: tuple[str, ...]


QUESTIONS = (
    Question("accuracy", DIFFERENCE, difference.accuracy),
    Question("batch-norm", DIFFERENCE, difference.batch_norm),
    Question("compare", DIFFERENCE, difference.compare, version=2),  # 1 named winners whatever else differed
    Question("calibration", TRUST, trust.calibration),
    Question("audit", TRUST, trust.audit),
    Question("focus", HEAT, heat.focus),
    Question("agreement", HEAT, heat.agreement),
    Question("elements", HEAT, heat.elements, counts=("n_mocks",)),
    Question("cues", HEAT, heat.cues),
    Question("faithfulness", HEAT, heat.faithfulness, counts=("n_galaxies",)),
    Question("transferability", TRUST, sources.transferability),
    Question("similarity", TRUST, sources.similarity),
)
NAMES = tuple(question.name for question in QUESTIONS)


def chosen(only: str | None) -> list[Question]:
    """The questions named between commas, in the order of the table; all where nothing is named."""
    if only is None:
        return list(QUESTIONS)
    wanted = {name.strip() for name in only.split(",")}
    if unknown := sorted(wanted - set(NAMES)):
        raise BadValueError(f"there is no question {quoted(unknown[0])}; there are {', '.join(NAMES)}")
    return [question for question in QUESTIONS if question.name in wanted]


def answer_all(questions: Sequence[Question], asked: Asked, results: Results, bar: Bar) -> Iterator[Outcome]:
    """Ask one question after the other; what the table holds of the same runs already is passed over.

    `bar(title)` opens a progress bar. A question that cannot be asked of these runs is left out with a sentence.
    """
    for question in questions:
        mark = asked.mark(question.counts, _version(question))
        if results.has(question.name, mark) and not asked.is_anew:
            yield Outcome(question, results.n_rows(question.name), None, ())
            continue
        start, refusals, answer = time.monotonic(), list[str](), Answer()
        with refused_in_words(refusals), bar(question.name) as progress:
            answer = question.ask(asked, progress)
        if answer.rows:
            results.put(question.name, answer.rows, mark)
        seconds = time.monotonic() - start
        yield Outcome(question, len(answer.rows), seconds, (*answer.sentences, *refusals))


def _version(question: Question) -> int:
    return VERSIONS.get(f"{question.name}.json", question.version)


def caveats(asked: Asked) -> list[str]:
    """A sentence for each run that these galaxies do not test as it should be: on its own test part."""
    told = (part_to_test(run, asked.galaxies) for run in asked.runs)
    return [sentence for part, _, sentence in told if part != "test"]

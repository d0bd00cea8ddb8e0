"""Can a single answer be trusted: temperature, calibration error and sets of classes of each run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from galaxy_core.errors import GalaxyError
from galaxy_core.prediction.calibrate import CALIBRATION, calibrate_run
from galaxy_core.results.calibrated import Calibrated, calibrated_from
from galaxy_core.results.records import keep, kept, kept_of
from galaxy_core.results.table import TableRow, table_rows
from galaxy_core.runs.run import Run
from galaxy_core.studies.charts import over_share
from galaxy_core.studies.study import (
    TRUST,
    Asked,
    Figure,
    Progress,
    Row,
    Study,
    refused_in_words,
    share_of,
    span_in_words,
)

if TYPE_CHECKING:
    from pandas import DataFrame

ERROR = {when: f"calibration error {when} scaling" for when in ("before", "after")}


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """What calibration.json of each run says, measured now where it says nothing of these weights."""
    settings = table_rows(asked.runs)
    for k, row in enumerate(settings):
        with refused_in_words(asked.told):
            yield from tell([_calibrated(row, asked, share_of(progress, k, len(settings)))])


def _calibrated(row: TableRow, asked: Asked, progress: Progress) -> Calibrated:
    run = asked.run(row.run)
    stored = None if asked.is_anew else _stored(run, row)
    if stored is not None:
        return stored
    lineup: Any = asked.lineup_of([run]) if asked.lineup_of else None
    values = calibrate_run(run, asked.galaxies, lineup=lineup, progress=progress)
    keep(run, CALIBRATION, values)
    return calibrated_from(row, values)


def _stored(run: Run, row: TableRow) -> Calibrated | None:
    """What the run's folder says of its weights and split of now; None where that is nothing, or damaged."""
    with suppress(GalaxyError, AttributeError, KeyError, TypeError, ValueError):
        record, card = kept(run, CALIBRATION), run.card()
        keys = ("weights_sha256", "split_hash")
        if record and all(record[key] and record[key] == card.get(key) for key in keys):
            return calibrated_from(row, record)
    return None


def tell(found: Iterable[Calibrated]) -> Iterator[Row]:
    """The rows of each run."""
    for one in found:
        yield from _told(one)


def _told(one: Calibrated) -> Iterator[Row]:
    name = one.row.run
    yield Row(name, "temperature", one.temperature)
    for when, confidence in (("before", one.before), ("after", one.after)):
        yield Row(name, ERROR[when], confidence.error, confidence.low, confidence.high)
        yield Row(name, f"test loss {when} scaling", confidence.loss)
    for promise, sets in one.sets.items():
        of_sets = f"sets that promise {100 * promise:g} %"
        yield Row(name, f"{of_sets}: share that held", sets.covered, sets.low, sets.high)
        yield Row(name, f"{of_sets}: classes in one", sets.mean_size)
    for words, score in (("", one.plain), (", with them as prior", one.shifted)):
        if score is not None:
            what = f"test accuracy at the survey's class frequencies{words}"
            yield Row(name, what, score.accuracy, score.low, score.high)


def sentence(frame: DataFrame) -> str:
    """How far confidence and accuracy lie apart, at first and once scaled."""
    return " ".join(span_in_words(frame, score, ".3f") for score in ERROR.values())


def chart(frame: DataFrame) -> Figure:
    """Calibration error over the share taken over, before and after scaling."""
    return over_share(frame, {score: score for score in ERROR.values()}, "calibration error")


STUDY = Study(
    *("calibration", 40, TRUST, "Can a single answer be trusted?", rows, sentence, chart),
    kept=lambda asked: kept_of(asked, CALIBRATION, calibrated_from),
    tell=tell,
    cited=("guo", "sadinle", "saerens"),
)

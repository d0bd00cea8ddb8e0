"""Can a single answer be trusted: temperature, calibration error and sets of classes of each run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from galaxy_core.errors import GalaxyError
from galaxy_core.numerals import counted
from galaxy_core.prediction.calibrate import CALIBRATION, calibrate_run
from galaxy_core.results.calibrated import Calibrated, calibrated_from
from galaxy_core.results.curves import ticks
from galaxy_core.results.records import keep, kept, kept_of
from galaxy_core.results.table import TableRow, table_rows
from galaxy_core.runs.run import Run
from galaxy_core.studies.charts import COLOURS, MOST_PANELS, Trace, in_panels, points
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
RIGHT = {when: f"share that is right of those as sure, {when} scaling" for when in ("before", "after")}
NAMES = {RIGHT["before"]: "as given", RIGHT["after"]: "calibrated"}


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
        for one_bin in confidence.bins:
            share = (one_bin.accuracy, one_bin.low, one_bin.high)
            yield Row(name, RIGHT[when], *share, at=one_bin.confidence)
    for promise, sets in one.sets.items():
        of_sets = f"sets that promise {100 * promise:g} %"
        yield Row(name, f"{of_sets}: share that held", sets.covered, sets.low, sets.high)
        yield Row(name, f"{of_sets}: classes in one", sets.mean_size)
    for words, score in (("", one.plain), (", with them as prior", one.shifted)):
        if score is not None:
            what = f"test accuracy at the survey's class frequencies{words}"
            yield Row(name, what, score.accuracy, score.low, score.high)


def sentence(frame: DataFrame) -> str:
    """How far confidence and accuracy lie apart, at first and once scaled, and whether chance explains it."""
    return " ".join(
        f"{span_in_words(frame, score, '.3f')} {_beyond(frame, score)}" for score in ERROR.values()
    )


def _beyond(frame: DataFrame, score: str) -> str:
    errors = frame[frame.score == score]
    n, n_beyond = len(errors), int((errors.low > 0).sum())
    return (
        f"In {n_beyond or 'none'} of {counted(n, 'run')} it is more than chance in so few galaxies explains."
    )


def chart(frame: DataFrame) -> Figure:
    """The reliability diagram of each run, a panel each: how often it is right over how sure it is."""
    perfect: Trace = {"name": "right as often as it is sure", "x": [0, 1], "y": [0, 1], "mode": "lines"}
    perfect["line"] = {"color": COLOURS[4], "width": 1.2, "dash": "dash"}
    panels = {
        name: [perfect, *(_line(frame[(frame.of == name) & (frame.score == score)]) for score in NAMES)]
        for name in list(dict.fromkeys(frame.of))[:MOST_PANELS]
    }
    axis = {"range": [0, 1], **ticks(".0%", 5), "dtick": 0.25}
    xaxis = {"title": {"text": "how sure"}, **axis}
    return in_panels(panels, xaxis, [{"title": {"text": "how often right"}, **axis}])


def _line(rows: DataFrame) -> Trace:
    score = rows.score.iloc[0] if len(rows) else RIGHT["before"]
    return points(rows, NAMES[score], 1 - list(NAMES).index(score))


STUDY = Study(
    *("calibration", 40, TRUST, "Can a single answer be trusted?", rows, sentence, chart),
    kept=lambda asked: kept_of(asked, CALIBRATION, calibrated_from),
    tell=tell,
    note="Below the dashed line a network is too sure; each point holds as many test galaxies, bars are Wilson's 95 %. "
    "A temperature above 1 (Guo et al. 2017), fitted on the validation part, means that it was too sure; answers and "
    "accuracy stay the same. Sets of classes are chosen on validation galaxies; their promise is an average, for all "
    "classes together. At the survey's frequencies: galaxies weighted until the classes are as frequent as in Galaxy10 "
    "DECaLS; with them as prior, the network answers with these in mind (Saerens et al. 2002).",
    cited=("guo", "sadinle", "saerens"),
)

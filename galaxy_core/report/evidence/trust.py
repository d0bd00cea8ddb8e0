"""Can the answer be trusted: temperature, calibration and sets of each run, and what leaks in the file of galaxies."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from galaxy_core.errors import GalaxyError
from galaxy_core.prediction.calibrate import CALIBRATION, calibrate_run, write_calibration
from galaxy_core.report.evidence.asked import (
    Answer,
    Asked,
    Progress,
    Row,
    command,
    refused_in_words,
    share_of,
)
from galaxy_core.results.calibrated import Calibrated, calibrated_from
from galaxy_core.results.table import TableRow, table_rows
from galaxy_core.runs.run import Run


def calibration(asked: Asked, progress: Progress) -> Answer:
    """What calibration.json of each run says, measured now where it says nothing of these weights."""
    answer, settings = Answer(), table_rows(asked.runs)
    for k, row in enumerate(settings):
        with refused_in_words(answer.sentences):
            one = _calibrated(row, asked, share_of(progress, k, len(settings)))
            answer.rows += _calibration(one, asked)
    return answer


def audit(asked: Asked, progress: Progress) -> Answer:
    """Copies and neighbours on two sides of the split, and what oversampling before it would pretend."""
    from galaxy_core.data.audit import audit_galaxies
    from galaxy_core.studies.inflation import inflations
    from galaxy_core.studies.leaks import leak_report, leaks_csv

    galaxies = asked.galaxies
    found = audit_galaxies(galaxies, seed=asked.seed, progress=share_of(progress, 0, 2))
    effects = inflations(found, galaxies.labels, seed=asked.seed, progress=share_of(progress, 1, 2))
    shown_by = command("audit", *asked.data_words, *asked.seed_words, "--json")
    ranges = f" (low and high: range over {effects[0].n_splits} splits)"
    rows = []
    for line in csv.DictReader(io.StringIO(leaks_csv(leak_report(galaxies, found, effects)))):
        value, low, high = (_number(line[name]) for name in ("value", "low", "high"))
        # the hash of the split is a name and no number; it must stand in the table all the same
        text = line["value"] if value is None else line["of"]
        score = f"{line['question']}, {text}{'' if low is None else ranges}"
        rows.append(Row(asked.data, score, value, low, high, shown_by))
    return Answer(rows)


def _calibrated(row: TableRow, asked: Asked, progress: Progress) -> Calibrated:
    run = asked.run(row.run)
    stored = None if asked.is_anew else _stored(run, row)
    if stored is not None:
        return stored
    lineup: Any = asked.lineup_of([run]) if asked.lineup_of else None
    values = calibrate_run(run, asked.galaxies, lineup=lineup, progress=progress)
    if not run.is_shipped:
        write_calibration(run, values)
    return calibrated_from(row, values)


def _stored(run: Run, row: TableRow) -> Calibrated | None:
    """What the run's folder says of its weights and split of now; None where that is nothing, or damaged."""
    from galaxy_core.studies.record import kept

    with suppress(GalaxyError, AttributeError, KeyError, TypeError, ValueError):
        record, card = kept(run, CALIBRATION), run.card()
        keys = ("weights_sha256", "split_hash")
        if record and all(record[key] and record[key] == card.get(key) for key in keys):
            return calibrated_from(row, record)
    return None


def _calibration(one: Calibrated, asked: Asked) -> Iterator[Row]:
    name = one.row.run
    shown_by = command("calibrate", name, *asked.data_words, "--json")
    yield Row(name, "temperature", one.temperature, None, None, shown_by)
    for when, confidence in (("before", one.before), ("after", one.after)):
        error = (confidence.error, confidence.low, confidence.high)
        yield Row(name, f"calibration error {when} scaling", *error, shown_by)
        yield Row(name, f"test loss {when} scaling", confidence.loss, None, None, shown_by)
    for promise, sets in one.sets.items():
        of_sets = f"sets that promise {100 * promise:g} %"
        yield Row(name, f"{of_sets}: share that held", sets.covered, sets.low, sets.high, shown_by)
        yield Row(name, f"{of_sets}: classes in one", sets.mean_size, None, None, shown_by)
    for words, score in (("", one.plain), (", with them as prior", one.shifted)):
        if score is not None:
            what = f"test accuracy at the survey's class frequencies{words}"
            yield Row(name, what, score.accuracy, score.low, score.high, shown_by)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None

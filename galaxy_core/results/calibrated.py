"""What the calibration.json of some runs says, as numbers for a diagram, a table and a file; nothing is measured here.

A file may have come from anywhere: whatever is no number where one must stand is refused.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from galaxy_core.errors import BadValueError, quoted
from galaxy_core.files.csv_text import csv_text
from galaxy_core.metrics.calibration import Bin
from galaxy_core.metrics.conformal import Coverage
from galaxy_core.metrics.reweighting import Reweighted
from galaxy_core.results.table import TableRow

Record = Mapping[str, Any]
T = TypeVar("T")

_CONFIDENCE = ("loss", "error", "error_low", "error_high")
_COVERAGE = ("covered", "low", "high", "mean_size", "share_single")
_REWEIGHTED = ("accuracy", "low", "high", "n", "n_effective")


@dataclass(frozen=True)
class Confidence:
    """How sure a run is against how often it is right, on its test part: cross-entropy, accuracy, calibration error.

    The error is what is left once the noise of few galaxies is taken off, `low` and `high` its 95 % interval.
    """

    loss: float
    accuracy: float
    error: float
    low: float
    high: float
    bins: tuple[Bin, ...]

    @property
    def is_beyond_chance(self) -> bool:
        """Whether the error is more than the number of test galaxies explains."""
        return self.low > 0


@dataclass(frozen=True)
class Calibrated:
    """The calibration of one run: before and after its temperature, sets by their promise, survey frequencies.

    `plain` is its accuracy at the survey's class frequencies, `shifted` with them as prior; None where unknown.
    """

    row: TableRow
    temperature: float
    n_validation: int
    n_test: int
    before: Confidence
    after: Confidence
    sets: dict[float, Coverage]
    plain: Reweighted | None
    shifted: Reweighted | None


def calibrated_from(row: TableRow, record: Record) -> Calibrated:
    """What `calibrate_run` has written of the run in that row of the table.

    Raises what Python raises where it has written something else (AttributeError, KeyError, TypeError, ValueError).
    """
    survey = record["survey"]  # null where the classes are none that a survey has counted
    return Calibrated(
        row=row,
        temperature=_number(record["temperature"]),
        n_validation=int(_number(record["n_validation"])),
        n_test=int(_number(record["n_test"])),
        before=_confidence(record["before"]),
        after=_confidence(record["after"]),
        sets={_number(one["coverage"]): _read(Coverage, one) for one in record["sets"]},
        plain=_reweighted(survey, "plain"),
        shifted=_reweighted(survey, "shifted"),
    )


def calibration_csv(found: Iterable[Calibrated]) -> str:
    """A line a run: temperature, calibration error before and after, every promise, accuracy as on the sky.

    A promise that some runs have no sets for is left empty there. Errors: BadValueError without runs.
    """
    lines = [_line(one) for one in found]
    if not lines:
        raise BadValueError("there is no calibrated run to list, got none; calibrate one first")
    columns = list(dict.fromkeys(name for line in lines for name in line))
    return csv_text(columns, ([line.get(name) for name in columns] for line in lines))


def _line(one: Calibrated) -> dict[str, Any]:
    row = one.row
    line: dict[str, Any] = {
        "run": row.run,
        "policy": row.policy,
        "source": row.source,
        "seed": row.seed,
        "percent": row.imagenet_percent,
        "n_validation": one.n_validation,
        "n_test": one.n_test,
        "temperature": one.temperature,
        "accuracy": one.before.accuracy,
    }
    for when, confidence in (("before", one.before), ("after", one.after)):
        values = (confidence.loss, confidence.error, confidence.low, confidence.high)
        line |= {f"{name}_{when}": value for name, value in zip(_CONFIDENCE, values, strict=True)}
    for promise, coverage in one.sets.items():
        line |= {f"sets_{100 * promise:g}_{name}": getattr(coverage, name) for name in _COVERAGE}
    for kind, score in (("survey", one.plain), ("survey_prior", one.shifted)):
        line |= {f"{kind}_{name}": None if score is None else getattr(score, name) for name in _REWEIGHTED}
    return line


def _confidence(record: Record) -> Confidence:
    bins = tuple(_read(Bin, one) for one in record["bins"])
    loss, accuracy = _number(record["loss"]), _number(record["accuracy"])
    error, low, high = (_number(record["error"][name]) for name in ("value", "low", "high"))
    return Confidence(loss, accuracy, error, low, high, bins)


def _reweighted(survey: Record | None, kind: str) -> Reweighted | None:
    return _read(Reweighted, survey[kind]) if survey and survey[kind]["accuracy"] is not None else None


def _read(kind: type[T], record: Record) -> T:
    """A dataclass of numbers out of a record that has all of them by their names."""
    found = {item.name: _number(record[item.name]) for item in fields(kind)}  # type: ignore[arg-type]
    return kind(**{**found, "n": int(found["n"])})


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{quoted(value)} is no number")
    return float(value)

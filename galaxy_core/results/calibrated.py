"""What the calibration.json of some runs says, as numbers; nothing is measured here.

A file may have come from anywhere: whatever is no number where one must stand is refused.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from galaxy_core.errors import quoted
from galaxy_core.metrics.calibration import Bin
from galaxy_core.metrics.conformal import Coverage
from galaxy_core.metrics.reweighting import Reweighted
from galaxy_core.results.table import TableRow

Record = Mapping[str, Any]
T = TypeVar("T")

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

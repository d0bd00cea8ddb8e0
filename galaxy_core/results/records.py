"""What was measured of runs, kept as plain JSON in their folders: one store, one lock, one key.

A file holds one record, or several of other galaxies or at another size. A record is bound to the weights and the split
of its run and to the version of what measured it, and found by such of its values as its reader names. A shipped folder
is read and never written: what is found of a shipped run lies beside one's own. What a record says is for its reader
to check.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from galaxy_core import __version__
from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import BadFileError, GalaxyError, brief, one_line
from galaxy_core.files.atomic import write_text_atomically
from galaxy_core.files.lock import locked
from galaxy_core.metrics.resample import Estimate
from galaxy_core.results.table import TableRow
from galaxy_core.runs.names import studies_folder
from galaxy_core.runs.run import Run

FILES = tuple(
    f"{name}.json"
    for name in (
        *("focus", "agreement", "elements", "cues", "faithfulness"),
        *("visibility", "audit", "calibration", "forecast", "similarity", "fields", "sizes"),
    )
)
FOCUS, AGREEMENT, ELEMENTS, CUES, FAITHFULNESS = FILES[:5]
VISIBILITY, AUDIT, CALIBRATION, FORECAST, SIMILARITY, FIELDS, SIZES = FILES[5:]
# the heat of version 1 was of another pass than the answer
VERSIONS = dict.fromkeys(FILES, 1) | dict.fromkeys((FOCUS, AGREEMENT, ELEMENTS, FAITHFULNESS), 2)
"""Of each measurement, by the file that keeps it: to be raised where a number of it changes for the same run.

A record of another version is no record. A small world with a known answer is pinned under each number in the tests.
"""
VERSION, LOCK, RECORDS = "version", ".records.lock", "records"
BOUND = {"weights_sha256": "other weights", "split_hash": "another split"}
SECONDS_TO_WAIT = 10.0
"""For another process that keeps a record of the same run; it takes milliseconds."""
MOST_KEPT = 32
"""The oldest is dropped: files of galaxies come and go, and a folder must not grow for ever."""
MOST_BYTES = 4 * 2**20

Found = TypeVar("Found")
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Kept(Generic[Found]):
    """What the records of some runs say, by run.

    `missing` runs have no usable one, `unusable` says why in sentences; `beyond_test` were measured on galaxies other
    than their own test part, those of their training perhaps among them. `origins` say once which galaxies those are.
    A run of which the question cannot be asked is neither found nor missing.
    """

    found: dict[str, Found]
    missing: tuple[str, ...] = ()
    unusable: tuple[str, ...] = ()
    beyond_test: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()


def origin_of(run: Run, galaxies: Galaxies, part: str) -> dict[str, Any]:
    """Which galaxies a study of the run was made on, and with what: the head of every record."""
    return {
        "data": {"file": galaxies.path.name, "sha256": galaxies.sha256, "origin": galaxies.origin},
        "part": part,
        **made_of(run),
    }


def made_of(run: Run) -> dict[str, Any]:
    """Of which weights a record is, and by which version; the head where the galaxies are no file."""
    card = run.card()
    return {"galaxy_core": __version__, **{mark: card.get(mark) for mark in ("split_hash", "weights_sha256")}}


def weights_sha256(run: Run) -> str:
    """The mark of the run's weights by its card; empty where the card has none."""
    return str(run.card().get("weights_sha256") or "")


def keep(run: Run, file: str, record: Record, key: Sequence[str] = ()) -> None:
    """Put the record, with the version of its measurement, where those of the run are kept.

    It replaces the one with the same values of `key`; without a key the file holds it alone. A damaged file is begun
    anew. Two processes that keep records of one run lose none. Errors: LockedError, which names the holder, where
    another process holds them for long.
    """
    record = {**record, VERSION: VERSIONS[file]}
    path = _folder(run) / file
    with alone_with(run):
        others: list[Record] = []
        with suppress(BadFileError):
            others = [
                one for one in _read(path) if not _has(one, {name: record[name] for name in (VERSION, *key)})
            ]
        values = {RECORDS: [record, *others][:MOST_KEPT]} if key else record
        write_text_atomically(path, json.dumps(values, indent=1, allow_nan=False) + "\n")


@contextmanager
def alone_with(run: Run) -> Iterator[None]:
    """No other process changes the records of the run meanwhile: for whoever reads, changes and writes one."""
    folder = _folder(run)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / LOCK, what="writing records", patience=SECONDS_TO_WAIT):
        yield


def kept(run: Run, file: str, wanted: Record | None = None) -> dict[str, Any] | None:
    """The newest record with all the values of `wanted`, of an own or a shipped run; None where there is none.

    BadFileError where the file is damaged, or where all such records are of other weights or another split than those
    of the run's card, unless `wanted` says of which, or by another version of the measurement.
    """
    wanted, reasons = wanted or {}, []
    for path in dict.fromkeys((_folder(run) / file, run.path / file)):
        for record in _read(path):
            if _has(record, wanted):
                reason = _unfit(run, file, record, wanted)
                if not reason:
                    return record
                reasons.append(f"{path} {reason}; measure again")
    if reasons:
        raise BadFileError(reasons[0])
    return None


def is_kept(run: Run, file: str) -> bool:
    """Whether there is a file to ask."""
    return any((folder / file).is_file() for folder in (_folder(run), run.path))


def kept_of(
    asked: Iterable[tuple[Run, TableRow]],
    file: str,
    read: Callable[[TableRow, Record], Found],
    wanted: Callable[[Run], Record] = lambda run: {},
) -> Kept[Found]:
    """The record of each run with the `wanted` values, turned by `read` into what was found; none stops others."""
    found: dict[str, Found] = {}
    missing, unusable, beyond_test, origins = [], [], [], []
    for run, setting in asked:
        try:
            record = kept(run, file, wanted(run))
            if record is not None:
                with said_by_name(f"{file} of {run.name}"):
                    found[run.name] = read(setting, record)
                origins += _origin(record)
                if record.get("part", "test") != "test":
                    beyond_test.append(run.name)
        except GalaxyError as error:
            unusable.append(one_line(error))
        if run.name not in found:
            missing.append(run.name)
    told = tuple(dict.fromkeys(origins))
    return Kept(found, tuple(missing), tuple(unusable), tuple(beyond_test), told)


@contextmanager
def said_by_name(name: str) -> Iterator[None]:
    """What Python raises where a record has not what its reader wants becomes a BadFileError that names it."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        reason = f"{type(error).__name__}: {one_line(error)}"[:120]
        raise BadFileError(f"{name} is damaged ({reason}); delete it and measure again") from error


def estimate_from(plain: Any) -> Estimate:
    """An estimate as `Estimate.to_json` wrote it, NaN where there was no number; of anything else no estimate.

    Raises what Python raises there (KeyError, TypeError, ValueError, OverflowError), for `said_by_name` to say.
    """
    value, low, high = (
        math.nan if plain[name] is None else float(plain[name]) for name in ("value", "low", "high")
    )
    return Estimate(value, low, high, int(plain["n"]))


def estimates_from(plain: Any, names: Iterable[str]) -> dict[str, Estimate]:
    """The estimates of these names; errors as of `estimate_from`."""
    return {name: estimate_from(plain[name]) for name in names}


def _folder(run: Run) -> Path:
    return studies_folder() / run.name if run.is_shipped else run.path


def _has(record: Record, wanted: Record) -> bool:
    return all(name in record and record[name] == value for name, value in wanted.items())


def _unfit(run: Run, file: str, record: Record, wanted: Record) -> str:
    """Why a record says nothing of the run as it is now; empty where it does."""
    for mark, what in BOUND.items():
        if mark not in wanted and record.get(mark) is not None and record[mark] != run.card().get(mark):
            return f"is of {what} than {run.name} has now"
    return "" if record.get(VERSION) == VERSIONS[file] else "was measured otherwise than it is today"


def _read(path: Path) -> list[dict[str, Any]]:
    """The records of a file, the newest first; none where there is no file."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError("it is far too large")
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (ValueError, OSError, RecursionError) as error:
        raise BadFileError(f"{path} is damaged ({brief(error)}); delete it and measure again") from error
    records = values.get(RECORDS, [values]) if isinstance(values, dict) else None
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise BadFileError(f"{path} must hold a record or a list of records; delete it and measure again")
    return records


def _origin(record: Record) -> list[str]:
    """Which galaxies a record is of, in words; nothing where it does not say."""
    if record.get("mock_galaxies"):
        return [f"on {record['mock_galaxies']} mock galaxies, seed {record.get('mock_seed')}"]
    data = record.get("data")
    file = data.get("file") if isinstance(data, dict) else None
    return (
        [f"on the test part of {file}, unseen in training"] if file and record.get("part") == "test" else []
    )

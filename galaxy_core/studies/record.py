"""What a study found, kept as plain JSON in the run folder, with all that is needed to do it again."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from galaxy_core import __version__
from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import BadFileError, GalaxyError, brief, one_line
from galaxy_core.files.atomic import write_text_atomically
from galaxy_core.metrics.resample import Estimate
from galaxy_core.results.records import VERSION, VERSIONS
from galaxy_core.results.table import TableRow
from galaxy_core.runs.names import studies_folder
from galaxy_core.runs.run import Run

FOCUS, AGREEMENT, ELEMENTS, CUES, FAITHFULNESS = (
    f"{name}.json" for name in ("focus", "agreement", "elements", "cues", "faithfulness")
)

Found = TypeVar("Found")
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Kept(Generic[Found]):
    """What the records of some runs say, by run.

    `missing` runs have no usable one, `unusable` says why in sentences; `beyond_test` were measured on galaxies other
    than their own test part, those of their training perhaps among them. `origins` say once which galaxies those are.
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
    return {
        "galaxy_core": __version__,
        "split_hash": card.get("split_hash"),
        "weights_sha256": card.get("weights_sha256"),
    }


def keep(run: Run, name: str, record: Record) -> None:
    """Write the record, and the version of its study, into the run's folder; of a shipped run, which is never changed,
    beside one's own runs.
    """
    folder = _folder(run)
    folder.mkdir(parents=True, exist_ok=True)
    values = {VERSION: VERSIONS.get(name, 1), **record}
    write_text_atomically(folder / name, json.dumps(values, indent=1, allow_nan=False) + "\n")


def kept(run: Run, name: str) -> dict[str, Any] | None:
    """The record of that name, of an own or a shipped run; None where no study was made.

    BadFileError where it is damaged, or says that it was made of other weights or another split than those of the
    run's card, or by another version of the study.
    """
    path = _folder(run) / name
    path = path if path.is_file() else run.path / name
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, OSError, RecursionError) as error:
        raise BadFileError(
            f"{path} is damaged ({brief(error)}); delete it and make the study again"
        ) from error
    if not isinstance(record, dict):
        raise BadFileError(f"{path} must hold a JSON object; delete it and make the study again")
    card = run.card()
    for key, what in (("weights_sha256", "other weights"), ("split_hash", "another split")):
        if record.get(key) is not None and record[key] != card.get(key):
            raise BadFileError(f"{path} is of {what} than {run.name} has now; make the study again")
    if record.get(VERSION) != VERSIONS.get(name, 1):
        raise BadFileError(f"{path} was measured otherwise than it is today; make the study again")
    return record


def kept_of(
    asked: Iterable[tuple[Run, TableRow]], name: str, read: Callable[[TableRow, Record], Found]
) -> Kept[Found]:
    """The records of that name, each turned by `read` into what the study found; no record stops the others."""
    found: dict[str, Found] = {}
    missing, unusable, beyond_test, origins = [], [], [], []
    for run, setting in asked:
        try:
            record = kept(run, name)
            if record is not None:
                found[run.name] = _read(run, name, record, setting, read)
                origins += _origin(record)
                if record.get("part", "test") != "test":
                    beyond_test.append(run.name)
        except GalaxyError as error:
            unusable.append(one_line(error))
        if run.name not in found:
            missing.append(run.name)
    told = tuple(dict.fromkeys(origins))
    return Kept(found, tuple(missing), tuple(unusable), tuple(beyond_test), told)


def _folder(run: Run) -> Path:
    return studies_folder() / run.name if run.is_shipped else run.path


def _origin(record: Record) -> list[str]:
    """Which galaxies a record is of, in words; nothing where it does not say."""
    if record.get("mock_galaxies"):
        return [f"on {record['mock_galaxies']} mock galaxies, seed {record.get('mock_seed')}"]
    data = record.get("data")
    file = data.get("file") if isinstance(data, dict) else None
    return (
        [f"on the test part of {file}, unseen in training"] if file and record.get("part") == "test" else []
    )


def estimate_from(plain: Any) -> Estimate:
    """An estimate as `Estimate.to_json` wrote it, NaN where there was no number; of anything else no estimate.

    Raises what Python raises there (KeyError, TypeError, ValueError, OverflowError), for `kept_of` to say.
    """
    value, low, high = (
        math.nan if plain[name] is None else float(plain[name]) for name in ("value", "low", "high")
    )
    return Estimate(value, low, high, int(plain["n"]))


def estimates_from(plain: Any, names: Iterable[str]) -> dict[str, Estimate]:
    """The estimates of these names; errors as of `estimate_from`."""
    return {name: estimate_from(plain[name]) for name in names}


def _read(
    run: Run, name: str, record: Record, setting: TableRow, read: Callable[[TableRow, Record], Found]
) -> Found:
    try:
        return read(setting, record)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        reason = f"{type(error).__name__}: {one_line(error)}"[:120]
        raise BadFileError(
            f"{run.path / name} is not what the study writes ({reason}); make the study again"
        ) from error

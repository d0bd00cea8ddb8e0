"""What was measured of a run and some galaxies, kept as plain JSON in the run's folder.

One file may hold several records, of other galaxies or at another size; a few of a record's own values are the key it
is found by, the version of what measured it always among them. A shipped folder is read and never written. What a
record says is for its reader to check.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from galaxy_core.errors import BadFileError, brief
from galaxy_core.files.atomic import write_text_atomically
from galaxy_core.files.lock import locked
from galaxy_core.runs.run import Run

Record = dict[str, Any]

VERSIONS = {
    "calibration.json": 1,
    "forecast.json": 1,
    "similarity.json": 1,
    "cues.json": 1,
    # the heat of version 1 was of another pass than the answer
    "focus.json": 2,
    "agreement.json": 2,
    "elements.json": 2,
    "faithfulness.json": 2,
}
"""Of each measurement, by the file that keeps it: to be raised where a number of it changes for the same run.

A record of another version is no record. A small world with a known answer is pinned under each number in the tests.
"""
VERSION, LOCK = "version", ".records.lock"
SECONDS_TO_WAIT = 10.0
"""For another process that keeps a record of the same run; it takes milliseconds."""
MOST_KEPT = 32
"""The oldest is dropped: files of galaxies come and go, and a folder must not grow for ever."""
MOST_BYTES = 4 * 2**20


def keep_record(run: Run, file: str, record: Mapping[str, Any], key: Sequence[str]) -> bool:
    """Add the record, in place of one with the same values of `key`; False, and nothing written, for a shipped run.

    A damaged file is begun anew. Two processes that keep records of one run lose none.
    """
    if run.is_shipped:
        return False
    wanted = {VERSION: VERSIONS[file], **{name: record[name] for name in key}}
    with alone_with(run):
        found: list[Record] = []
        with suppress(BadFileError):
            found = _read(run.path / file)
        others = [one for one in found if not _is_of(one, wanted)]
        values = {"records": [{**record, VERSION: VERSIONS[file]}, *others][:MOST_KEPT]}
        write_text_atomically(run.path / file, json.dumps(values, indent=1, allow_nan=False) + "\n")
    return True


@contextmanager
def alone_with(run: Run) -> Iterator[None]:
    """No other process changes the records of the run meanwhile: for whoever reads, changes and writes one.

    Errors: LockedError, which names the holder, where another one holds them for long.
    """
    with locked(run.path / LOCK, what="writing records", patience=SECONDS_TO_WAIT):
        yield


def kept_record(run: Run, file: str, wanted: Mapping[str, Any]) -> Record | None:
    """The record that has all the values of `wanted` and was measured as today; None where there is none.

    BadFileError for a damaged file.
    """
    asked = {**wanted, VERSION: VERSIONS[file]}
    return next((one for one in _read(run.path / file) if _is_of(one, asked)), None)


def weights_sha256(run: Run) -> str:
    """The mark of the run's weights by its card; empty where the card has none, and then nothing is kept of it."""
    return str(run.card().get("weights_sha256") or "")


def _is_of(record: Record, wanted: Mapping[str, Any]) -> bool:
    return all(name in record and record[name] == value for name, value in wanted.items())


def _read(path: Path) -> list[Record]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError("it is far too large")
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (ValueError, RecursionError) as error:
        raise BadFileError(f"{path} is damaged ({brief(error)}); delete it and measure again") from error
    records = values.get("records") if isinstance(values, dict) else None
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise BadFileError(f"{path} must hold a list of records; delete it and measure again")
    return records

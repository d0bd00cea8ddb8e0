"""What was measured of a run and some galaxies, kept as plain JSON in the run's folder.

One file may hold several records, of other galaxies or at another size; a few of a record's own values are the key it
is found by. A shipped folder is read and never written. What a record says is for its reader to check.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from galaxy_core.data.atomic import write_text_atomically
from galaxy_core.errors import BadFileError, brief
from galaxy_core.runs.run import Run

Record = dict[str, Any]

MOST_KEPT = 32
"""The oldest is dropped: files of galaxies come and go, and a folder must not grow for ever."""
MOST_BYTES = 4 * 2**20


def keep_record(run: Run, file: str, record: Mapping[str, Any], key: Sequence[str]) -> bool:
    """Add the record, in place of one with the same values of `key`; False, and nothing written, for a shipped run.

    A damaged file is begun anew.
    """
    if run.is_shipped:
        return False
    found: list[Record] = []
    with suppress(BadFileError):
        found = _read(run.path / file)
    wanted = {name: record[name] for name in key}
    others = [one for one in found if not _is_of(one, wanted)]
    values = {"records": [record, *others][:MOST_KEPT]}
    write_text_atomically(run.path / file, json.dumps(values, indent=1, allow_nan=False) + "\n")
    return True


def kept_record(run: Run, file: str, wanted: Mapping[str, Any]) -> Record | None:
    """The record that has all the values of `wanted`; None where there is none. BadFileError for a damaged file."""
    return next((one for one in _read(run.path / file) if _is_of(one, wanted)), None)


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

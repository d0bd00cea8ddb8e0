"""What a study found, kept as plain JSON in the run folder, with all that is needed to do it again."""

from __future__ import annotations

import json
from typing import Any

from galaxy_core import __version__
from galaxy_core.data.atomic import write_text_atomically
from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import BadFileError
from galaxy_core.runs.run import Run

FOCUS, AGREEMENT, ELEMENTS, CUES, FAITHFULNESS = (
    f"{name}.json" for name in ("focus", "agreement", "elements", "cues", "faithfulness")
)


def origin_of(run: Run, galaxies: Galaxies, part: str) -> dict[str, Any]:
    """Which galaxies a study of the run was made on, and with what: the head of every record."""
    return {
        "galaxy_core": __version__,
        "data": {"file": galaxies.path.name, "sha256": galaxies.sha256, "origin": galaxies.origin},
        "part": part,
        "split_hash": run.card().get("split_hash"),
        "weights_sha256": run.card().get("weights_sha256"),
    }


def keep(run: Run, name: str, record: dict[str, Any]) -> bool:
    """Write the record into the run's folder; False, and nothing written, where the run is a shipped one."""
    if run.is_shipped:
        return False
    write_text_atomically(run.path / name, json.dumps(record, indent=1, allow_nan=False) + "\n")
    return True


def kept(run: Run, name: str) -> dict[str, Any] | None:
    """The record of that name, or None where no study was made; BadFileError where it is damaged."""
    path = run.path / name
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, OSError, RecursionError) as error:
        raise BadFileError(f"{path} is damaged ({error}); delete it and make the study again") from error
    if not isinstance(record, dict):
        raise BadFileError(f"{path} must hold a JSON object; delete it and make the study again")
    return record

"""Answers on many images that were asked for on a page: which there are, what of, by whom, and how far they are.

Each has a folder with what was asked, the shards, and what the process that makes them says. It must not know who
works.
"""

import json
import re
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from galaxy_core.errors import BadValueError, MissingError
from galaxy_core.files.atomic import write_text_atomically
from galaxy_core.prediction.plan import Plan, read_plan
from galaxy_core.prediction.shards import Course, course
from galaxy_core.runs.names import check_name, sheets_folder

ASKED = "asked.json"
SHARD_SIZE = 250
"""Pictures that a stop may lose, and that are waited for before the first are seen: some seconds of a network."""
_LONGEST = 60


@dataclass(frozen=True)
class Asked:
    """A folder of pictures, or a catalogue with its `pictures` folder and `image` column where it has others than the
    usual; and the names of the runs that answer.
    """

    path: str
    runs: tuple[str, ...]
    pictures: str | None = None
    image: str | None = None


@dataclass(frozen=True)
class Sheet:
    """What was asked, and the name under which its answers are kept."""

    name: str
    asked: Asked

    @property
    def place(self) -> Path:
        """Where its process works."""
        return sheets_folder() / check_name(self.name)

    @property
    def work(self) -> Path:
        """The folder of its shards."""
        return self.place / "answers"

    @property
    def arguments(self) -> list[str]:
        """Of `galaxy`: the command that makes it, and that carries on with it."""
        asked = self.asked
        given = [f"--images={asked.path}"]
        if not Path(asked.path).is_dir():
            given = [f"--catalogue={asked.path}"]
            given += [f"--images={asked.pictures}"] if asked.pictures else []
            given += [f"--image-column={asked.image}"] if asked.image else []
        runs = [f"--run={run}" for run in asked.runs]
        return ["predict", *runs, *given, f"--out={self.work}", f"--shard-size={SHARD_SIZE}"]

    def how_far(self) -> tuple[Plan, Course] | None:
        """The plan and how much of it is done; None before there is one. Errors: BadFileError where it is damaged."""
        try:
            plan = read_plan(self.work)
        except MissingError:
            return None
        return plan, course(self.work, plan)

    @property
    def is_done(self) -> bool:
        """Whether all of its shards are there."""
        found = self.how_far()
        return found is not None and found[1].n_done == found[0].n_shards


def new_sheet(asked: Asked) -> Sheet:
    """A sheet named after what it is of, written down; where the same was asked for and is not done, that one.

    Errors: MissingError where nothing is under that path, BadValueError for no run.
    """
    path = Path(asked.path)
    if not path.exists():
        raise MissingError(f"there is no folder or table {path} on this computer; type its whole path")
    if not asked.runs:
        raise BadValueError("no network is asked; choose at least one")
    for sheet in list_sheets():
        if sheet.asked == asked and not sheet.is_done:
            return sheet
    base = re.sub(r"[^A-Za-z0-9_]+", "-", path.stem).strip("-")[:_LONGEST] or "images"
    names = (base if i == 1 else f"{base}-{i}" for i in count(1))
    sheet = Sheet(next(name for name in names if not (sheets_folder() / name).exists()), asked)
    sheet.place.mkdir(parents=True)
    write_text_atomically(sheet.place / ASKED, json.dumps(asdict(asked)))
    return sheet


def list_sheets() -> list[Sheet]:
    """All of them, the last that was asked for first."""
    found = [(path.stat().st_mtime_ns, path) for path in sheets_folder().glob(f"[!.]*/{ASKED}")]
    sheets = (_read(path) for _, path in sorted(found, reverse=True))
    return [sheet for sheet in sheets if sheet is not None]


def _read(path: Path) -> Sheet | None:
    """None where it is damaged."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Sheet(check_name(path.parent.name), Asked(**{**values, "runs": tuple(values["runs"])}))
    except (OSError, ValueError, TypeError, KeyError, BadValueError):
        return None

"""What was asked for, written down before anything is answered, so that the same command finds its way back to it.

A plan says of what inputs, by which weights, under which options, and where one shard ends and the next begins. Whoever
carries on with other ones is refused by name. It knows no network at work.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from galaxy_core import __version__
from galaxy_core.catalogues.columns import in_words
from galaxy_core.catalogues.formats import CSV, PARQUET
from galaxy_core.catalogues.parquet_table import write_parquet
from galaxy_core.errors import BadFileError, BadValueError, MissingError, quoted
from galaxy_core.files.atomic import atomic_file, write_text_atomically
from galaxy_core.images.fits_options import FitsOptions
from galaxy_core.prediction.answer_table import time_now
from galaxy_core.prediction.inputs import (
    CatalogueInputs,
    FolderInputs,
    Inputs,
    catalogue_inputs,
    kept_names,
)
from galaxy_core.results.records import weights_sha256
from galaxy_core.runs.run import Run

PLAN, NAMES, COPY = "_plan.json", "_names", "_catalogue.parquet"
"""Who reads a folder of Parquet as one table (pyarrow, pandas, Spark) passes over what begins with `_`."""
SHARD_SIZE = 5000
"""Inputs of a shard: some minutes of a processor, which is what a kill may cost."""


@dataclass(frozen=True)
class Plan:
    """What must be the same for two answers to be one; `places` is where in NAMES a shard's names begin."""

    weights: Mapping[str, str]
    """Of each run, in their order, the hash."""
    calibrations: Mapping[str, str]
    path: str
    pictures: str | None
    """The folder of a catalogue's pictures; None where the pictures of a folder are asked about."""
    image: str | None
    sha256: str
    n: int
    is_text: bool
    kind: str
    """Of the shards: CSV or Parquet."""
    spreadsheet_safe: bool
    fits: Mapping[str, Any]
    precision: str = "float32"
    shard_size: int = SHARD_SIZE
    version: str = __version__
    made: str = field(default_factory=time_now)
    places: Mapping[str, int] = field(default_factory=dict)

    @property
    def n_shards(self) -> int:
        """At least one."""
        return max(1, -(-self.n // self.shard_size))

    @property
    def what(self) -> str:
        """Of a number of inputs."""
        return FolderInputs.what if self.pictures is None else CatalogueInputs.what

    def border(self, number: int) -> tuple[int, int]:
        """The first input of a shard, and the one behind its last."""
        if not 0 <= number < self.n_shards:
            raise BadValueError(
                f"shard {number} is none of the {self.n_shards} of the plan; they are counted from 0"
            )
        return number * self.shard_size, min((number + 1) * self.shard_size, self.n)

    def fits_options(self) -> FitsOptions:
        """How FITS images are read."""
        return FitsOptions(**self.fits)

    def difference(self, other: "Plan") -> str | None:
        """The first thing in which the other would give other answers, for "begun with …"; None where there is none."""
        if list(self.weights) != list(other.weights):
            return f"the runs {in_words(list(self.weights))}, and these are {in_words(list(other.weights))}"
        for what in ("weights", "calibrations"):
            mine, theirs = getattr(self, what), getattr(other, what)
            for run in (one for one in self.weights if mine[one] != theirs[one]):
                before, now = (one[run][:12] or "none" for one in (mine, theirs))
                return f"other {what} of {run} ({before}, and now they are {now})"
        if self.path != other.path:
            return f"another input, {quoted(self.path)}, and this is {quoted(other.path)}"
        if self.pictures != other.pictures:
            before, now = (quoted(one or "none") for one in (self.pictures, other.pictures))
            return f"other pictures, {before}, and these are {now}"
        if (self.sha256, self.n) != (other.sha256, other.n):
            return (
                f"another input: {quoted(self.path)} held {self.n} {self.what} ({self.sha256[:12]}) and now holds "
                f"{other.n} ({other.sha256[:12]})"
            )
        for name in ("version", "image", "kind", "spreadsheet_safe", "fits", "precision", "shard_size"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                return f"{name.replace('_', ' ')} {mine}, and this is {theirs}"
        return None


def plan_of(
    inputs: Inputs,
    runs: Sequence[Run],
    *,
    kind: str,
    image: str | None,
    spreadsheet_safe: bool,
    fits: FitsOptions,
    shard_size: int,
    precision: str = "float32",
) -> Plan:
    """The plan of what is asked for; reads all of the input once, for its hash."""
    return Plan(
        weights=_weights(runs),
        calibrations=_calibrations(runs),
        path=str(inputs.path.absolute()),
        pictures=None if not isinstance(inputs, CatalogueInputs) else str(inputs.pictures.folder),
        image=image,
        sha256=inputs.sha256(),
        n=inputs.n,
        is_text=inputs.is_text if isinstance(inputs, FolderInputs) else True,
        kind=CSV if kind == CSV else PARQUET,
        spreadsheet_safe=spreadsheet_safe,
        fits=asdict(fits),
        precision=precision,
        shard_size=shard_size,
    )


def write_plan(work: Path, plan: Plan, inputs: Inputs) -> Plan:
    """Begin in the folder `work`: what a shard needs to find its inputs at once, then the plan."""
    places: dict[int, int] = {}
    if isinstance(inputs, FolderInputs):
        places = inputs.keep(work / NAMES, plan.shard_size)
    elif isinstance(inputs, CatalogueInputs) and not inputs.table.is_seekable:
        table = inputs.table
        with atomic_file(work / COPY) as target:
            write_parquet(target, table.schema, table.batches(), table.metadata)
    values = {**asdict(plan), "places": {str(number): place for number, place in places.items()}}
    write_text_atomically(work / PLAN, json.dumps(values, indent=1) + "\n")
    return read_plan(work)


def read_plan(work: Path) -> Plan:
    """The plan in that folder. Errors: MissingError where there is none, BadFileError where it is damaged."""
    try:
        return Plan(**json.loads((work / PLAN).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise MissingError(
            f"there is no plan in {work}; the whole command, with its runs and input, makes one"
        ) from error
    except (ValueError, TypeError, RecursionError) as error:
        raise BadFileError(f"{work / PLAN} is damaged; remove {work} and begin anew") from error


def planned_inputs(work: Path, plan: Plan) -> Inputs:
    """The inputs that the plan is of, as they were found then."""
    path = Path(plan.path)
    if plan.pictures is None:
        root = path if path.is_dir() else path.parent
        places = {int(number): place for number, place in plan.places.items()}
        return kept_names(root, path, work / NAMES, plan.n, plan.is_text, places)
    copy = work / COPY if (work / COPY).is_file() else None
    found = catalogue_inputs(path, Path(plan.pictures), plan.image, keeps_text=plan.kind == CSV, copy=copy)
    if found.n != plan.n:
        raise BadFileError(
            f"{path} had {plan.n} rows when the plan was made, and has {found.n} now; begin anew"
        )
    if path.is_file() and found.sha256() != plan.sha256:
        raise BadFileError(f"{path} has changed since the plan was made; begin anew")
    return found


def check_weights(plan: Plan, runs: Sequence[Run]) -> None:
    """BadValueError, with the name of the run, where the plan is of other weights, or by another version."""
    for what, mine, now in (
        ("weights", plan.weights, _weights(runs)),
        ("calibrations", plan.calibrations, _calibrations(runs)),
    ):
        if run := next((one for one in mine if now.get(one) != mine[one]), None):
            raise BadValueError(f"the plan is of other {what} of {run}; begin anew in another folder")
    if plan.version != __version__:
        raise BadValueError(
            f"the plan was made by version {plan.version}, and this is {__version__}; begin anew"
        )


def _weights(runs: Sequence[Run]) -> dict[str, str]:
    return {run.name: weights_sha256(run) for run in runs}


def _calibrations(runs: Sequence[Run]) -> dict[str, str]:
    return {run.name: _sha256(run.path / "calibration.json") for run in runs}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""

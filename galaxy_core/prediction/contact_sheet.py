"""A contact sheet of answers in shards: which of them in which order, and all that is said of those that are shown.

Of all answers a few numbers each are in memory, their words and pictures of those that are asked for alone.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from galaxy_core.catalogues.columns import find_columns
from galaxy_core.catalogues.formats import open_catalogue, write_table
from galaxy_core.errors import BadFileError, GalaxyError
from galaxy_core.images.to_classify import read_view
from galaxy_core.metrics.conformal import set_in_words
from galaxy_core.prediction.answer_table import NONE, prefix_of
from galaxy_core.prediction.familiarity import unlike_training
from galaxy_core.prediction.inputs import Inputs
from galaxy_core.prediction.plan import Plan, planned_inputs
from galaxy_core.prediction.shards import left, shard_path
from galaxy_core.prediction.trust import STRANGE_SHARE
from galaxy_core.runs.run import find_run

COMING, UNSURE, STRANGEST, BY_CLASS = "as they come", "least sure first", "strangest first", "class by class"
ORDERS = (COMING, UNSURE, STRANGEST, BY_CLASS)
EVERY, STRANGE, REFUSED = "all of them", "the strange ones", "those without a class"
LEAST_STRANGE = np.float32(1 - STRANGE_SHARE)
_ANSWERS = ("predicted", "set", "strangeness", "reason")


@dataclass(frozen=True, eq=False)
class Answers:
    """What one run says of the N inputs of all shards that are there.

    number int64 (N,) of each input in the plan; `predicted` int64 (N,), -1 where there is no class; `sure` float32
    (N,), its probability, calibrated where that is known; `strangeness` float32 (N,). Both NaN where nothing is known.
    `classes` are the names of the classes, or their numbers where the run is not here.
    """

    number: np.ndarray
    predicted: np.ndarray
    sure: np.ndarray
    strangeness: np.ndarray
    classes: Sequence[str]

    @property
    def kinds(self) -> list[str]:
        """What `numbers` may be asked for: all, each class that was answered, the strange ones, the refused ones."""
        there = [self.classes[c] for c in np.unique(self.predicted[self.predicted >= 0])]
        strange = [STRANGE] if self._is_strange.any() else []
        return [EVERY, *there, *strange, *([REFUSED] if (self.predicted == NONE).any() else [])]

    def numbers(self, how: str, kind: str) -> np.ndarray:
        """Numbers int64 of the inputs of that kind in one of ORDERS; those of which nothing is known come last."""
        keys = {
            COMING: (self.number,),
            UNSURE: (self.sure,),
            STRANGEST: (-self.strangeness,),
            BY_CLASS: (-self.sure, np.where(self.predicted == NONE, len(self.classes), self.predicted)),
        }
        order = np.lexsort(keys[how])
        return np.asarray(self.number[order[self._is(kind)[order]]])

    def _is(self, kind: str) -> np.ndarray:
        if kind == STRANGE:
            return self._is_strange
        if kind == REFUSED:
            return np.asarray(self.predicted == NONE)
        if kind in self.classes:
            return np.asarray(self.predicted == list(self.classes).index(kind))
        return np.ones(len(self.number), bool)

    @property
    def _is_strange(self) -> np.ndarray:
        return np.asarray(self.strangeness >= LEAST_STRANGE)


@dataclass(frozen=True)
class Card:
    """One answer: `probability` is the calibrated one where there is one, and then `raw` stands beside it.

    `classes`: the conformal set in words, "" where there is none; `reason`: why there is no class, else "". `place`:
    what the table says of its right ascension and declination, None where it has not both.
    """

    name: str
    answer: str = ""
    probability: float = 0.0
    raw: float | None = None
    classes: str = ""
    is_strange: bool = False
    reason: str = ""
    place: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """A small picture, uint8 (side, side, 3), and whether it looks unlike what networks learn from."""

    pixels: np.ndarray
    is_unlike: bool


def read_answers(work: Path, plan: Plan, run: str) -> Answers:
    """The answers of that run in the shards that are there. Errors: BadFileError where one is damaged."""
    found: list[tuple[np.ndarray, ...]] = [(np.zeros(0, np.int64),) * 4]
    n_classes = 0
    for number in _done(work, plan):
        table = _Shard(work, plan, number, run)
        n_classes = max(n_classes, table.n_classes)
        raw, calibrated = (np.fmax.reduce(table.shares(kind), axis=0) for kind in ("", "calibrated_"))
        first = plan.border(number)[0]
        found.append(
            (
                first + np.arange(len(raw)),
                table.column("predicted").astype(np.int64),
                np.where(np.isnan(calibrated), raw, calibrated),
                table.column("strangeness"),
            )
        )
    numbers, predicted, sure, strangeness = map(np.concatenate, zip(*found, strict=True))
    return Answers(numbers, predicted, sure, strangeness, _classes(run, n_classes))


def cards(work: Path, plan: Plan, run: str, numbers: Sequence[int]) -> list[Card]:
    """All that is said of these inputs, in their order."""
    shards: dict[int, _Shard] = {}
    made = []
    for number in map(int, numbers):
        shard = number // plan.shard_size
        if shard not in shards:
            shards[shard] = _Shard(work, plan, shard, run)
        made.append(shards[shard].card(number))
    return made


def thumbnails(work: Path, plan: Plan, numbers: Sequence[int], side: int) -> list[Thumbnail | None]:
    """The pictures of these inputs as they are now; None of what is not there any more or cannot be decoded."""
    try:
        inputs = planned_inputs(work, plan)
    except GalaxyError:
        return [None] * len(numbers)
    return [_thumbnail(inputs, plan, int(number), side) for number in numbers]


def table_bytes(work: Path, plan: Plan, suffix: str) -> bytes:
    """The answers of all shards that are there, as one table of the format of that suffix.

    Text that a spreadsheet would execute is made harmless in a CSV.
    """
    tables = [open_catalogue(shard_path(work, plan, number)) for number in _done(work, plan)]
    batches: Iterator[pa.RecordBatch] = (batch for table in tables for batch in table.batches())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"answers{suffix}"
        write_table(path, tables[0].schema, batches, tables[0].metadata, spreadsheet_safe=True)
        return path.read_bytes()


class _Shard:
    """The answers of one run in one shard, whose rows are those of all runs in turn."""

    def __init__(self, work: Path, plan: Plan, number: int, run: str) -> None:
        table = open_catalogue(shard_path(work, plan, number))
        prefix = prefix_of(table.names)
        if prefix is None or table.n_rows % len(plan.weights):
            raise BadFileError(f"{table.path} is no shard of answers; remove it, and carry on")
        self._prefix, self._first = prefix, plan.border(number)[0]
        self.n_classes = sum(f"{prefix}calibrated_p{c}" in table.names for c in range(len(table.names)))
        shares = [f"{kind}p{c}" for kind in ("", "calibrated_") for c in range(self.n_classes)]
        self._name = _column_of_names(table.schema, plan)
        found = find_columns(table.schema)
        self._place = [name for name in (found.ra, found.dec) if name is not None]
        carried = dict.fromkeys([*([self._name] if self._name else []), *self._place])
        wanted = [*(f"{prefix}{name}" for name in (*_ANSWERS, *shares)), *carried]
        rows = pa.Table.from_batches(
            table.batches(wanted), pa.schema([table.schema.field(w) for w in wanted])
        )
        which = np.arange(list(plan.weights).index(run), table.n_rows, len(plan.weights))
        self._rows, self._classes = rows.take(pa.array(which)), _classes(run, self.n_classes)

    def column(self, name: str) -> np.ndarray:
        """Its numbers, NaN for nulls."""
        return np.asarray(self._rows.column(f"{self._prefix}{name}").to_numpy())

    def shares(self, kind: str) -> np.ndarray:
        """Probabilities float32 (C, N), raw ("") or "calibrated_"."""
        return np.stack([self.column(f"{kind}p{c}") for c in range(self.n_classes)])

    def card(self, number: int) -> Card:
        """All that is said of one input."""
        values = {
            name: self._value(number, f"{self._prefix}{name}")
            for name in (
                *_ANSWERS,
                *(f"{kind}p{c}" for kind in ("", "calibrated_") for c in range(self.n_classes)),
            )
        }
        name, answer = self._called(number), values["predicted"]
        if answer is None or answer == NONE:
            return Card(name, reason=values["reason"] or "no reason is kept", place=self._placed(number))
        classes = self._classes
        raw, calibrated = values[f"p{answer}"], values[f"calibrated_p{answer}"]
        inside = np.isin(np.arange(len(classes)), list(map(int, (values["set"] or "").split())))
        return Card(
            name,
            classes[answer],
            raw if calibrated is None else calibrated,
            None if calibrated is None else raw,
            set_in_words(inside, classes) if inside.any() else "",
            values["strangeness"] is not None and bool(np.float32(values["strangeness"]) >= LEAST_STRANGE),
            place=self._placed(number),
        )

    def _placed(self, number: int) -> tuple[float, float] | None:
        place = [self._value(number, name) for name in self._place]
        return (float(place[0]), float(place[1])) if list(map(_is_number, place)) == [True, True] else None

    def _called(self, number: int) -> str:
        value = self._value(number, self._name) if self._name else None
        return os.fsdecode(value) if isinstance(value, bytes) else str(value or f"row {number + 1}")

    def _value(self, number: int, column: str) -> Any:
        return self._rows.column(column)[number - self._first].as_py()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) < 1e6


def _done(work: Path, plan: Plan) -> list[int]:
    missing = set(left(work, plan))
    return [number for number in range(plan.n_shards) if number not in missing]


def _column_of_names(schema: pa.Schema, plan: Plan) -> str | None:
    """Where the carried columns say what a picture is called; None where pictures are bytes without a name."""
    asked = (plan.image, f"{plan.image}.path")
    return next((name for name in asked if name in schema.names), None) or find_columns(schema).image


def _classes(run: str, n_classes: int) -> list[str]:
    """Names of the classes; the rest of the columns belongs to runs that tell more apart."""
    numbers = [f"class {c}" for c in range(n_classes)]
    try:
        names = list(find_run(run).classes)
    except GalaxyError:
        return numbers
    return [*names, *numbers[len(names) :]]


def _thumbnail(inputs: Inputs, plan: Plan, number: int, side: int) -> Thumbnail | None:
    import cv2

    try:
        _, (picture,) = next(iter(inputs.batches(number, number + 1)))
        view = read_view(picture.find(), name="the file", fits=plan.fits_options()).pixels
    except (GalaxyError, OSError, StopIteration):
        return None
    small = cv2.resize(view, (side, side), interpolation=cv2.INTER_AREA)
    return Thumbnail(small, bool(unlike_training(view)))

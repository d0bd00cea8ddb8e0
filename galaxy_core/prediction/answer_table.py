"""Answers as columns of a table: what was carried, then what each run says, a row an input and run, in order, always.

The rows come a batch at a time, as the pictures are read; a shard of a catalogue is such a table of some of its rows.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from galaxy_core import __version__
from galaxy_core.catalogues.columns import described
from galaxy_core.catalogues.pictures import Picture
from galaxy_core.errors import GalaxyError, one_line
from galaxy_core.images.fits_options import AS_THE_SURVEY, FitsOptions
from galaxy_core.prediction.inputs import Carried
from galaxy_core.prediction.predict import OK, Asked, Row, Shown, columns, predict_pictures
from galaxy_core.prediction.trust import Trust, is_calibrated
from galaxy_core.runs.run import Run

NONE = -1
"""In `predicted` where there is no class."""
COVERAGE = 0.9
"""What the sets promise."""
PREFIX = "galaxy_"
"""Before the names of the answers where a carried column has one of them."""


@dataclass(frozen=True)
class Asking:
    """Runs that are asked, with their calibrations where they have one; `problems` are those that cannot be used.

    `precision` is that of their graphs, see `serving.engine`.
    """

    runs: Sequence[Run]
    trusts: Mapping[str, Trust]
    problems: tuple[str, ...] = ()
    precision: str = "float32"

    @property
    def n_classes(self) -> int:
        """The most that a run tells apart."""
        return max(len(run.classes) for run in self.runs)


def asking(runs: Sequence[Run], precision: str = "float32") -> Asking:
    """The runs with their calibrations."""
    trusts, problems = {}, []
    for run in filter(is_calibrated, runs):
        try:
            trusts[run.name] = Trust(run)
        except GalaxyError as error:
            problems.append(f"{run.name} answers without its calibration: {one_line(error)}")
    return Asking(runs, trusts, tuple(problems), precision)


def answer_schema(carried: pa.Schema, asked: Asking) -> pa.Schema:
    """The carried columns as they are, then the answers: `run`, `predicted` … `reason`.

    Where a carried column has one of these names, in capitals or not, all answers get PREFIX before theirs.
    """
    answers = _answer_fields(asked)
    taken = {name.strip().lower() for name in carried.names}
    prefix = ""
    while any(f"{prefix}{one.name}" in taken for one in answers):
        prefix += PREFIX
    return pa.schema([*carried, *(one.with_name(f"{prefix}{one.name}") for one in answers)])


def plain_schema(asked: Asking, n_classes: int) -> pa.Schema:
    """The columns of the CSV of a folder (`predict.columns`), with what is said of them."""
    known = {field.name: field for field in _answer_fields(asked)}
    known["error"] = known["reason"].with_name("error")
    file = described("file", pa.string(), description="name below the folder, byte for byte")
    return pa.schema([file, *(known[name] for name in columns(n_classes)[1:])])


def prefix_of(names: Iterable[str]) -> str | None:
    """What stands before the names of the answers in a table that has these columns; None where it holds none."""
    found = [name.removesuffix("predicted") for name in names if name.endswith("predicted")]
    return max((one for one in found if one == PREFIX * one.count(PREFIX)), key=len, default=None)


def answered(
    lineup: Asked,
    asked: Asking,
    carried: Carried,
    schema: pa.Schema,
    *,
    show: Callable[[list[Shown]], None] | None = None,
    on_row: Callable[[Row], None] | None = None,
    is_folder: bool = False,
    first: int = 0,
    fits: FitsOptions = AS_THE_SURVEY,
) -> Iterator[pa.RecordBatch]:
    """Batches of `schema` (`answer_schema`): each input once for every run, in the order of the inputs and the runs.

    An input without a class has a row a run too, with its `reason`. `on_row` gets the rows of `predict_pictures`, whose
    `file` is the number of the row, from 1 (`first` rows came before), unless the names are those of a folder: what a
    stranger's table calls its pictures names no file here.
    """
    waiting: deque[tuple[pa.RecordBatch, int]] = deque()

    def pictures() -> Iterator[Picture]:
        n_before = first
        for batch, of_batch in (one for one in carried if one[1]):
            waiting.append((batch, len(of_batch)))
            for i, one in enumerate(of_batch, n_before + 1):
                yield one if is_folder else replace(one, name=f"row {i}")
            n_before += len(of_batch)

    classes = {run.name: run.classes for run in asked.runs}
    rows = _watched(predict_pictures(lineup, pictures(), show=show, classes=classes, fits=fits), on_row)
    for group in _by_input(rows, len(asked.runs)):
        together = [group]
        # what is here came of the oldest batch that waits, which was put there before its pictures were read
        batch, n_inputs = waiting.popleft()
        together += islice(_by_input(rows, len(asked.runs)), n_inputs - 1)
        yield _batch(batch, together, asked, schema)


def about(asked: Asking, of: str, made: str | None = None) -> dict[str, str]:
    """What a file of answers says of itself: version, time, and of each run weights, calibration and licence."""
    said = {
        "galaxy_core": __version__,
        "made": made or time_now(),
        "answers_to": of,
    } | ({} if asked.precision == "float32" else {"precision": asked.precision})
    for i, run in enumerate(asked.runs, 1):
        said[f"run_{i}"] = run.name
        said |= {
            f"run_{i}_{name}": text for name, text in _about_run(run, asked.trusts.get(run.name)).items()
        }
    return said


def time_now() -> str:
    """This second, or the one that SOURCE_DATE_EPOCH names for who builds the same bytes again."""
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(told), UTC) if told.isdecimal() else datetime.now(UTC)
    return now.isoformat(timespec="seconds")


def _about_run(run: Run, trust: Trust | None) -> dict[str, str]:
    card = run.card()
    acknowledged = card.get("acknowledgements")
    return {
        "weights_sha256": str(card.get("weights_sha256") or "not on its card"),
        "backbone": run.network.name,
        "classes": str(run.classes),
        "calibration": "none"
        if trust is None
        else f"temperature {trust.temperature:.4g}; sets hold the true class of {COVERAGE:.0%} of galaxies like those "
        f"it learned from; split {str(card.get('split_hash'))[:12]}",
        "licence": str(card.get("licence") or "none stated on its card"),
        "acknowledgements": " ".join(map(str, acknowledged)) if isinstance(acknowledged, list) else "none",
    }


def _answer_fields(asked: Asking) -> list[pa.Field]:
    classes = {tuple(run.classes) for run in asked.runs}
    names = next(iter(classes)) if len(classes) == 1 else ()
    what = [names[c] if names else f"class {c} of the run" for c in range(asked.n_classes)]
    return [
        described("run", pa.string(), description="network that answered", ucd="meta.id;meta.software"),
        described(
            "predicted",
            pa.int16(),
            null=NONE,
            description=f"number of the most probable class, {NONE} where there is none",
            ucd="meta.code.class;meta.modelled",
        ),
        described("class", pa.string(), description="its name", ucd="src.morph.type;meta.modelled"),
        *(
            described(f"p{c}", pa.float32(), description=f"probability of {name}", ucd="stat.probability")
            for c, name in enumerate(what)
        ),
        *(
            described(
                f"calibrated_p{c}",
                pa.float32(),
                description=f"probability of {name}, at the temperature fitted on held-out galaxies",
                ucd="stat.probability",
            )
            for c, name in enumerate(what)
        ),
        described(
            "set",
            pa.string(),
            description=f"numbers of the classes among which the true one is for {COVERAGE:.0%} of galaxies like those "
            "the network learned from",
            ucd="meta.code.class;meta.modelled",
        ),
        described(
            "strangeness",
            pa.float32(),
            description="share of held-out galaxies whose answer is less unusual; 0.95 or more: believe none of it",
            ucd="stat.probability",
        ),
        described("status", pa.string(), description="ok, or refused", ucd="meta.code.status"),
        described("reason", pa.string(), description="why there is no class", ucd="meta.note"),
    ]


def _watched(rows: Iterable[Row], on_row: Callable[[Row], None] | None) -> Iterator[Row]:
    for row in rows:
        if on_row:
            on_row(row)
        yield row


def _by_input(rows: Iterator[Row], n_runs: int) -> Iterator[list[Row]]:
    """The rows of each input: one a run, or the one that says why there is no class."""
    for first in rows:
        yield [first] if first.get("run") is None else [first, *islice(rows, n_runs - 1)]


def _batch(
    carried: pa.RecordBatch, groups: Sequence[Sequence[Row]], asked: Asking, schema: pa.Schema
) -> pa.RecordBatch:
    n_runs = len(asked.runs)
    rows = [row for group in groups for row in (group if len(group) == n_runs else [*group] * n_runs)]
    names = [run.name for run in asked.runs] * len(groups)
    again = carried.take(pa.array(np.repeat(np.arange(len(groups)), n_runs)))
    shares, calibrated = (np.full((len(rows), asked.n_classes), np.nan, np.float32) for _ in range(2))
    sets: list[str | None] = [None] * len(rows)
    strange = np.full(len(rows), np.nan, np.float32)
    for r, run in enumerate(asked.runs):
        of_run = [i for i in range(r, len(rows), n_runs) if rows[i]["status"] == OK]
        n = len(run.classes)
        for i in of_run:
            shares[i, :n] = [rows[i][f"p{c}"] for c in range(n)]
        if of_run and (trust := asked.trusts.get(run.name)):
            logits = np.stack([rows[i]["logits"] for i in of_run])
            for i, one in zip(of_run, trust.answers(logits, COVERAGE), strict=True):
                calibrated[i, :n] = one.probabilities
                sets[i] = " ".join(map(str, np.flatnonzero(one.is_in_set)))
                strange[i] = 1 - one.as_strange
    values: list[Any] = [
        names,
        [row.get("predicted", NONE) for row in rows],
        [row.get("class") for row in rows],
        *shares.T,
        *calibrated.T,
        sets,
        strange,
        [row["status"] for row in rows],
        [row["error"] for row in rows],
    ]
    fields = list(schema)[len(carried.schema) :]
    answers = [pa.array(v, f.type, from_pandas=True) for v, f in zip(values, fields, strict=True)]
    return pa.RecordBatch.from_arrays([*again.columns, *answers], schema=schema)

"""Answers in shards: each a file that is whole or not there, all of them together the table that was asked for.

What is done is what lies there, so a process that is killed loses the shard at work and no more; two that write the
same one write the same bytes. It must not know who works.
"""

import io
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from galaxy_core.catalogues.csv_table import write_csv
from galaxy_core.catalogues.formats import CSV, open_catalogue, write_beside, write_table
from galaxy_core.errors import BadFileError
from galaxy_core.files.atomic import atomic_file, temporary_name, write_text_atomically
from galaxy_core.files.destination import is_stream, settle, taken
from galaxy_core.prediction.answer_table import Asking, about, answer_schema, answered, plain_schema
from galaxy_core.prediction.inputs import FolderInputs, Inputs
from galaxy_core.prediction.plan import COPY, NAMES, PLAN, Plan
from galaxy_core.prediction.predict import Asked, Row, columns, predict_images, write_rows


@dataclass
class Record:
    """What came of a shard: written just before it appears. `ended` in seconds since 1970."""

    n_answers: int = 0
    n_refused: int = 0
    seconds: float = 0.0
    ended: float = 0.0


@dataclass(frozen=True)
class Course:
    """How far a plan is; the speed is that of the time in which somebody worked, None before the first shard."""

    n_done: int
    n_inputs_done: int
    n_answers: int
    n_refused: int
    inputs_per_second: float | None

    def seconds_left(self, plan: Plan) -> float | None:
        """At that speed."""
        return self.inputs_per_second and (plan.n - self.n_inputs_done) / self.inputs_per_second


def work_folder(out: Path) -> Path:
    """Where shards lie: in a folder that was asked for, or in a hidden one beside a file."""
    return out if is_folder(out) else out.with_name(f".{out.name}.shards")


def is_folder(out: Path) -> bool:
    """Whether that names a folder of shards, not a file: it is one, or ends in no suffix."""
    return not is_stream(out) and (not out.suffix or out.is_dir())


def shard_path(work: Path, plan: Plan, number: int) -> Path:
    """The name of a shard."""
    return work / f"shard-{number:05d}.{plan.kind}"


def left(work: Path, plan: Plan) -> list[int]:
    """The shards that are not there."""
    with os.scandir(work) as entries:
        there = {entry.name for entry in entries}
    return [n for n in range(plan.n_shards) if shard_path(work, plan, n).name not in there]


def write_shard(
    work: Path,
    plan: Plan,
    number: int,
    lineup: Asked,
    asked: Asking,
    inputs: Inputs,
    on_row: Callable[[Row], None] | None = None,
) -> Record:
    """Answer the inputs of one shard; the same bytes whoever does it, and when."""
    begun, record, path = time.time(), Record(), shard_path(work, plan, number)
    start, stop = plan.border(number)

    def see(row: Row) -> None:
        record.n_refused += bool(row["error"])
        record.n_answers += not row["error"]
        if on_row:
            on_row(row)

    def recorded(rows: Iterator[Any]) -> Iterator[Any]:
        yield from rows
        record.ended = time.time()
        record.seconds = record.ended - begun
        write_text_atomically(_record_path(path), json.dumps(asdict(record)))

    fits = plan.fits_options()
    if isinstance(inputs, FolderInputs) and plan.kind == CSV:
        classes = {run.name: run.classes for run in asked.runs}
        names = inputs.names(start, stop)
        rows = recorded(predict_images(lineup, names, inputs.root, classes=classes, fits=fits))
        write_rows(
            path, rows, see, n_classes=asked.n_classes, overwrite=True, spreadsheet_safe=plan.spreadsheet_safe
        )
        return record
    schema = table_schema(inputs, asked, plan.kind)
    batches = answered(
        lineup,
        asked,
        inputs.batches(start, stop),
        schema,
        on_row=see,
        is_folder=isinstance(inputs, FolderInputs),
        first=start,
        fits=fits,
    )
    of = Path(plan.path).name
    write_table(
        path,
        schema,
        recorded(batches),
        about(asked, of, plan.made),
        overwrite=True,
        spreadsheet_safe=plan.spreadsheet_safe,
    )
    return record


def table_schema(inputs: Inputs, asked: Asking, kind: str) -> pa.Schema:
    """The columns of the answers; a folder's CSV has those that scripts rely on."""
    if isinstance(inputs, FolderInputs) and kind == CSV:
        return plain_schema(asked, asked.n_classes)
    return answer_schema(inputs.schema, asked)


def course(work: Path, plan: Plan) -> Course:
    """How far it is, by what lies there."""
    missing = set(left(work, plan))
    done = [number for number in range(plan.n_shards) if number not in missing]
    records = [_record(shard_path(work, plan, number)) for number in done]
    n_inputs = sum(stop - start for start, stop in map(plan.border, done))
    busy = _seconds_at_work(records)
    return Course(
        len(done),
        n_inputs,
        sum(one.n_answers for one in records),
        sum(one.n_refused for one in records),
        n_inputs / busy if busy else None,
    )


def merge(work: Path, plan: Plan, out: Path, asked: Asking, inputs: Inputs, *, overwrite: bool) -> list[str]:
    """One file of all shards, which appears when it is whole; then the folder of the shards is gone.

    Gives back what must be said of the file, a sentence each. Killed at any moment, it is done again, or is found done
    (`is_merged`).
    """
    if os.path.lexists(out) and not overwrite:
        raise taken(out)
    made, notes = work / out.name, []
    schema, metadata = table_schema(inputs, asked, plan.kind), about(asked, Path(plan.path).name, plan.made)
    paths = [shard_path(work, plan, number) for number in range(plan.n_shards)]
    if plan.kind == CSV:
        is_plain = isinstance(inputs, FolderInputs)
        _join(made, paths, _plain_head(asked) if is_plain else _head(schema, plan.spreadsheet_safe))
        write_beside(out, schema, metadata)
    else:
        notes = write_table(made, schema, _batches(paths), metadata, overwrite=True)
    settle(made, out, overwrite=overwrite)
    clear(work)
    return notes


def is_merged(work: Path, out: Path) -> bool:
    """Whether the file is the merge of these shards, which a process that was killed had no time to clear."""
    with suppress(OSError):
        return (work / out.name).samefile(out)
    return False


def clear(work: Path) -> None:
    """Remove the hidden folder in one step, then what was in it."""
    gone = temporary_name(work)
    work.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def begin_anew(work: Path) -> None:
    """Remove plan and shards, the plan first; nothing else that lies there."""
    for name in (PLAN, NAMES, COPY):
        (work / name).unlink(missing_ok=True)
    for path in [*work.glob("shard-*.*"), *work.glob("_shard-*.json")]:
        path.unlink()


def _batches(paths: Sequence[Path]) -> Iterator[pa.RecordBatch]:
    for path in paths:
        yield from open_catalogue(path).batches()


def _join(target: Path, paths: Sequence[Path], head: bytes) -> None:
    """CSV files with the same head as one."""
    with atomic_file(target) as file:
        file.write(head)
        for path in paths:
            with path.open("rb") as shard:
                if shard.read(len(head)) != head:
                    raise BadFileError(
                        f"{path} is no shard of this table; remove it, and run the command again"
                    )
                shutil.copyfileobj(shard, file, 2**20)


def _plain_head(asked: Asking) -> bytes:
    return (",".join(columns(asked.n_classes)) + "\n").encode()


def _head(schema: pa.Schema, spreadsheet_safe: bool) -> bytes:
    target = io.BytesIO()
    write_csv(target, schema, (), spreadsheet_safe=spreadsheet_safe)
    return target.getvalue()


def _record_path(shard: Path) -> Path:
    return shard.with_name(f"_{shard.stem}.json")


def _record(shard: Path) -> Record:
    try:
        return replace(Record(), **json.loads(_record_path(shard).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise BadFileError(
            f"{_record_path(shard)} is gone or damaged; remove {shard.name} too, and run the command again"
        ) from error


def _seconds_at_work(records: Sequence[Record]) -> float:
    """How long at least one of them was made."""
    total, end = 0.0, 0.0
    for start, ended in sorted((one.ended - one.seconds, one.ended) for one in records):
        total += max(0.0, ended - max(start, end))
        end = max(end, ended)
    return total

"""Answers in shards, as `galaxy predict` asks for them: begun, carried on with, by workers; and how far they are."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from galaxy_core.cli.shell import apart
from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.chosen import finished_classifiers, open_lineup
from galaxy_core.cli.shell.predicted import Watcher, close
from galaxy_core.cli.shell.sentences import say
from galaxy_core.errors import BadFileError, BadValueError, GalaxyError, LockedError
from galaxy_core.images.fits_options import FitsOptions

if TYPE_CHECKING:
    from galaxy_core.prediction.inputs import Inputs
    from galaxy_core.prediction.plan import Plan
    from galaxy_core.runs.run import Run


@dataclass(frozen=True)
class Ask:
    """What was asked for, checked; `shard_size` None where nobody named one."""

    out: Path
    kind: str
    runs: "list[Run]"
    fits: FitsOptions
    image: str | None
    overwrite: bool
    spreadsheet_safe: bool
    shard_size: int | None
    device: str
    precision: str


def is_worth_it(out: Path, n_inputs: int, shard_size: int | None, *, is_apart: bool) -> bool:
    """Whether the answers come in shards: where that is asked for or was begun, or there is more than one shard."""
    from galaxy_core.files.destination import is_stream
    from galaxy_core.prediction.plan import SHARD_SIZE

    if is_stream(out):
        if is_apart:
            raise BadValueError(f"shards need a file or a folder to lie beside, and {out} is none; name one")
        return False
    return is_apart or n_inputs > (shard_size or SHARD_SIZE) or is_planned(out)


def is_planned(out: Path) -> bool:
    """Whether somebody has begun with these answers."""
    from galaxy_core.prediction.plan import PLAN
    from galaxy_core.prediction.shards import work_folder

    return (work_folder(out) / PLAN).is_file()


def is_merged(out: Path) -> bool:
    """Whether only the shards of these answers are left to be cleared."""
    from galaxy_core.prediction.shards import is_merged, work_folder

    return is_merged(work_folder(out), out)


def answer(
    ask: Ask,
    inputs: "Inputs",
    *,
    shard: int | None,
    only_plan: bool,
    workers: str | None,
    cluster: Path | None,
) -> None:
    """Plan, or find the plan again; answer what is left of it; make one file of it where that is asked for."""
    from galaxy_core.catalogues.formats import check_length
    from galaxy_core.prediction.shards import is_folder, work_folder

    if not is_folder(ask.out):
        check_length(ask.out, inputs.n * len(ask.runs))
    work = work_folder(ask.out)
    with _alone(ask.out, waits=shard is not None):
        plan = _planned(ask, inputs, work)
        if only_plan:
            say(
                f"{work} has the plan: {plan.n} {plan.what} in {plan.n_shards} shards, 0 to {plan.n_shards - 1}"
            )
        elif shard is None:
            _finish(ask, plan, work, workers, cluster)
    if shard is not None:
        answer_one(ask.out, shard, ask.device)


def answer_one(
    out: Path, shard: int, device: str, asked: Sequence[str] = (), named: Mapping[str, Any] | None = None
) -> None:
    """One shard of what is planned already.

    BadValueError where other runs are `asked` than the plan has, or something else is `named`, by the fields of `Plan`.
    """
    from galaxy_core.prediction.plan import check_weights, read_plan
    from galaxy_core.prediction.shards import shard_path, work_folder

    work = work_folder(out)
    plan = read_plan(work)
    start, stop = plan.border(shard)
    runs = finished_classifiers(plan.weights)
    check_weights(plan, runs)
    if asked and [one.name for one in finished_classifiers(asked)] != list(plan.weights):
        raise BadValueError(
            f"the plan in {work} is of {', '.join(plan.weights)}, and --run names others; leave it out"
        )
    if difference := plan.difference(replace(plan, **(named or {}))):
        raise BadValueError(
            f"the plan in {work} is of {difference}; leave that out, or begin anew in another --out"
        )
    if not shard_path(work, plan, shard).is_file():
        _answer_here(work, plan, [shard], runs, stop - start, device)
    typer.echo(f"shard {shard} of {plan.n_shards} is in {work}: {stop - start} {plan.what}")


def show_status(out: Path) -> None:
    """How far the answers are, how fast they come and how long the rest will take."""
    from galaxy_core.files.lock import holder
    from galaxy_core.prediction.plan import read_plan
    from galaxy_core.prediction.shards import course, work_folder

    if out.is_file() and not is_planned(out):
        typer.echo(f"{out} is whole")
        return
    work = work_folder(out)
    plan = read_plan(work)
    now, held = course(work, plan), holder(_lock_path(out))
    typer.echo(f"{now.n_done} of {plan.n_shards} shards, {now.n_inputs_done} of {plan.n} {plan.what}")
    if now.n_refused:
        typer.echo(f"{now.n_refused} {plan.what} got no class")
    if now.inputs_per_second:
        left = now.seconds_left(plan) or 0
        typer.echo(
            f"{now.inputs_per_second:.3g} {plan.what}/s while at work; {_time(left)} left at that speed"
        )
    typer.echo(
        f"at work: {held}" if held else "nobody holds it now; the command it was begun with carries on"
    )


def _planned(ask: Ask, inputs: "Inputs", work: Path) -> "Plan":
    """The plan that lies there, if it is the one of what is asked for, or a new one."""
    from galaxy_core.files.destination import require_folder
    from galaxy_core.prediction.plan import PLAN, SHARD_SIZE, plan_of, read_plan, write_plan
    from galaxy_core.prediction.shards import begin_anew

    require_folder(work)
    work.mkdir(exist_ok=True)
    known = None
    try:
        known = read_plan(work) if (work / PLAN).is_file() else None
    except BadFileError:
        if not ask.overwrite:
            raise
    now = plan_of(
        inputs,
        ask.runs,
        kind=ask.kind,
        image=ask.image,
        spreadsheet_safe=ask.spreadsheet_safe,
        fits=ask.fits,
        precision=ask.precision,
        shard_size=ask.shard_size or (known.shard_size if known else SHARD_SIZE),
    )
    difference = known and known.difference(now)
    if difference and not ask.overwrite:
        raise BadValueError(
            f"{work} was begun with {difference}; go on with what it was begun with, choose another --out, or say "
            "--overwrite to begin anew"
        )
    if known is None or difference:
        begin_anew(work)
        return write_plan(work, now, inputs)
    return known


def _finish(ask: Ask, plan: "Plan", work: Path, workers: str | None, cluster: Path | None) -> None:
    from galaxy_core.prediction.answer_table import asking
    from galaxy_core.prediction.inputs import FolderInputs
    from galaxy_core.prediction.plan import planned_inputs
    from galaxy_core.prediction.shards import clear, course, is_folder, is_merged, left, merge

    numbers = left(work, plan)
    if numbers and len(numbers) < plan.n_shards:
        say(f"{plan.n_shards - len(numbers)} of {plan.n_shards} shards are there already")
    if numbers and workers is not None:
        _answer_apart(ask, work, plan, numbers, workers, cluster)
    elif numbers:
        _answer_here(work, plan, numbers, ask.runs, plan.n, ask.device)
    end, inputs = course(work, plan), planned_inputs(work, plan)
    if is_merged(work, ask.out):
        clear(work)
    elif not is_folder(ask.out):
        for note in merge(
            work, plan, ask.out, asking(ask.runs, plan.precision), inputs, overwrite=ask.overwrite
        ):
            say(note)
        if ask.kind == plan.kind and isinstance(inputs, FolderInputs):
            for note in inputs.odd_names_in_words(ask.out):
                say(note)
    close(ask.out, end.n_answers, end.n_refused, inputs)


def _answer_here(
    work: Path, plan: "Plan", numbers: Sequence[int], runs: "Sequence[Run]", n_inputs: int, device: str
) -> None:
    from galaxy_core.prediction.answer_table import asking
    from galaxy_core.prediction.plan import planned_inputs
    from galaxy_core.prediction.shards import write_shard

    asked, inputs = asking(runs, plan.precision), planned_inputs(work, plan)
    for problem in asked.problems:
        say(problem)
    lineup = open_lineup(list(runs), device, plan.precision, for_many=True)
    n_left = sum(stop - start for start, stop in map(plan.border, numbers))
    with counting_bar("predicting") as progress:
        watcher = Watcher(n_inputs, progress, n_inputs - n_left)
        for number in numbers:
            write_shard(work, plan, number, lineup, asked, inputs, watcher.see)


def _answer_apart(
    ask: Ask, work: Path, plan: "Plan", numbers: Sequence[int], workers: str, cluster: Path | None
) -> None:
    """Each shard by a worker, which runs this command for it."""
    from galaxy_core.scale.task import Task
    from galaxy_core.scale.workers import open_workers

    environment, logs, bad = apart.handed_environment(), work / "_logs", list[str]()
    tasks = [
        Task(
            f"shard {number}",
            "galaxy_core",
            ("predict", "--out", str(ask.out.absolute()), "--shard", str(number), "--device", ask.device),
            str(Path.cwd()),
            str(logs.absolute() / f"shard-{number:05d}.log"),
            environment,
        )
        for number in numbers
    ]
    n_there = plan.n_shards - len(numbers)
    with (
        open_workers(workers, apart.settings_of(cluster), logs=str(logs.absolute()), say=say) as hands,
        counting_bar("shards", is_logged=True) as progress,
    ):
        for n_done, done in enumerate(hands.run(tasks), n_there + 1):
            progress(n_done, plan.n_shards)
            if done.exit_code != 0:
                say(f"{done.name} {apart.in_words(done)}")
                bad.append(done.name)
    if bad:
        first = ", ".join(bad[:5]) + (f" and {len(bad) - 5} more" if len(bad) > 5 else "")
        raise GalaxyError(
            f"{first} did not end well, see {logs}; the same command carries on with what is left"
        )


@contextmanager
def _alone(out: Path, *, waits: bool) -> Iterator[None]:
    from galaxy_core.files.lock import locked

    try:
        with locked(_lock_path(out), what=f"answers for {out.name}", patience=None if waits else 1):
            yield
    except LockedError as error:
        raise BadValueError(
            f"another process makes {out} just now; see how far it is with `galaxy predict --status {out}`"
        ) from error


def _lock_path(out: Path) -> Path:
    return out.with_name(f".{out.name}.lock")


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{seconds / 60:.1f} min"

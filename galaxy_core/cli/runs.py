"""`galaxy runs`: what there is, one run in full, and what may be done with run folders."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from galaxy_core.cli.import_run import import_
from galaxy_core.cli.shell.listing import listing
from galaxy_core.cli.shell.output import Overwrite, check_out, size_in_words, tell
from galaxy_core.cli.shell.sentences import print_json, say
from galaxy_core.cli.shell.source_card import held_out_sentence
from galaxy_core.errors import BadValueError, GalaxyError, one_line

if TYPE_CHECKING:
    from galaxy_core.runs.run import Run
    from galaxy_core.runs.status import Status

app = typer.Typer(
    help="Run folders: list, show, stop, rename, delete, pack, unpack, import.", no_args_is_help=True
)
app.command("import")(import_)
Name = Annotated[str, typer.Argument(metavar="RUN", help="The name of a run.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("list")
def list_(
    every_fold: Annotated[
        bool, typer.Option("--every-fold", help="A line for each fold of a cross-validation.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """All runs, own and shipped."""
    from galaxy_core.runs.run import list_runs

    summaries = [_summary(run) for run in list_runs()]
    if as_json:
        print_json({"runs": summaries})
    elif summaries:
        typer.echo(listing(summaries, every_fold))
        for one in summaries:
            if one["state"] == "damaged":
                say(one["sentence"])
    else:
        typer.echo(
            "There are no runs yet. Begin with: galaxy reproduce --data mock --preset quick --name first"
        )


@app.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """One run: what was asked, how it is doing, what came of it."""
    from galaxy_core.runs.run import find_run

    run = find_run(name)
    values = _everything(run)
    if as_json:
        print_json(values)
    else:
        _print_everything(run, values)


@app.command()
def stop(name: Name) -> None:
    """Stop a run, or the sweep of that name, at the end of a batch; it can be carried on."""
    from galaxy_core.runs.launch import stop_all
    from galaxy_core.runs.run import resolve_runs

    states = {run: run.status().state for run in resolve_runs([name])}
    waiting = [run for run, state in states.items() if state == "queued"]
    # a stand-in source is trained inside the sweep and does not have its name
    states |= {source: source.status().state for source in _sources_under_way(waiting)}
    running = [run for run, state in states.items() if state == "running"]
    if not running and not waiting:
        raise BadValueError(f"{name} is not being trained; carry on with `galaxy train --run {name}`")
    chosen = running or [run for run, state in states.items() if state == "queued"]
    stop_all(chosen)
    for run in chosen:
        typer.echo(f"{run.name}: {run.status().sentence}")


@app.command()
def rename(name: Name, new_name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Give an own run another name."""
    from galaxy_core.runs.run import rename_run

    typer.echo(f"{name} is now {rename_run(name, new_name).name}")


@app.command()
def delete(
    name: Name, yes: Annotated[bool, typer.Option("--yes", help="Do not ask, at a terminal, first.")] = False
) -> None:
    """Delete an own run with all its files."""
    from galaxy_core.runs.run import delete_run, find_run

    run = find_run(name)
    # a script is not asked: what it names is what it means
    if not yes and sys.stdin.isatty() and not typer.confirm(f"Delete {run.path} for good?", err=True):
        say(f"{name} was kept")
        return
    delete_run(name)
    typer.echo(f"deleted {name}")


@app.command()
def pack(
    name: Name, out: Annotated[Path, typer.Option(help="The zip to write.")], overwrite: Overwrite = False
) -> None:
    """Write a finished run to one zip file, to hand on."""
    from galaxy_core.runs.pack import pack_run
    from galaxy_core.runs.run import find_run

    check_out(out, overwrite)
    path = pack_run(find_run(name), out, overwrite=overwrite)
    tell(out, f"{name} is in {path}{size_in_words(path)}")


@app.command()
def unpack(
    file: Annotated[Path, typer.Argument(help="A zip written by `galaxy runs pack`.")],
    name: Annotated[str | None, typer.Option(help="Another name than its own.")] = None,
) -> None:
    """Make a run of a packed one, every file of it checked."""
    from galaxy_core.transfer.weights.receive import receive_run

    run = receive_run(file, name=name)
    typer.echo(f"{run.name} is in {run.path}")


def _sources_under_way(waiting: "list[Run]") -> "list[Run]":
    """Runs that are being trained, or wait for it, because the waiting ones take their weights."""
    from galaxy_core.runs.run import list_runs

    wanted = {run.config.source for run in waiting if not run.is_source}
    return [run for run in list_runs() if run.name in wanted and run.status().is_active]


def _summary(run: "Run") -> dict[str, Any]:
    """One line of the list; a run that cannot be read is a line that says so."""
    where = "shipped" if run.is_shipped else "own"
    try:
        return {"name": run.name, **_readable_summary(run), "where": where}
    except GalaxyError as error:
        return {"name": run.name, "state": "damaged", "sentence": one_line(error), "where": where}


def _readable_summary(run: "Run") -> dict[str, Any]:
    from galaxy_core.results.cross_validation import is_fold
    from galaxy_core.results.table import is_source, table_rows

    status = run.status()
    found: dict[str, Any] = {"state": status.state, "sentence": status.sentence}
    if is_source(run):
        return {**found, "policy": "(source)"}
    (row,) = table_rows([run])
    return {
        **found,
        "under_way": _under_way(run, status),
        "policy": row.policy,
        "source": row.source,
        "imagenet_percent": row.imagenet_percent,
        "trainable_percent": row.trainable_percent,
        "test_accuracy": row.test_accuracy,
        "fold": run.config.fold if is_fold(run) else None,
    }


def _everything(run: "Run") -> dict[str, Any]:
    from galaxy_core.runs.run import CARD, CONFIG

    status = run.status()
    return {
        "name": run.name,
        "path": str(run.path),
        "shipped": run.is_shipped,
        "status": {"state": status.state, "sentence": status.sentence},
        "under_way": None if run.is_source else _under_way(run, status),
        "config": run.asked.to_json() if (run.path / CONFIG).is_file() else None,
        "card": run.card() if (run.path / CARD).is_file() else None,
        "metrics": run.measured(),
        "history": run.history(),
    }


def _under_way(run: "Run", status: "Status") -> dict[str, Any] | None:
    """Where the epoch under way is: its sentence and its numbers; None where the run is not training."""
    heartbeat = run.under_way() if status.state == "running" else None
    return None if heartbeat is None else {"sentence": heartbeat.sentence, **asdict(heartbeat)}


def _print_everything(run: "Run", values: dict[str, Any]) -> None:
    typer.echo(f"{run.name}  {values['status']['state']}: {values['status']['sentence']}")
    if values["under_way"]:
        typer.echo(values["under_way"]["sentence"])
    typer.echo(f"{run.path}\n")
    for key, value in (values["config"] or values["card"] or {}).items():
        typer.echo(f"{key:<14} {value}")
    if run.is_source and values["card"]:
        typer.echo(f"\n{held_out_sentence(values['card'])}")
    metrics = values["metrics"]
    if metrics is None:
        return
    from galaxy_core.results.render import digits
    from galaxy_core.results.render_classes import confusion_text, per_class_text

    bounds = f"{digits(metrics['accuracy_low'])}–{digits(metrics['accuracy_high'])}"
    typer.echo(f"\ntest accuracy {digits(metrics['accuracy'])} (95 % {bounds}) on {metrics['n']} galaxies")
    typer.echo(per_class_text(metrics["per_class"]) + confusion_text(metrics["confusion"]), nl=False)

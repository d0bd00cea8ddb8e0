"""The command `galaxy`: one file a verb, each of which asks the core once and shows the answer.

Nothing heavy is imported before a verb runs, so that `--help` and `runs list` answer at once.
"""

import os
import sys
from typing import Annotated, TextIO, cast

import typer

from galaxy_core import __version__
from galaxy_core.cli import (
    audit,
    cache,
    calibrate,
    compare,
    counts,
    data,
    evaluate,
    evidence,
    export,
    figure,
    models,
    predict,
    pretrain,
    report,
    reproduce,
    runs,
    similarity,
    study,
    table,
    train,
    transferability,
)
from galaxy_core.cli.shell.sentences import ForTerminal, OneSentence

app = typer.Typer(
    name="galaxy",
    cls=OneSentence,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(data.app, name="data")
app.add_typer(runs.app, name="runs")
app.add_typer(cache.app, name="cache")
for verb in (
    train.train,
    reproduce.reproduce,
    table.table,
    figure.figure,
    report.report,
    study.study,
    evidence.evidence,
    evaluate.evaluate,
    compare.compare,
    calibrate.calibrate,
    audit.audit,
    transferability.transferability,
    similarity.similarity,
    predict.predict,
    counts.counts,
    export.export,
    pretrain.pretrain,
    models.models,
):
    app.command()(verb)


def main() -> None:
    """Run the command line and leave with its exit code."""
    # TensorFlow otherwise fills standard error with advice about its own build and the graphics card that is not there
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if sys.stdout.isatty():
        sys.stdout = cast(TextIO, ForTerminal(sys.stdout))
    app(prog_name="galaxy")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"galaxy {__version__}")
        raise typer.Exit


@app.callback()
def galaxy(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """How much of a network pre-trained elsewhere should a galaxy classifier keep?"""

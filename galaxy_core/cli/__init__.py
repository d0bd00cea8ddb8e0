"""The command `galaxy`: one file a verb, each of which asks the core once and shows the answer.

Nothing heavy is imported before a verb runs, so that `--help` and `runs list` answer at once.
"""

import os
import sys
from importlib import import_module
from typing import Annotated, TextIO, cast

import typer

from galaxy_core import __version__
from galaxy_core.cli.shell.sentences import ForTerminal, OneSentence

GROUPS = ("data", "runs", "sources", "models", "cutouts", "cache")
VERBS = (
    *("explore", "train", "reproduce", "table", "figure", "report", "study", "evidence", "evaluate"),
    *("audit", "transferability", "predict", "similar", "counts", "export", "pretrain"),
)
"""In the order of `--help`; each is a function in the file of its name."""
LEASH = "GALAXY_LEASH"
"""Of `scale.task`, which is read only where a worker has started this process."""

app = typer.Typer(
    name="galaxy",
    cls=OneSentence,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for name in GROUPS:
    app.add_typer(import_module(f"{__name__}.{name}").app, name=name)
for name in VERBS:
    app.command()(getattr(import_module(f"{__name__}.{name}"), name))


def main() -> None:
    """Run the command line and leave with its exit code."""
    # TensorFlow otherwise fills standard error with advice about its own build and the graphics card that is not there
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if LEASH in os.environ:
        from galaxy_core.scale.task import end_with_parent

        end_with_parent()
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

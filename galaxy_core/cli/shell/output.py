"""Where a verb writes: the options that all such verbs share, the one check before any work, and the closing words."""

import os
from pathlib import Path
from typing import Annotated

import typer

from galaxy_core.errors import BadValueError

Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")]
SpreadsheetSafe = Annotated[
    bool,
    typer.Option(
        "--spreadsheet-safe",
        help="An apostrophe before text that a spreadsheet would run; without it every name is as it is.",
    ),
]


def check_out(
    out: Path | None,
    overwrite: bool,
    *inputs: Path | None,
    kinds: tuple[str, ...] = (),
    option: str = "--out",
    may_be_stream: bool = True,
) -> None:
    """Refuse a file that cannot or must not be written (`check_destination`), run folders and `inputs` among them.

    `kinds` are the suffixes it may have; a device or a pipe needs none. None, an option that was not given, is right.
    """
    from galaxy_core.files.destination import check_destination, is_stream

    if out is None:
        return
    if is_stream(out) and not may_be_stream:
        raise BadValueError(f"{option} {out} is no file, and a file is needed to carry on with; name one")
    given = [one for one in inputs if one is not None]
    check_destination(out, overwrite=overwrite, inputs=given, closed=_run_folder_around(out))
    if kinds and out.suffix.lower() not in kinds and not is_stream(out):
        raise BadValueError(
            f"{option} must end in {' or '.join(kinds)}, got {out.name}; the suffix says what is written"
        )


def check_beside(out: Path, overwrite: bool, *inputs: Path) -> None:
    """The same for the file beside a CSV, which says what the CSV cannot; none stands beside a device or a pipe.

    One that was left of a CSV of ours goes with it: whoever removes the CSV to make it anew need not know of it.
    """
    from galaxy_core.catalogues.csv_table import is_side_file, side_file_of
    from galaxy_core.files.destination import is_stream

    if not is_stream(out) and not is_side_file(side_file_of(out)):
        check_out(side_file_of(out), overwrite, *inputs)


def check_out_folder(out: Path | None, overwrite: bool, *inputs: Path, option: str) -> None:
    """The same for a folder that is filled: it must be new or empty, unless `overwrite`, and outside of the inputs."""
    from galaxy_core.files.destination import check_outside

    if out is None:
        return
    if not out.name or (os.path.lexists(out) and not out.is_dir()):
        raise BadValueError(f"{option} must name a folder that is new or empty, got {str(out)!r}")
    for given in (*_run_folder_around(out), *inputs):
        check_outside(out, given)
    if not overwrite and out.is_dir() and any(out.iterdir()):
        raise BadValueError(
            f"the folder {out} of {option} is not empty; choose another, or say --overwrite to replace what is there"
        )


def tell(out: Path | None, sentence: str) -> None:
    """A closing sentence on standard output, or on standard error where that may be what was written to."""
    from galaxy_core.files.destination import is_stream

    typer.echo(sentence, err=out is not None and is_stream(out))


def size_in_words(out: Path) -> str:
    """The size of what was written, in brackets; nothing where it went into a device or a pipe."""
    return f" ({out.stat().st_size / 1e6:.1f} MB)" if out.is_file() else ""


def _run_folder_around(out: Path) -> list[Path]:
    """The run folder that `out` lies in, if it does: what is in it is ours to write."""
    from galaxy_core.runs.names import own_folder, runs_folder, sheets_folder, shipped_folder

    real = Path(os.path.realpath(out))
    roots = [Path(os.path.realpath(root)) for root in (runs_folder(), shipped_folder())]
    within = [
        root / real.relative_to(root).parts[0]
        for root in roots
        if real.is_relative_to(root) and len(real.relative_to(root).parts) > 1
    ]
    no_runs = [Path(os.path.realpath(folder)) for folder in (own_folder(), sheets_folder())]
    return [folder for folder in within if folder not in no_runs]

"""`galaxy similar`: the galaxies of a file that a network takes for most like each of some images."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.chosen import finished_classifiers, galaxies_of
from galaxy_core.cli.shell.output import Overwrite, SpreadsheetSafe, check_out, tell
from galaxy_core.cli.shell.sentences import SOME_FAILED, say
from galaxy_core.errors import BadValueError

if TYPE_CHECKING:
    from galaxy_core.prediction.predict import Row


def similar(
    run: Annotated[str, typer.Option(help="The finished run whose features are compared.")],
    images: Annotated[Path, typer.Option(help="An image, or a folder of images.")],
    data: Annotated[
        Path | None,
        typer.Option(help="The file of galaxies to look among (default: that of the run's training)."),
    ] = None,
    part: Annotated[
        str,
        typer.Option(
            help="Which of them: training (what the run learned from), held out, or all; of a file that it was not "
            "trained on there is only all."
        ),
    ] = "training",
    n: Annotated[int, typer.Option("--n", min=1, max=1000, help="How many galaxies an image.")] = 6,
    most: Annotated[
        int, typer.Option(min=2, help="Look among so many galaxies at most, always the same ones.")
    ] = 2000,
    out: Annotated[Path | None, typer.Option(help="Write the table here instead: .csv.")] = None,
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
) -> None:
    """List the galaxies that a run takes for most like each image, by its final features, with their distances.

    A distance of 1 is how far a galaxy of those that are looked among commonly is from the next one. An image that
    cannot be read or shows no object is named, and the others go on (exit code 1).
    """
    from galaxy_core.catalogues.pictures import Picture
    from galaxy_core.prediction.inputs import folder_inputs
    from galaxy_core.prediction.predict import write_rows
    from galaxy_core.prediction.similar import COLUMNS, similar_rows, space_of

    check_out(out, overwrite, images, data, kinds=(".csv",))
    runs = finished_classifiers([run])
    if len(runs) > 1:
        raise BadValueError(
            f"{run} names {len(runs)} runs, and the features of one are compared; name one of them"
        )
    inputs = folder_inputs(images)
    if inputs.left_out:
        say(f"{images}: {inputs.left_out}")
    galaxies = galaxies_of(runs, data)
    with counting_bar("looking at the galaxies") as progress:
        space = space_of(runs[0], galaxies, part, most, progress)
    pictures = (Picture(name, partial(inputs.root.__truediv__, name)) for name in inputs.names())
    refused: list[str] = []
    rows = _named(similar_rows(runs[0], space, galaxies, pictures, n), refused)
    if out is None:
        _print(rows)
    else:
        write_rows(out, rows, header=COLUMNS, overwrite=overwrite, spreadsheet_safe=spreadsheet_safe)
    tell(out, f"among {len(space.rows)} galaxies of {galaxies.path.name}{f', in {out}' if out else ''}")
    if refused:
        say(f"{len(refused)} of {inputs.n} images could not be looked at")
        raise typer.Exit(SOME_FAILED)


def _named(rows: "Iterator[Row]", refused: list[str]) -> "Iterator[Row]":
    """The rows as they are; those without galaxies are said, and their names put among the refused."""
    for row in rows:
        if row["error"]:
            refused.append(row["file"])
            say(f"{row['file']}: {row['error']}")
        yield row


def _print(rows: "Iterator[Row]") -> None:
    """A line a galaxy, under the name of the image."""
    last = None
    for row in rows:
        if row["error"]:
            continue
        if row["file"] != last:
            typer.echo(last := row["file"])
        typer.echo(f"{row['rank']:>4}  {row['distance']:>8.2f}  galaxy {row['row']:<7} {row['class']}")

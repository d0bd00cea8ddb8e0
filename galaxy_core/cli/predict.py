"""`galaxy predict`: classes of a stranger's images or objects as a table, and pictures of what the runs looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.chosen import finished_classifiers, open_lineup, say_if_coarse
from galaxy_core.cli.shell.heat_pictures import checked_scale, painter
from galaxy_core.cli.shell.output import (
    Overwrite,
    SpreadsheetSafe,
    check_beside,
    check_out,
    check_out_folder,
    tell,
)
from galaxy_core.cli.shell.sentences import SOME_FAILED, say
from galaxy_core.errors import BadValueError
from galaxy_core.images.fits_options import COLOURS, NATIVE_SCALE_ARCSEC, SURVEY, FitsOptions

if TYPE_CHECKING:
    import pyarrow as pa

    from galaxy_core.prediction.answer_table import Carried
    from galaxy_core.prediction.predict import Shown
    from galaxy_core.runs.run import Run


def predict(
    run: Annotated[list[str], typer.Option(help="A finished run or a sweep; may be given again.")],
    out: Annotated[
        Path, typer.Option(help="The table to write: .csv, .parquet, .fits, .vot or .ecsv, by its suffix.")
    ],
    images: Annotated[
        Path | None,
        typer.Option(help="An image, or a folder of images; with --catalogue the folder its names are in."),
    ] = None,
    catalogue: Annotated[
        Path | None,
        typer.Option(
            help="A table of objects (CSV, Parquet, FITS, VOTable, ECSV) that names or holds their images; all its "
            "columns are carried along."
        ),
    ] = None,
    image_column: Annotated[
        str | None,
        typer.Option(
            help="The column of the catalogue with the images (default: image, file or path).",
            show_default=False,
        ),
    ] = None,
    colours: Annotated[
        str,
        typer.Option(help=f"Of a FITS image: {', '.join(COLOURS)}; the first takes what its bands allow."),
    ] = SURVEY,
    bands: Annotated[
        str | None, typer.Option(help="The bands of a FITS image that does not say them, in order: grz.")
    ] = None,
    pixscale: Annotated[
        float,
        typer.Option(
            help="Arcseconds per pixel that a FITS image of known scale is brought to; 0 leaves it."
        ),
    ] = NATIVE_SCALE_ARCSEC,
    as_jpeg: Annotated[
        bool,
        typer.Option(
            "--as-jpeg", help="Put FITS images through JPEG, as the pictures are that networks learn from."
        ),
    ] = False,
    heatmaps: Annotated[
        Path | None, typer.Option(help="A folder for pictures of what each run looked at.")
    ] = None,
    heat_scale: Annotated[
        str,
        typer.Option(
            help="Which maps share a scale of colours: this-map, this-galaxy or this-page (that of the first images); "
            "or the logits that have the full colour."
        ),
    ] = "this-page",
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
) -> None:
    """Predict the class of each image of a folder or a catalogue; one that cannot be read or shows no object is named
    and the others go on (exit code 1).

    In a folder, what is an image is read whatever its name ends in; what is none and has not the name of one is left
    out and said. A catalogue has a row a run for each of its rows, in its order.
    """
    from galaxy_core.catalogues.formats import CSV, format_of

    given = [one for one in (images, catalogue) if one is not None]
    check_out(out, overwrite, *given)
    check_out_folder(heatmaps, overwrite, *given, option="--heatmaps")
    kind = format_of(out)
    if kind == CSV:
        check_beside(out, overwrite, *given)
    if not given:
        raise BadValueError(
            "nothing says where the images are; name a folder with --images, or a table with --catalogue"
        )
    if image_column is not None and catalogue is None:
        raise BadValueError(
            f"--image-column {image_column} is a column of a catalogue; name one with --catalogue"
        )
    scale = checked_scale(heat_scale)
    fits = FitsOptions(colours, bands, pixscale or None, as_jpeg)
    runs = finished_classifiers(run)
    if heatmaps:
        say_if_coarse(runs)
    show = painter(heatmaps, scale) if heatmaps else None
    wanted = _Wanted(out, kind, runs, show, fits, overwrite, spreadsheet_safe)
    if catalogue is not None:
        _predict_catalogue(wanted, catalogue, images, image_column)
    elif images is not None:
        _predict_folder(wanted, images)


@dataclass(frozen=True)
class _Wanted:
    """What was asked for, checked."""

    out: Path
    kind: str
    runs: "list[Run]"
    show: "Callable[[list[Shown]], None] | None"
    fits: FitsOptions
    overwrite: bool
    spreadsheet_safe: bool


def _predict_folder(wanted: _Wanted, images: Path) -> None:
    from galaxy_core.catalogues.formats import CSV
    from galaxy_core.images.folder import list_images
    from galaxy_core.prediction.answer_table import names_as_rows

    found = list_images(images)
    if found.left_out:
        say(f"{images}: {found.left_out_in_words}")
    root = images if images.is_dir() else images.parent
    if wanted.kind == CSV:
        _write_plain_csv(wanted, found.names, root)
        return
    schema, rows = names_as_rows(found.names, root)
    _write_answers(wanted, schema, rows, len(found.names), images.absolute().name, is_folder=True)


def _predict_catalogue(wanted: _Wanted, path: Path, folder: Path | None, image_column: str | None) -> None:
    from galaxy_core.catalogues.formats import CSV, open_catalogue
    from galaxy_core.catalogues.pictures import Pictures

    if folder is not None and not folder.is_dir():
        raise BadValueError(f"--images {folder} is no folder; with --catalogue it is where its names lie")
    table = open_catalogue(path, keeps_text=wanted.kind == CSV)
    pictures = Pictures(table, folder=folder, image=image_column)
    _write_answers(wanted, pictures.schema, pictures.batches(), table.n_rows, path.name, is_folder=False)


def _write_answers(
    wanted: _Wanted,
    carried: "pa.Schema",
    rows: "Carried",
    n_inputs: int,
    of: str,
    *,
    is_folder: bool,
) -> None:
    """The table of answers to so many files of a folder, or rows of a catalogue."""
    from galaxy_core.catalogues.formats import check_length, write_table
    from galaxy_core.prediction.answer_table import about, answer_schema, answered, asking

    check_length(wanted.out, n_inputs * len(wanted.runs))
    asked = asking(wanted.runs)
    for problem in asked.problems:
        say(problem)
    schema = answer_schema(carried, asked)
    if (first := schema.names[len(carried)]) != "run":
        say(f"the table has columns of the names of answers, so the answers are called {first} and so on")
    lineup, metadata = open_lineup(wanted.runs), about(asked, of)
    with counting_bar("predicting") as progress:
        watcher = _Watcher(n_inputs, progress)
        notes = write_table(
            wanted.out,
            schema,
            answered(
                lineup,
                asked,
                rows,
                schema,
                show=wanted.show,
                on_row=watcher.see,
                is_folder=is_folder,
                fits=wanted.fits,
            ),
            metadata,
            overwrite=wanted.overwrite,
            spreadsheet_safe=wanted.spreadsheet_safe,
        )
    for note in notes:
        say(note)
    _close(wanted, watcher.n_answers, watcher.n_refused, n_inputs, "files" if is_folder else "rows")


def _write_plain_csv(wanted: _Wanted, names: list[str], root: Path) -> None:
    """The CSV of a folder, whose columns scripts rely on."""
    from galaxy_core.catalogues.formats import write_beside
    from galaxy_core.prediction.answer_table import about, asking, plain_schema
    from galaxy_core.prediction.predict import most_classes, predict_images, write_rows

    classes = {one.name: one.classes for one in wanted.runs}
    n_classes = most_classes(classes)
    lineup = open_lineup(wanted.runs)
    with counting_bar("predicting") as progress:
        watcher = _Watcher(len(names), progress)
        counts = write_rows(
            wanted.out,
            predict_images(lineup, names, root, show=wanted.show, classes=classes, fits=wanted.fits),
            watcher.see,
            n_classes=n_classes,
            overwrite=wanted.overwrite,
            spreadsheet_safe=wanted.spreadsheet_safe,
        )
    asked = asking(wanted.runs)
    write_beside(wanted.out, plain_schema(asked, n_classes), about(asked, root.absolute().name))
    n_odd = sum(not _is_utf8(name) for name in names)
    if n_odd:
        say(
            f"names that are not UTF-8: {n_odd}, byte for byte; read {wanted.out} with errors='surrogateescape'"
        )
    _close(wanted, counts.n_rows - counts.n_errors, counts.n_errors, len(names), "files")


def _close(wanted: _Wanted, n_answers: int, n_refused: int, n_inputs: int, what: str) -> None:
    tell(wanted.out, f"{n_answers} predictions of {n_inputs} {what} in {wanted.out}")
    if n_refused:
        say(f"{n_refused} of {n_inputs} {what} got no class; their reasons are in {wanted.out}")
        raise typer.Exit(SOME_FAILED)


def _is_utf8(name: str) -> bool:
    return not any("\udc80" <= character <= "\udcff" for character in name)


class _Watcher:
    """Moves the bar at each new input; names those that got no class, and what was done to read the others."""

    def __init__(self, n_inputs: int, progress: Callable[[int, int], None]) -> None:
        self.n_answers = self.n_refused = 0
        self._n_inputs, self._progress = n_inputs, progress
        self._n_seen, self._last, self._shown = 0, None, set[str]()

    def see(self, row: dict[str, Any]) -> None:
        """One row of `predict_pictures`."""
        is_new, self._last = row["file"] != self._last, row["file"]
        if is_new:
            self._n_seen += 1
            self._progress(self._n_seen, self._n_inputs)
            for note in row.get("notes", ()):
                say(f"{row['file']}: {note}")
            how = row.get("shown", "")
            if how and how not in self._shown:
                self._shown.add(how)
                say(f"{row['file']}: {how} (said once for all that are alike)")
        if row["error"]:
            self.n_refused += 1
            say(f"{row['file']}: {row['error']}")
        else:
            self.n_answers += 1

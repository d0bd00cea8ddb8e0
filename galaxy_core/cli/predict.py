"""`galaxy predict`: classes of a stranger's images or objects as a table, and pictures of what the runs looked at."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from galaxy_core.cli.shell import apart
from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.chosen import (
    Device,
    Precision,
    finished_classifiers,
    open_lineup,
    say_if_coarse,
)
from galaxy_core.cli.shell.heat_pictures import checked_scale, painter
from galaxy_core.cli.shell.output import (
    Overwrite,
    SpreadsheetSafe,
    check_beside,
    check_out,
    check_out_folder,
)
from galaxy_core.cli.shell.predicted import Watcher, close
from galaxy_core.cli.shell.sentences import say
from galaxy_core.errors import BadValueError
from galaxy_core.images.fits_options import COLOURS, NATIVE_SCALE_ARCSEC, SURVEY, FitsOptions

if TYPE_CHECKING:
    from galaxy_core.prediction.inputs import FolderInputs, Inputs
    from galaxy_core.prediction.predict import Shown
    from galaxy_core.runs.run import Run


def predict(
    context: typer.Context,
    run: Annotated[
        list[str] | None, typer.Option(help="A finished run or a sweep; may be given again.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The table to write: .csv, .parquet, .fits, .vot or .ecsv, by its suffix; a name without one is a "
            "folder of Parquet files."
        ),
    ] = None,
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
    device: Device = "auto",
    precision: Precision = "float32",
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
    shard_size: Annotated[
        int | None,
        typer.Option(
            min=1, help="Inputs of a shard, which is whole or not there (default: 5000).", show_default=False
        ),
    ] = None,
    shard: Annotated[
        int | None, typer.Option(min=0, help="Answer this shard alone, counted from 0: for arrays of jobs.")
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Write the plan, say how many shards it has, and stop.")
    ] = False,
    workers: apart.Where = None,
    cluster: apart.Cluster = None,
    status: Annotated[
        Path | None, typer.Option(help="Say how far the answers of that --out are, and stop.", metavar="OUT")
    ] = None,
) -> None:
    """Predict the class of each image of a folder or a catalogue; one that cannot be read or shows no object is named
    and the others go on (exit code 1).

    In a folder, what is an image is read whatever its name ends in; what is none and has not the name of one is left
    out and said. A catalogue has a row a run for each of its rows, in its order. What is long comes in shards:
    the same command carries on where it was cut.
    """
    from galaxy_core.cli.shell import sharded
    from galaxy_core.prediction.shards import is_folder

    if status is not None:
        sharded.show_status(status)
        return
    if out is None:
        raise BadValueError("nothing says where the answers go; name a file or a folder with --out")
    if shard is not None and sharded.is_planned(out):
        sharded.answer_one(out, shard, device, run or (), _named(context))
        return
    if not run:
        raise BadValueError("nobody is asked; name a finished run with --run")
    given = [one for one in (images, catalogue) if one is not None]
    is_apart = shard is not None or plan or workers is not None or shard_size is not None or is_folder(out)
    if heatmaps and is_apart:
        raise BadValueError(
            "--heatmaps shows all pictures on one scale, so it goes with no shards; leave one out"
        )
    kind = _check_destinations(out, heatmaps, overwrite, given)
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
    wanted = _Wanted(out, kind, runs, show, fits, overwrite, spreadsheet_safe, device, precision)
    inputs = _inputs(kind, images, catalogue, image_column)
    if heatmaps is None and sharded.is_worth_it(out, inputs.n, shard_size, is_apart=is_apart):
        words = (overwrite, spreadsheet_safe, shard_size, device, precision)
        ask = sharded.Ask(out, kind, runs, fits, image_column, *words)
        sharded.answer(ask, inputs, shard=shard, only_plan=plan, workers=workers, cluster=cluster)
    else:
        _answer_at_once(wanted, inputs)


def _named(context: typer.Context) -> dict[str, Any]:
    """What the command line says of things that stand in a plan, by their names there.

    Where it names the inputs it is the whole command, and what it leaves out has its default.
    """
    values, source = context.params, context.get_parameter_source
    path = values["catalogue"] or values["images"]

    def is_named(*options: str) -> bool:
        return path is not None or any(getattr(source(one), "name", "") == "COMMANDLINE" for one in options)

    named = {one: values[one] for one in ("precision", "spreadsheet_safe", "shard_size") if is_named(one)}
    if is_named("image_column"):
        named["image"] = values["image_column"]
    fits = ("colours", "bands", "pixscale", "as_jpeg")
    if is_named(*fits):
        colours, bands, pixscale, as_jpeg = (values[one] for one in fits)
        named["fits"] = asdict(FitsOptions(colours, bands, pixscale or None, as_jpeg))
    if path is not None:
        named["path"] = str(path.absolute())
    if values["catalogue"] is not None:
        named["pictures"] = str((values["images"] or path.parent).resolve())
    return {name: value for name, value in named.items() if name != "shard_size" or value}


def _check_destinations(out: Path, heatmaps: Path | None, overwrite: bool, given: list[Path]) -> str:
    """The format of what is written, once all of it may be."""
    from galaxy_core.catalogues.formats import CSV, PARQUET, format_of
    from galaxy_core.cli.shell import sharded
    from galaxy_core.prediction.shards import is_folder

    if is_folder(out):
        check_out_folder(out, overwrite or sharded.is_planned(out), *given, option="--out")
        kind = PARQUET
    else:
        may_replace = overwrite or sharded.is_merged(out)
        check_out(out, may_replace, *given)
        if (kind := format_of(out)) == CSV:
            check_beside(out, may_replace, *given)
    check_out_folder(heatmaps, overwrite, *given, option="--heatmaps")
    if not given:
        raise BadValueError(
            "nothing says where the images are; name a folder with --images, or a table with --catalogue"
        )
    return kind


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
    device: str
    precision: str


def _inputs(kind: str, images: Path | None, catalogue: Path | None, image_column: str | None) -> "Inputs":
    from galaxy_core.catalogues.formats import CSV
    from galaxy_core.prediction.inputs import catalogue_inputs, folder_inputs

    if catalogue is not None:
        if images is not None and not images.is_dir():
            raise BadValueError(f"--images {images} is no folder; with --catalogue it is where its names lie")
        return catalogue_inputs(catalogue, images, image_column, keeps_text=kind == CSV)
    assert images is not None
    found = folder_inputs(images)
    if found.left_out:
        say(f"{images}: {found.left_out}")
    return found


def _answer_at_once(wanted: _Wanted, inputs: "Inputs") -> None:
    """The table of answers in one pass, which is whole or not there."""
    from galaxy_core.catalogues.formats import CSV
    from galaxy_core.prediction.inputs import FolderInputs

    with counting_bar("predicting") as progress:
        watcher = Watcher(inputs.n, progress)
        if isinstance(inputs, FolderInputs) and wanted.kind == CSV:
            notes = _write_plain_csv(wanted, inputs, watcher)
        else:
            notes = _write_answers(wanted, inputs, watcher)
    for note in notes:
        say(note)
    close(wanted.out, watcher.n_answers, watcher.n_refused, inputs)


def _write_answers(wanted: _Wanted, inputs: "Inputs", watcher: Watcher) -> list[str]:
    from galaxy_core.catalogues.formats import check_length, write_table
    from galaxy_core.prediction.answer_table import about, answer_schema, answered, asking
    from galaxy_core.prediction.inputs import FolderInputs

    check_length(wanted.out, inputs.n * len(wanted.runs))
    asked = asking(wanted.runs, wanted.precision)
    for problem in asked.problems:
        say(problem)
    schema = answer_schema(inputs.schema, asked)
    if (first := schema.names[len(inputs.schema)]) != "run":
        say(f"the table has columns of the names of answers, so the answers are called {first} and so on")
    rows = answered(
        open_lineup(wanted.runs, wanted.device, wanted.precision, for_many=True),
        asked,
        inputs.batches(),
        schema,
        show=wanted.show,
        on_row=watcher.see,
        is_folder=isinstance(inputs, FolderInputs),
        fits=wanted.fits,
    )
    return write_table(
        wanted.out,
        schema,
        rows,
        about(asked, inputs.path.absolute().name),
        overwrite=wanted.overwrite,
        spreadsheet_safe=wanted.spreadsheet_safe,
    )


def _write_plain_csv(wanted: _Wanted, inputs: "FolderInputs", watcher: Watcher) -> list[str]:
    """The CSV of a folder, whose columns scripts rely on."""
    from galaxy_core.catalogues.formats import write_beside
    from galaxy_core.prediction.answer_table import about, asking, plain_schema
    from galaxy_core.prediction.predict import predict_images, write_rows

    asked = asking(wanted.runs, wanted.precision)
    classes = {one.name: one.classes for one in wanted.runs}
    lineup = open_lineup(wanted.runs, wanted.device, wanted.precision, for_many=True)
    write_rows(
        wanted.out,
        predict_images(
            lineup, inputs.names(), inputs.root, show=wanted.show, classes=classes, fits=wanted.fits
        ),
        watcher.see,
        n_classes=asked.n_classes,
        overwrite=wanted.overwrite,
        spreadsheet_safe=wanted.spreadsheet_safe,
    )
    schema = plain_schema(asked, asked.n_classes)
    write_beside(wanted.out, schema, about(asked, inputs.path.absolute().name))
    return inputs.odd_names_in_words(wanted.out)

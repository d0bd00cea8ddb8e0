"""`galaxy data`: get Galaxy10, look into a file of galaxies, render mock ones, import labelled images."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from galaxy_core.cli.shell import options
from galaxy_core.cli.shell.bars import IMPORTING, bytes_bar, counting_bar
from galaxy_core.cli.shell.output import Overwrite, check_out, tell
from galaxy_core.cli.shell.sentences import print_json, say
from galaxy_core.errors import BadValueError, MissingError, StoppedError
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone

if TYPE_CHECKING:
    from galaxy_core.data.classes import Classes
    from galaxy_core.data.folder import ImportSummary
    from galaxy_core.data.galaxy10 import Galaxies

app = typer.Typer(
    help="Galaxies: get Galaxy10, look into a file, render mock ones, import a folder.", no_args_is_help=True
)


@app.command()
def info(
    file: Annotated[Path, typer.Argument(help="A file in the Galaxy10 DECaLS layout.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check a file and say what is in it."""
    from galaxy_core.data.galaxy10 import open_galaxies
    from galaxy_core.data.pixel_scale import scales_in_words

    with counting_bar("reading") as progress:
        galaxies = open_galaxies(file, progress=progress)
    values = _describe(galaxies)
    if as_json:
        print_json(values)
        return
    typer.echo(f"{galaxies.path}\n{values['n']} galaxies, {values['origin']}, sha256 {galaxies.sha256}")
    for item in values["classes"]:
        typer.echo(f"{item['class']}  {item['name']:<24}{item['n']:>6}")
    typer.echo(f"without coordinates: {values['n_without_coordinates']}")
    typer.echo(f"pixel scale: {scales_in_words(values['pixel_scales_arcsec'])}")


@app.command()
def fetch(
    out: Annotated[
        Path | None, typer.Option(help="The file to write (default: Galaxy10_DECals.h5).", show_default=False)
    ] = None,
    from_file: Annotated[
        Path | None, typer.Option("--from", help="Check and copy this file instead of fetching one.")
    ] = None,
    imagenet: Annotated[
        bool,
        typer.Option("--imagenet", help="ImageNet weights of the backbone instead, where Keras keeps them."),
    ] = False,
    overwrite: Overwrite = False,
    backbone: options.NamedBackbone = DEFAULT_BACKBONE,
) -> None:
    """Get Galaxy10 DECaLS (2.5 GB) from Zenodo; run it again to carry on with an interrupted download."""
    from galaxy_core.data.fetch import FILE_NAME, fetch_galaxy10
    from galaxy_core.transfer.imagenet import fetch_imagenet, imagenet_path

    network = get_backbone(backbone)
    if imagenet and out is not None:
        raise BadValueError(
            f"--imagenet takes no --out, got {out}; leave it out, the weights go to {imagenet_path(network)}"
        )
    check_out(out, True, from_file if overwrite else None, may_be_stream=False)
    title = "ImageNet weights" if imagenet else "Galaxy10 DECaLS"
    try:
        with bytes_bar(title) as progress:
            if imagenet:
                path = fetch_imagenet(network, from_file=from_file, progress=progress, say=say)
            else:
                path = fetch_galaxy10(
                    out or FILE_NAME, from_file=from_file, progress=progress, say=say, overwrite=overwrite
                )
    except KeyboardInterrupt as stop:
        raise StoppedError("interrupted; what came so far is kept, run it again to carry on") from stop
    typer.echo(f"{title} {'are' if imagenet else 'is'} in {path}")


@app.command()
def mock(
    n: Annotated[int, typer.Option("--n", help="How many galaxies.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    seed: Annotated[int, typer.Option(help="Another seed, other galaxies.")] = 0,
    flux: Annotated[
        bool, typer.Option("--flux", help="Write the g, r and z flux of every pixel too, in nanomaggies.")
    ] = False,
    overwrite: Overwrite = False,
) -> None:
    """Render mock galaxies of the ten classes into a file in the Galaxy10 layout."""
    from galaxy_core.data.mock import write_mock_file

    check_out(out, overwrite)
    with counting_bar("rendering") as progress:
        path = write_mock_file(out, n, seed, with_flux=flux, progress=progress, overwrite=overwrite)
    tell(out, f"{n:,} mock galaxies in {path}")


@app.command()
def corrections(
    file: Annotated[Path, typer.Argument(help="A file in the Galaxy10 DECaLS layout.")],
    out: Annotated[
        Path | None, typer.Option(help="Write them as CSV, a line a galaxy, safe for a spreadsheet.")
    ] = None,
    from_file: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Take those of this CSV first (columns row, verdict, class, note, made): all of its lines or none, "
            "each where it was made later than what is kept of its galaxy.",
        ),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Show what people said of labels: doubtful, or another class, and why; `train --corrections` learns it."""
    from galaxy_core.data.corrections import corrections_csv, corrections_of, counted_in_words, ledger_of
    from galaxy_core.data.galaxy10 import open_galaxies
    from galaxy_core.files.atomic import write_text_atomically

    check_out(out, overwrite, file, from_file)
    with counting_bar("reading") as progress:
        galaxies = open_galaxies(file, progress=progress)
    if from_file is not None:
        _take_corrections(galaxies, from_file, out)
    kept = corrections_of(galaxies)
    for place in ledger_of(galaxies.path, galaxies.sha256).places:
        if place.is_file():
            tell(out, f"kept in {place}")
    tell(out, f"corrections of {galaxies.path.name}: {counted_in_words(kept)}")
    if out is not None:
        write_text_atomically(out, corrections_csv(kept, galaxies), overwrite=overwrite)
        tell(out, f"{len(kept)} corrections in {out}")
        return
    for row, one in kept.items():
        note = f": {one.note}" if one.note else ""
        is_now = one.class_name or one.verdict
        typer.echo(f"{row:>6}  {galaxies.classes[galaxies.labels[row]]} → {is_now}{note}")


def _take_corrections(galaxies: "Galaxies", path: Path, out: Path | None) -> None:
    from galaxy_core.data.corrections import ledger_of
    from galaxy_core.data.corrections_csv import read_corrections, taken_in_words

    if not path.is_file():
        raise MissingError(f"{path} does not exist; name a CSV of corrections with --from")
    found = read_corrections(path, galaxies.labels, galaxies.classes, galaxies.sha256)
    later = ledger_of(galaxies.path, galaxies.sha256).merge({str(row): one for row, one in found.items()})
    tell(out, f"{path}: {taken_in_words(len(found), len(later))}")


@app.command("import")
def import_(
    source: Annotated[
        Path,
        typer.Argument(
            help="A folder whose subfolders are the classes (spiral/a.jpg, …) or that has a labels.csv, a zip of "
            "one, or a table (Parquet, CSV, FITS, VOTable, ECSV) that names or holds images in a column image, file "
            "or path, as those of the Hugging Face Hub do."
        ),
    ],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    labels: Annotated[
        Path | None,
        typer.Option(
            help="Of a folder: a CSV with the columns file and label (ra, dec where known), where it lies elsewhere."
        ),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(
            help="The names of the classes in the order of their numbers, with commas between, or galaxy10. Needed "
            "where labels are numbers, unless all ten of Galaxy10 are there; names of subfolders, in the column label, "
            "or those that a table gives its numbers, are taken."
        ),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Make a file in the Galaxy10 layout of labelled images: folders by class, a zip of them, or a table."""
    from galaxy_core.catalogues.own_galaxies import import_own

    named = _classes_named(classes)
    check_out(out, overwrite, source, labels)
    with counting_bar(IMPORTING, is_logged=True) as progress:
        summary = import_own(
            source, out, labels=labels, classes=named, progress=progress, overwrite=overwrite
        )
    _tell_import(summary, out)


def _classes_named(classes: str | None) -> "Classes | None":
    from galaxy_core.data.classes import GALAXY10, Classes

    if classes is None:
        return None
    return (
        GALAXY10 if classes.lower() == "galaxy10" else Classes([name.strip() for name in classes.split(",")])
    )


def _tell_import(summary: "ImportSummary", out: Path) -> None:
    from galaxy_core.data.classes import GALAXY10
    from galaxy_core.data.pixel_scale import scales_in_words

    tell(out, f"{summary.n_images} images in {out}")
    if summary.are_numbers:
        mapping = ", ".join(f"{number} {name}" for number, name in enumerate(summary.classes))
        tell(out, f"labels are taken as {mapping}; --classes says otherwise")
    if summary.classes != GALAXY10:
        counted = zip(summary.classes, summary.class_counts, strict=True)
        tell(out, f"{len(summary.classes)} classes: {', '.join(f'{name} {n}' for name, n in counted)}")
    tell(out, f"pixel scale: {scales_in_words(summary.pixel_scales)} (a column pxscale says it, in arcsec)")
    if summary.left_out:
        tell(out, summary.left_out_in_words)
    for n, what in (
        (summary.n_cropped, "were not square: their central square was taken"),
        (summary.n_resized, "were brought to 256 px"),
        (
            summary.n_without_position,
            "have no position: each counts as a galaxy of its own when data are split",
        ),
    ):
        if n:
            tell(out, f"{n} {what}")
    if summary.n_without_position == summary.n_images:
        tell(
            out,
            "so none of them can be split by sky: one galaxy, or two in one cutout, may be in training and test, which "
            f"flatters every score; `galaxy audit --data {out}` finds those that look alike",
        )


def _describe(galaxies: "Galaxies") -> dict[str, Any]:
    import numpy as np

    from galaxy_core.data.pixel_scale import scale_counts

    classes = galaxies.classes
    counts = np.bincount(galaxies.labels, minlength=len(classes)).tolist()
    return {
        "path": str(galaxies.path),
        "n": len(galaxies.labels),
        "origin": galaxies.origin,
        "sha256": galaxies.sha256,
        "image_shape": list(galaxies.images.shape[1:]),
        "classes": [
            {"class": c, "name": name, "n": n}
            for c, (name, n) in enumerate(zip(classes, counts, strict=True))
        ],
        "n_without_coordinates": int(np.sum(np.isnan(galaxies.ra) | np.isnan(galaxies.dec))),
        "pixel_scales_arcsec": scale_counts(galaxies.pixel_scale),
    }

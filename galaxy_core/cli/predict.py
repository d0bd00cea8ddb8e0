"""`galaxy predict`: classes of a stranger's images, and pictures of what the runs looked at."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.chosen import finished_classifiers, open_lineup, say_if_coarse
from galaxy_core.cli.shell.output import Overwrite, SpreadsheetSafe, check_out, check_out_folder, tell
from galaxy_core.cli.shell.sentences import SOME_FAILED, say
from galaxy_core.errors import BadValueError
from galaxy_core.images.fits_options import COLOURS, NATIVE_SCALE_ARCSEC, SURVEY, FitsOptions

if TYPE_CHECKING:
    from galaxy_core.prediction.predict import Shown

LONGEST_FILE_NAME = 200  # bytes; file systems allow 255, a temporary name needs some


def predict(
    run: Annotated[list[str], typer.Option(help="A finished run or a sweep; may be given again.")],
    images: Annotated[Path, typer.Option(help="An image (FITS among them), or a folder of images.")],
    out: Annotated[Path, typer.Option(help="The CSV to write.")],
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
        float | None,
        typer.Option(help="Logits that have the full colour (default: the largest of the first images)."),
    ] = None,
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
) -> None:
    """Predict the class of each image; one that cannot be read or shows no object is named and the others go on
    (exit code 1).

    What is an image is read whatever its name ends in; what is none and has not the name of one is left out and said.
    """
    from galaxy_core.images.folder import list_images
    from galaxy_core.prediction.predict import most_classes, predict_images, write_rows

    check_out(out, overwrite, images)
    check_out_folder(heatmaps, overwrite, images, option="--heatmaps")
    if heat_scale is not None and not 0 < heat_scale < float("inf"):
        raise BadValueError(f"--heat-scale must be a positive number of logits, got {heat_scale}; try 20")
    fits = FitsOptions(colours, bands, pixscale or None, as_jpeg)
    runs = finished_classifiers(run)
    classes = {one.name: one.classes for one in runs}
    lineup = open_lineup(runs)
    root = images if images.is_dir() else images.parent
    found = list_images(images)
    names = found.names
    if found.left_out:
        say(f"{images}: {found.left_out_in_words}")
    show = _painter(heatmaps, heat_scale) if heatmaps else None
    if heatmaps:
        say_if_coarse(runs)
    with counting_bar("predicting") as progress:
        rows = predict_images(lineup, names, root, show=show, classes=classes, fits=fits)
        counts = write_rows(
            out,
            rows,
            _watcher(names, progress),
            n_classes=most_classes(classes),
            overwrite=overwrite,
            spreadsheet_safe=spreadsheet_safe,
        )
    tell(out, f"{counts.n_rows - counts.n_errors} predictions of {len(names)} files in {out}")
    n_odd = sum(not _is_utf8(name) for name in names)
    if n_odd:
        say(f"names that are not UTF-8: {n_odd}, byte for byte; read {out} with errors='surrogateescape'")
    if counts.n_errors:
        say(f"{counts.n_errors} of {len(names)} files got no class; their reasons are in {out}")
        raise typer.Exit(SOME_FAILED)


def _is_utf8(name: str) -> bool:
    return not any("\udc80" <= character <= "\udcff" for character in name)


def _watcher(names: list[str], progress: Callable[[int, int], None]) -> Callable[[dict[str, Any]], None]:
    """Moves the bar at each new file; names the files that got no class, and what was done to read the others."""
    seen, last, shown = 0, None, set[str]()

    def on_row(row: dict[str, Any]) -> None:
        nonlocal seen, last
        if row["file"] != last:
            seen, last = seen + 1, row["file"]
            progress(seen, len(names))
            for note in row.get("notes", ()):
                say(f"{row['file']}: {note}")
            how = row.get("shown", "")
            if how and how not in shown:
                shown.add(how)
                say(f"{row['file']}: {how} (said once for all that are alike)")
        if row["error"]:
            say(f"{row['file']}: {row['error']}")

    return on_row


def _painter(folder: Path, scale: float | None) -> "Callable[[list[Shown]], None]":
    """Writes a picture an answer, all on one scale, so that they may be compared."""

    def paint(answers: "list[Shown]") -> None:
        nonlocal scale
        if scale is None:
            from galaxy_core.maps.overlay import common_scale

            scale = common_scale(answer.values for answer in answers)
            say(
                f"heat maps: full colour at {scale:.3g} logits; --heat-scale {scale:.3g} gives the same again"
            )
        for answer in answers:
            _write_picture(picture_path(folder, answer.file, answer.run), answer, scale)

    return paint


def picture_path(folder: Path, file: str, run: str) -> Path:
    """Where the picture of an image and a run goes: its place below the folder, the run added to the name."""
    name = f"{Path(file).name}.{run}.png"
    if len(name.encode(errors="surrogateescape")) > LONGEST_FILE_NAME:
        mark = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:16]
        name = f"{mark}.{run}.png"
    return folder / Path(file).parent / name


def _write_picture(path: Path, answer: "Shown", scale: float) -> None:
    import cv2

    from galaxy_core.files.atomic import write_bytes_atomically
    from galaxy_core.maps.overlay import overlay

    path.parent.mkdir(parents=True, exist_ok=True)
    picture = overlay(answer.image, answer.values, scale, share=answer.view.share(answer.image.shape))
    encoded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]
    write_bytes_atomically(path, encoded.tobytes())

"""Pictures of what each run looked at, one an image and run, on the scale that is asked for."""

import hashlib
from collections.abc import Callable
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galaxy_core.cli.shell.sentences import say
from galaxy_core.errors import BadValueError

if TYPE_CHECKING:
    from galaxy_core.prediction.predict import Shown

HeatScale = Annotated[
    str,
    typer.Option(help="Which maps share a scale of colours: this-map, this-galaxy or this-page (all of it)."),
]
LONGEST_FILE_NAME = 200  # bytes; file systems allow 255, a temporary name needs some


def painter(folder: Path, wanted: str) -> "Callable[[list[Shown]], None]":
    """Writes a picture an answer on the scale that is wanted, as `checked_scale` gives it, and says in it which.

    One scale for all (this page) is that of the first images, since the others are not known yet.
    """
    from galaxy_core.maps.heat_scale import SCALES, THIS_GALAXY, THIS_MAP, THIS_PAGE, heat_scales, scale_said

    said = scale_said(wanted) if wanted in SCALES else "A scale of the caller's"
    of_all = None if wanted in SCALES else float(wanted)
    if wanted in (THIS_MAP, THIS_GALAXY):
        say(f"heat maps: {said[0].lower()}{said[1:]}; each picture's text says its full colour in logits")

    def paint(answers: "list[Shown]") -> None:
        nonlocal of_all
        by_file = [list(group) for _, group in groupby(answers, lambda one: one.file)]
        scales = heat_scales(
            [[one.values for one in group] for group in by_file], wanted if wanted in SCALES else THIS_PAGE
        )
        if wanted == THIS_PAGE and of_all is None:
            of_all = scales[0][0]
            say(
                f"heat maps: full colour at {of_all:.3g} logits; --heat-scale {of_all:.3g} gives the same again"
            )
        for answer, own in zip(chain(*by_file), chain(*scales), strict=True):
            _write_picture(picture_path(folder, answer.file, answer.run), answer, of_all or own, said)

    return paint


def checked_scale(wanted: str) -> str:
    """One of SCALES, or so many logits as text; BadValueError for anything else."""
    from galaxy_core.maps.heat_scale import SCALES

    if wanted.replace("-", " ") in SCALES:
        return wanted.replace("-", " ")
    try:
        is_number = 0 < float(wanted) < float("inf")
    except ValueError:
        is_number = False
    if not is_number:
        raise BadValueError(
            f"--heat-scale must be {', '.join(one.replace(' ', '-') for one in SCALES)} or a positive number of "
            f"logits, got {wanted}; try this-map or 20"
        )
    return wanted


def picture_path(folder: Path, file: str, run: str) -> Path:
    """Where the picture of an image and a run goes: its place below the folder, the run added to the name."""
    name = f"{Path(file).name}.{run}.png"
    if len(name.encode(errors="surrogateescape")) > LONGEST_FILE_NAME:
        mark = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:16]
        name = f"{mark}.{run}.png"
    return folder / Path(file).parent / name


def _write_picture(path: Path, answer: "Shown", scale: float, said: str) -> None:
    from PIL import Image, PngImagePlugin

    from galaxy_core.files.atomic import atomic_file
    from galaxy_core.maps.overlay import overlay

    path.parent.mkdir(parents=True, exist_ok=True)
    picture = overlay(answer.image, answer.values, scale, share=answer.view.share(answer.image.shape))
    text = PngImagePlugin.PngInfo()
    text.add_text("scale", f"{said}: full colour at {scale:.3g} logits")
    with atomic_file(path) as file:
        Image.fromarray(picture).save(file, format="PNG", pnginfo=text)

"""Pictures of what each run looked at, one an image and run, all on one scale."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from galaxy_core.cli.shell.sentences import say

if TYPE_CHECKING:
    from galaxy_core.prediction.predict import Shown

LONGEST_FILE_NAME = 200  # bytes; file systems allow 255, a temporary name needs some


def painter(folder: Path, scale: float | None) -> "Callable[[list[Shown]], None]":
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

"""The paper's table of heatmaps as one picture: a galaxy a row, a run a column, heatmap above and
superimposed below, both in the frame of what the run saw.

Each map on a scale of its own, as in the paper, or one for those of a galaxy or of the whole picture; which, and its
value in logits, is printed. A blank map says why it is blank, one of the empty sky that it is. Drawn with Pillow.
It knows neither runs nor files of galaxies: whoever asks hands over images, heatmaps and words.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from galaxy_core.data.classes import Classes
from galaxy_core.errors import BadValueError
from galaxy_core.files.atomic import atomic_file
from galaxy_core.images.view import View
from galaxy_core.maps.cam import centred_map, class_map, why_blank
from galaxy_core.maps.cells import views_in_words
from galaxy_core.maps.empty_sky import sky_in_words
from galaxy_core.maps.galaxy_mask import find_galaxy
from galaxy_core.maps.heat_scale import THIS_MAP, checked, heat_scales, scale_in_words, span_in_words
from galaxy_core.maps.overlay import DIVERGING, heat_alone, overlay, palette, seen_in_frame
from galaxy_core.numerals import percent
from galaxy_core.serving.lineup import Explained, probabilities

CELL, GAP, MARGIN = 208, 12, 40
TITLE, HEADER, CAPTION, FOOTER, LINE = 64, 44, 142, 104, 22
"""Heights in pixels: title, column heads, the words under a galaxy, colour bar, a line of the notes below it."""
NARROWEST = 940  # pixels; in a smaller picture the title and the words beside the colour bar would be cut off
INK, FAINT, PAPER, NIGHT = (28, 30, 36), (110, 114, 124), (255, 255, 255), (12, 11, 20)
RIGHT, WRONG = (0, 114, 178), (213, 94, 0)
"""Blue and vermilion of Okabe & Ito's palette, told apart by every eye; the mark is also full or hollow."""

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class FigureCell:
    """One run's answer for one galaxy: `label` heads the column ("ImageNet 20 %"), probability is of
    `predicted`, and the heatmap covers `view`, the part of the image that was classified.

    `reason` is shown in place of a heatmap; a blank one finds its own.
    """

    label: str
    heatmap: np.ndarray
    view: View
    predicted: str
    probability: float
    reason: str | None = None


@dataclass(frozen=True)
class FigureRow:
    """One galaxy, image uint8 RGB (H, W, 3), its true class ("" where unknown), and a cell for every column."""

    image: np.ndarray
    true_class: str
    cells: tuple[FigureCell, ...]


def explained_cell(
    label: str,
    of_run: Explained,
    i: int,
    classes: Classes,
    wanted: int | None = None,
    *,
    centred: bool = False,
) -> FigureCell:
    """What one run says of the i-th image it explained, with the map of the class `wanted`, or of its answer."""
    shares = probabilities(of_run.logits[i])
    predicted = int(shares.argmax())
    asked = predicted if wanted is None else wanted
    heat = (centred_map if centred else class_map)(of_run.maps[i], asked)
    reason = None if heat.any() else why_blank(heat, features=of_run.maps[i].transpose(1, 2, 0))
    return FigureCell(label, heat, of_run.view, classes[predicted], float(shares[predicted]), reason)


def draw_figure(
    galaxies: Sequence[FigureRow],
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    **how: str,
) -> None:
    """`heatmap_figure`, drawn as `how` says, as a PNG file; BadValueError where it exists, unless `overwrite`."""
    picture = Image.fromarray(heatmap_figure(galaxies, **how))
    with atomic_file(path, overwrite=overwrite) as file:
        picture.save(file, format="PNG", optimize=True)


def heatmap_figure(
    galaxies: Sequence[FigureRow],
    *,
    title: str = "Grad-CAM of the predicted class",
    colormap: str = "magma",
    scale: str = THIS_MAP,
) -> np.ndarray:
    """The picture, uint8 RGB (height, width, 3).

    Maps are rectified, as Grad-CAM is, unless the diverging colours are chosen, which show both signs. `scale` is one
    of `heat_scale.SCALES`; the page is the picture. Raises BadValueError where there is no galaxy or the rows do not
    have the same columns.
    """
    labels = _labels(galaxies)
    canvas = _Canvas(galaxies, len(labels), colormap, checked(scale))
    canvas.words((MARGIN, MARGIN // 2 + 8), title, 30)
    for column, label in enumerate(["Galaxy", *labels]):
        canvas.centred(column, TITLE + 14, label, 20, INK if column else FAINT)
    for number, galaxy in enumerate(galaxies):
        canvas.galaxy(galaxy, number, TITLE + HEADER + number * _ROW)
    canvas.footer(TITLE + HEADER + len(galaxies) * _ROW)
    return np.asarray(canvas.picture)


_ROW = 2 * CELL + GAP + CAPTION + 2 * GAP


class _Canvas:
    """Pillow's page with the columns laid out and the scales fixed."""

    def __init__(self, galaxies: Sequence[FigureRow], n_columns: int, colormap: str, scale: str) -> None:
        self._is_signed, self._colormap, self._which = colormap == DIVERGING, colormap, scale
        maps = [[cell.heatmap for cell in row.cells] for row in galaxies]
        self._scales = heat_scales(maps, scale, signed=self._is_signed)
        self._tops = {top for of_galaxy in self._scales for top in of_galaxy}
        width = max(NARROWEST, 2 * MARGIN + (n_columns + 1) * CELL + n_columns * GAP)
        views = {cell.label: cell.view for cell in galaxies[0].cells}
        self._notes = [
            line
            for note in views_in_words(views)
            for line in _wrapped(note.replace("×", "x"), width - 2 * MARGIN, 16)  # the font has no such sign
        ]
        height = TITLE + HEADER + len(galaxies) * _ROW + FOOTER + LINE * len(self._notes)
        self.picture = Image.new("RGB", (width, height), PAPER)
        self._draw = ImageDraw.Draw(self.picture)

    def words(self, place: tuple[int, int], text: str, size: int, ink: Colour = INK) -> None:
        self._draw.text(place, text, fill=ink, font=_font(size))

    def centred(self, column: int, top: int, text: str, size: int, ink: Colour = INK) -> None:
        """Text in the middle of a column, smaller where it would not fit."""
        while size > 10 and _font(size).getlength(text) > CELL:
            size -= 1
        self.words((int(_left(column) + (CELL - _font(size).getlength(text)) / 2), top), text, size, ink)

    def galaxy(self, galaxy: FigureRow, number: int, top: int) -> None:
        mask = find_galaxy(galaxy.image)
        self._paste(galaxy.image, 0, top)
        self.centred(0, top + CELL + GAP, galaxy.true_class or "class unknown", 19)
        self.centred(0, top + CELL + GAP + 26, "true class" if galaxy.true_class else "", 15, FAINT)
        for column, cell in enumerate(galaxy.cells, start=1):
            below = top + 2 * CELL + GAP + 8
            scale = self._scales[number][column - 1]
            self._cell(cell, galaxy.image, scale, column, top)
            self._caption(cell, galaxy.true_class, column, below)
            if not self._reason(cell):
                sky = sky_in_words(cell.heatmap, galaxy.image, cell.view, mask)
                self._notes_of_cell([f"full colour at {span_in_words([scale])}", sky], column, below + 48)

    def _notes_of_cell(self, notes: Sequence[str], column: int, top: int) -> None:
        lines = [line for note in notes for line in _wrapped(note, CELL, 14)]
        for number, line in enumerate(lines):
            self.centred(column, top + 18 * number, line, 14, FAINT)

    def _cell(self, cell: FigureCell, image: np.ndarray, scale: float, column: int, top: int) -> None:
        below = top + CELL + GAP
        reason, share = self._reason(cell), cell.view.share(image.shape)
        if reason:
            self._draw.rectangle(_box(column, top), fill=NIGHT)
            self._paragraph(reason, _left(column) + 14, top + 16)
            self._paste(seen_in_frame(image, share), column, below)
        else:
            values, colours = cell.heatmap, self._colormap
            self._paste(heat_alone(values, CELL, scale, share=share, colormap=colours), column, top)
            self._paste(overlay(image, values, scale, share=share, colormap=colours), column, below)

    def _caption(self, cell: FigureCell, true_class: str, column: int, top: int) -> None:
        is_right = cell.predicted == true_class
        ink = RIGHT if is_right else WRONG if true_class else INK
        self.centred(column, top, cell.predicted, 18, ink)
        probability = percent(cell.probability)
        length = _font(17).getlength(probability)
        self.centred(column, top + 25, probability, 17, ink)
        if true_class:
            x, y = int(_left(column) + (CELL - length) / 2) - 22, top + 29
            self._draw.ellipse((x, y, x + 12, y + 12), fill=ink if is_right else PAPER, outline=ink, width=2)

    def _reason(self, cell: FigureCell) -> str | None:
        if cell.reason:
            return cell.reason
        reason = why_blank(cell.heatmap)
        is_drawable = self._is_signed and np.all(np.isfinite(cell.heatmap)) and np.any(cell.heatmap)
        return None if is_drawable else reason

    def _paragraph(self, text: str, left: int, top: int) -> None:
        for number, line in enumerate(_wrapped(text, CELL - 28, 17)):
            self.words((left, top + 23 * number), line, 17, (225, 222, 235))

    def footer(self, top: int) -> None:
        """The colour bar with its numbers, what the marks mean, and what the runs see."""
        left, length, height = MARGIN, 2 * CELL + GAP, 18
        bar = np.broadcast_to(palette(self._colormap)[None], (height, 256, 3))
        self.picture.paste(
            Image.fromarray(np.ascontiguousarray(bar)).resize((length, height)), (left, top + 14)
        )
        for share, text in self._ends():
            x = left + share * (length - _font(16).getlength(text))
            self.words((int(x), top + 40), text, 16)
        what = (
            "logits per cell, for and against the class"
            if self._is_signed
            else "logits per cell, for the class"
        )
        self.words((left + length + 16, top + 2), what, 17)
        self.words((left + length + 16, top + 22), scale_in_words(self._which, self._tops), 15)
        self._legend(left + length + 16, top + 42)
        for number, note in enumerate(self._notes):
            self.words((MARGIN, top + FOOTER - 24 + LINE * number), note, 16, FAINT)

    def _ends(self) -> list[tuple[float, str]]:
        """What stands below the bar, by the share of its length."""
        low = -1.0 if self._is_signed else 0.0
        if len(self._tops) > 1:
            return [(0.0, "full colour, against" if low else "0"), (1.0, "full colour")]
        top = max(self._tops)
        return [(share, f"{top * (low + share * (1 - low)):.3g}") for share in (0.0, 0.5, 1.0)]

    def _legend(self, left: int, top: int) -> None:
        for text, ink, is_full in (("predicted right", RIGHT, True), ("predicted wrong", WRONG, False)):
            mark = (left, top + 3, left + 12, top + 15)
            self._draw.ellipse(mark, fill=ink if is_full else PAPER, outline=ink, width=2)
            self.words((left + 20, top), text, 16, ink)
            left += 170

    def _paste(self, image: np.ndarray, column: int, top: int) -> None:
        self.picture.paste(Image.fromarray(_resized(image)), (_left(column), top))


def _labels(galaxies: Sequence[FigureRow]) -> list[str]:
    if not galaxies:
        raise BadValueError("a figure needs at least one galaxy, got none; choose some images")
    labels = [cell.label for cell in galaxies[0].cells]
    for number, galaxy in enumerate(galaxies):
        if [cell.label for cell in galaxy.cells] != labels:
            raise BadValueError(
                f"every row needs the columns {labels}, row {number} has {[cell.label for cell in galaxy.cells]}; "
                "explain all galaxies by the same runs"
            )
    return labels


def _left(column: int) -> int:
    return MARGIN + column * (CELL + GAP)


def _box(column: int, top: int) -> tuple[int, int, int, int]:
    return _left(column), top, _left(column) + CELL - 1, top + CELL - 1


def _resized(image: np.ndarray) -> np.ndarray:
    """As large as a cell: a picture that is so already stays as it is."""
    return np.asarray(Image.fromarray(image).resize((CELL, CELL), Image.Resampling.LANCZOS))


def _wrapped(text: str, width: int, size: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        lines = [*lines[:-1], longer] if _font(size).getlength(longer) <= width else [*lines, word]
    return [line for line in lines if line]


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from galaxy_core.errors import BadValueError
from galaxy_core.images.view import View
from galaxy_core.maps.figure import CELL, GAP, MARGIN, FigureCell, FigureRow, draw_figure, heatmap_figure
from galaxy_core.maps.overlay import DIVERGING, palette

WHOLE = View(256, 256)
GALAXY = np.full((256, 256, 3), 90, np.uint8)


def cell(label: str, values: np.ndarray, view: View = WHOLE, **words: str) -> FigureCell:
    return FigureCell(
        label, np.float32(values), view, words.get("predicted", "Merging"), 0.8, words.get("reason")
    )


def column(picture: np.ndarray, number: int) -> np.ndarray:
    left = MARGIN + number * (CELL + GAP)
    return picture[:, left : left + CELL]


def test_each_map_of_a_figure_has_a_scale_of_its_own_unless_one_for_all_is_asked_for() -> None:
    cells = (cell("0 %", np.full((2, 2), 1.0)), cell("20 %", np.full((2, 2), 4.0)))
    own = heatmap_figure([FigureRow(GALAXY, "Merging", cells)])
    picture = heatmap_figure([FigureRow(GALAXY, "Merging", cells)], scale="this-page")
    weak, strong = palette("magma")[round(255 / 4)], palette("magma")[255]
    assert np.all(column(picture, 1) == weak, axis=-1).sum() >= CELL * CELL
    for place, one in ((2, picture), (1, own), (2, own)):
        assert np.all(column(one, place) == strong, axis=-1).sum() >= CELL * CELL


def test_heat_is_drawn_in_the_frame_of_the_view_and_the_rest_is_dimmed() -> None:
    cells = (cell("0 %", np.full((3, 3), 4.0), View(128, 96)),)
    picture = column(heatmap_figure([FigureRow(GALAXY, "Merging", cells)]), 1)
    hottest = np.all(picture == palette("magma")[255], axis=-1).sum()
    assert hottest == pytest.approx((CELL // 2) ** 2, rel=0.05)  # the heat alone fills half a side
    assert np.all(picture == 30, axis=-1).sum() > 0.6 * CELL**2  # around the superimposed one it is dark
    narrow = heatmap_figure([FigureRow(GALAXY, "Merging", cells)])
    wide = heatmap_figure([FigureRow(GALAXY, "Merging", (cell("0 %", np.full((8, 8), 4.0)),))])
    assert narrow.shape[0] >= wide.shape[0]  # and says that so few cells are too coarse to speak of


def test_a_cold_map_is_drawn_as_words_over_the_galaxy_alone() -> None:
    cold = FigureRow(GALAXY, "Merging", (cell("0 %", np.full((2, 2), -1.0)), cell("20 %", np.eye(2))))
    picture = column(heatmap_figure([cold]), 1)
    assert np.all(picture == 90, axis=-1).sum() >= CELL * CELL
    cells = (cell("0 %", np.full((2, 2), -1.0), reason="Blank."), cell("20 %", np.eye(2)))
    assert not np.array_equal(column(heatmap_figure([FigureRow(GALAXY, "Merging", cells)]), 1), picture)


def test_both_signs_show_in_diverging_colours() -> None:
    cells = (cell("0 %", np.full((2, 2), -3.0)), cell("20 %", np.full((2, 2), 3.0)))
    picture = heatmap_figure([FigureRow(GALAXY, "", cells)], colormap=DIVERGING)
    assert np.all(column(picture, 1) == palette(DIVERGING)[0], axis=-1).sum() >= CELL * CELL
    assert np.all(column(picture, 2) == palette(DIVERGING)[255], axis=-1).sum() >= CELL * CELL


def test_a_broken_map_does_not_spoil_the_others() -> None:
    cells = (cell("0 %", np.full((2, 2), np.nan)), cell("20 %", np.full((2, 2), 2.0)))
    for colormap in ("magma", DIVERGING):
        picture = heatmap_figure([FigureRow(GALAXY, "Merging", cells)], colormap=colormap)
        assert np.all(column(picture, 2) == palette(colormap)[255], axis=-1).sum() >= CELL * CELL


def test_the_picture_is_a_png_with_a_row_a_galaxy(tmp_path: Path) -> None:
    rows = [
        FigureRow(
            GALAXY[:200, :200],
            "A name far too long to fit a single column of it",
            (cell("0 %", np.eye(8), View(200, 256)),),
        )
    ]
    draw_figure(rows, tmp_path / "one.png")
    draw_figure(rows * 3, tmp_path / "three.png")
    with Image.open(tmp_path / "one.png") as one, Image.open(tmp_path / "three.png") as three:
        assert (one.format, one.mode, one.width) == ("PNG", "RGB", three.width)
        assert three.height - one.height > 4 * CELL
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.png", "three.png"]


def test_no_galaxy_and_uneven_rows_are_refused() -> None:
    with pytest.raises(BadValueError, match="at least one galaxy"):
        heatmap_figure([])
    rows = [FigureRow(GALAXY, "", (cell("0 %", np.eye(2)),)), FigureRow(GALAXY, "", ())]
    with pytest.raises(BadValueError, match="row 1 has"):
        heatmap_figure(rows)

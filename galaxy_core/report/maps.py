"""What each run looks at: the same galaxies, one of each class, on the scale of colours that was asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.data.mock import make_mock_galaxies
from galaxy_core.errors import BadValueError, GalaxyError
from galaxy_core.maps.cam import why_blank
from galaxy_core.maps.cells import views_in_words
from galaxy_core.maps.empty_sky import sky_in_words
from galaxy_core.maps.figure import FigureCell, explained_cell
from galaxy_core.maps.galaxy_mask import GalaxyMask, find_galaxy
from galaxy_core.maps.heat_scale import heat_scales, scale_said, span_in_words
from galaxy_core.maps.overlay import heat_alone, overlay, palette
from galaxy_core.numerals import percent
from galaxy_core.prediction.evaluate import part_of_all
from galaxy_core.report.markup import LeftOut, Markup, Section, element, joined, paragraphs, picture
from galaxy_core.report.rows import Material, one_of_each_setting
from galaxy_core.runs.run import CONFIG, Run
from galaxy_core.studies.shown import OpenLineup

SIDE = 168  # pixels stored, more than are shown, so that paper and fine screens stay sharp
SHOWN = 104
N_AT_ONCE = 6  # runs in one inference and one table: their weights and their columns have room
MOCK_SEED = 770_003
"""A seed of its own: trained runs have not seen these mock galaxies."""
_COLORMAP = "magma"


@dataclass(frozen=True, eq=False)
class Sample:
    """Galaxies to show: images uint8 (N, H, W, 3), labels (N,), and sentences that say where they come from."""

    images: np.ndarray
    labels: np.ndarray
    sentences: tuple[str, ...]


def maps_section(
    material: Material, galaxies: Galaxies | str, lineup_of: OpenLineup, heat_scale: str
) -> Section | LeftOut:
    """Origin, heatmap and superimposed of one galaxy of each class, by one run of each setting.

    `galaxies` is the file of the runs, or the sentence that says why it is not there: then mock galaxies are shown.
    `heat_scale` is one of `heat_scale.SCALES`: which maps share a scale.
    Errors in a checkpoint leave the section out, with their sentence: the other numbers do not rest on it.
    """
    key, title = "maps", "What the networks look at"
    runs = one_of_each_setting(material.runs)
    try:
        sample = sample_of(runs, galaxies)
        answers = _answers(runs, material.labels, sample.images, lineup_of)
    except GalaxyError as error:
        return LeftOut(key, title, f"No heatmaps: {error}.")
    return Section(key, title, _body(sample, material.classes, answers, heat_scale), ("zhou", "selvaraju"))


def sample_of(runs: Sequence[Run], galaxies: Galaxies | str) -> Sample:
    """The first galaxy of each class that none of the runs was trained on; mock galaxies where there is none.

    Errors: BadValueError where there is none of the runs' classes.
    """
    if isinstance(galaxies, str):
        return _mocks(galaxies, runs[0].classes)
    shared, unsure = part_of_all(runs, galaxies)
    if not len(shared):
        return _mocks("These runs have no test galaxy in common.", runs[0].classes)
    rows = [int(shared[galaxies.labels[shared] == c][0]) for c in np.unique(galaxies.labels[shared])]
    kind = " rendered (mock)" if galaxies.origin == "mock" else ""
    said = (
        f"The first of each class among the {len(shared)}{kind} galaxies of {galaxies.path.name} that all these runs "
        "may be tested on."
    )
    return Sample(np.asarray(galaxies.images[rows]), galaxies.labels[rows], (said, *unsure))


def galaxies_or_reason(runs: Sequence[Run]) -> Path | str:
    """Where the runs found their galaxies, or a sentence where that file is not here."""
    paths = {Path(run.config.data) for run in runs if (run.path / CONFIG).is_file()}
    if not paths:
        return "These runs do not say where their galaxies are."
    found = sorted(path for path in paths if path.is_file())
    if found and len(paths) == 1:
        return found[0]
    names = ", ".join(sorted(path.name for path in paths))
    return f"The galaxies of these runs ({names}) are not {'one file' if found else 'here'}."


def _mocks(reason: str, classes: Classes) -> Sample:
    if classes != GALAXY10:
        raise BadValueError(f"{reason} Mock galaxies are of Galaxy10's classes, these runs tell others apart")
    made = list(make_mock_galaxies(len(GALAXY10), MOCK_SEED))
    said = f"{reason} Rendered (mock) galaxies are shown instead, seed {MOCK_SEED}."
    return Sample(np.stack([one.image for one in made]), np.array([one.label for one in made]), (said,))


def _answers(
    runs: Sequence[Run], labels: dict[str, str], images: np.ndarray, lineup_of: OpenLineup
) -> list[list[FigureCell]]:
    """By run and galaxy; the class and its map are of one pass."""
    found = []
    for start in range(0, len(runs), N_AT_ONCE):
        lineup = lineup_of(runs[start : start + N_AT_ONCE])
        found += [
            [explained_cell(labels[name], own, i, runs[0].classes) for i in range(len(images))]
            for name, own in lineup.explain(images).items()
        ]
    return found


def _body(sample: Sample, classes: Classes, answers: list[list[FigureCell]], which: str) -> Markup:
    scales = heat_scales(
        [[cell.heatmap for cell in of_galaxy] for of_galaxy in zip(*answers, strict=True)], which
    )
    tables = []
    for start in range(0, len(answers), N_AT_ONCE):
        part = slice(start, start + N_AT_ONCE)
        tables.append(_table(sample, classes, answers[part], [of_galaxy[part] for of_galaxy in scales]))
    notes = (
        *sample.sentences,
        "Not chosen by the answers. Above, the heatmap of the class that the run predicts: what lies over zero, which "
        "is Grad-CAM at the last feature map. Below, the same on the galaxy, and the probability of that class.",
        "Each column is the first run of its setting; the other seeds and folds are in the tables.",
        *views_in_words({own[0].label: own[0].view for own in answers}),
    )
    return joined([paragraphs(notes, class_="note"), _bar(which), *tables])


def _table(
    sample: Sample, classes: Classes, answers: list[list[FigureCell]], scales: list[list[float]]
) -> Markup:
    heads = [element("th", word, scope="col") for word in ("origin", *(own[0].label for own in answers))]
    rows = []
    for i, image in enumerate(sample.images):
        true = classes[sample.labels[i]]
        origin = picture(stored(image), f"Galaxy of the class {true}", SHOWN)
        mask = find_galaxy(image)
        cells = [
            _cell(image, own[i], true, mask, scale) for own, scale in zip(answers, scales[i], strict=True)
        ]
        rows.append(element("tr", element("th", origin, element("span", true), scope="row"), *cells))
    made = element("table", element("thead", element("tr", *heads)), element("tbody", *rows), class_="maps")
    return element("div", made, class_="wide")


def _cell(image: np.ndarray, answer: FigureCell, true: str, mask: GalaxyMask, scale: float) -> Markup:
    values, share, what = answer.heatmap, answer.view.share(image.shape), f"{answer.label}, {true}"
    is_right = answer.predicted == true
    verdict = element(
        "span",
        f"{'●' if is_right else '○'} {answer.predicted}, {percent(answer.probability)}",
        class_="right" if is_right else "wrong",
    )
    if reason := answer.reason or why_blank(values):
        return element("td", element("span", reason, class_="blank"), verdict)
    said = f"full colour at {span_in_words([scale])}"
    sky = sky_in_words(values, image, answer.view, mask)
    notes = (element("span", note, class_="note") for note in (said, sky) if note)
    alone = heat_alone(values, SIDE, scale, share=share, colormap=_COLORMAP)
    laid = stored(overlay(image, values, scale, share=share, colormap=_COLORMAP))
    shown = picture(alone, f"Heatmap: {what}", SHOWN)
    return element("td", shown, picture(laid, f"Heatmap on the galaxy: {what}", SHOWN), verdict, *notes)


def stored(image: np.ndarray) -> np.ndarray:
    """A picture at the size it is stored in the report, uint8 RGB (SIDE, SIDE, 3)."""
    return np.asarray(Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def _bar(which: str) -> Markup:
    ramp = np.ascontiguousarray(np.broadcast_to(palette(_COLORMAP)[None], (12, 256, 3)))
    shown = picture(ramp, "Scale of colours from 0 to full colour", 256, 12)
    words = f" full colour, in logits a cell for the class. {scale_said(which)}, printed below it. ● right, ○ wrong."
    return element("p", "0 ", shown, words, class_="scale")

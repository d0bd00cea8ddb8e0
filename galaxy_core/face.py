"""What a notebook needs, a function a wish; every one is a few calls of the rooms below.

`import galaxy_core as gx` shows these names. Arrays in and out, pandas for tables, Pillow for pictures.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from galaxy_core.data.classes import Classes
from galaxy_core.errors import BadValueError
from galaxy_core.images.fits_options import NATIVE_SCALE_ARCSEC, SURVEY, FitsOptions
from galaxy_core.images.image import Image
from galaxy_core.images.view import View
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import Run, resolve_runs

if TYPE_CHECKING:
    import pandas as pd
    import PIL.Image

    from galaxy_core.catalogues.catalogue import Catalogue
    from galaxy_core.data.galaxy10 import Galaxies

Picture = Image | np.ndarray


@dataclass(frozen=True, eq=False)
class Answer:
    """What one run says of N images, all of one pass.

    `probabilities` float32 (N, C), `maps` float32 (N, C, h, w) in logits: the mean of a map over its cells is the logit
    minus the head's bias. The cells cover `view`, the part of the image that was classified. `classes` are the C names.
    NaN throughout for an image that shows no object (`Image.quality`).
    """

    probabilities: np.ndarray
    maps: np.ndarray
    view: View
    classes: Classes

    def predicted(self) -> list[str | None]:
        """The name of the most probable class of each image; None for one that shows no object."""
        return [
            None if np.isnan(row).any() else self.classes[int(row.argmax())] for row in self.probabilities
        ]


def open_runs(*names: str) -> list[Run]:
    """Runs by name; the name of a sweep means all its runs. `open_runs("fractions", "best")`.

    Raises MissingError naming the runs there are.
    """
    return resolve_runs(names)


def open_catalogue(path: str | os.PathLike[str]) -> Catalogue:
    """A table of objects: CSV, Parquet, FITS, VOTable or ECSV: `.names`, `.n_rows`, `.batches()` of rows as Arrow.

    Raises MissingError for no file or a library that is not installed, BadFileError for what is no whole table.
    """
    from galaxy_core.catalogues.formats import open_catalogue as opened

    return opened(path)


def read_image(
    source: str | os.PathLike[str] | bytes,
    *,
    colours: str = SURVEY,
    bands: str | None = None,
    pixel_scale_arcsec: float | None = NATIVE_SCALE_ARCSEC,
    as_jpeg: bool = False,
) -> Image:
    """A picture or FITS file, or its bytes, as networks are given it: `.pixels` uint8 (256, 256, 3).

    `.notes` says what was done to read it, `.shown` its scale and stretch where it has one, `.quality` is "ok" or why
    it shows no object (blank, saturated, broken, …). The options are of FITS images: colours "survey", "grz", "griz",
    "sdss" or "lupton"; bands in the order of the planes where the file does not say them; the scale that it is brought
    to (None: as it is); as_jpeg for the grain of the survey's own pictures. Raises BadFileError for a file that is no
    whole picture, MissingError for none, or where FITS needs astropy (extra `astro`).
    """
    from galaxy_core.images.to_classify import read_view

    return read_view(source, fits=FitsOptions(colours, bands, pixel_scale_arcsec, as_jpeg))


def predict(
    runs: Run | Sequence[Run], images: Picture | Sequence[Picture] | Catalogue
) -> dict[str, np.ndarray]:
    """By the run's name: probabilities float32 (N, C).

    images: what `read_image` gave, or arrays uint8 (H, W, 3), all of one size; or the N rows of what `open_catalogue`
    gave, in their order, one picture after the other in memory. A row is NaN where an image cannot be read or shows no
    object. Raises BadValueError for no image or images of different sizes, BadFileError for a catalogue without any.
    """
    if not isinstance(images, Image | np.ndarray | Sequence):
        return _of_catalogue([runs] if isinstance(runs, Run) else list(runs), images)
    return {name: answer.probabilities for name, answer in explain(runs, images).items()}


def explain(runs: Run | Sequence[Run], images: Picture | Sequence[Picture]) -> dict[str, Answer]:
    """By the run's name: probabilities and class activation maps, of one pass; see `Answer`. Images as `predict`."""
    from galaxy_core.serving.lineup import Lineup, probabilities

    several = [runs] if isinstance(runs, Run) else list(runs)
    pixels, is_fit = _stacked([images] if isinstance(images, Image | np.ndarray) else images)
    answers = {}
    for name, one in Lineup(several).explain(pixels).items():
        shares, maps = probabilities(one.logits), one.maps.copy()
        shares[~is_fit], maps[~is_fit] = np.nan, np.nan
        run = next(run for run in several if run.name == name)
        answers[name] = Answer(shares, maps, one.view, run.classes)
    return answers


def similar(
    run: Run,
    images: Picture | Sequence[Picture],
    galaxies: Galaxies,
    n: int = 6,
    most: int = 2_000,
    part: str = "training",
) -> pd.DataFrame:
    """The n galaxies that the run takes for most like each image, the nearest first: a row a pair.

    Columns: image (its place, from 0), row (in `galaxies`: the opened file that the run was trained on), class,
    distance, of which 1 is how far a galaxy of that part commonly is from the next one. part: "training" (what the run
    learned from), "held out", or "all", of any file. most: of more galaxies so many are drawn. An image that shows no
    object has no rows. Raises BadValueError for another file than that of the training, but for "all".
    """
    import pandas as pd

    from galaxy_core.prediction.similar import final_features, space_of

    pixels, is_fit = _stacked([images] if isinstance(images, Image | np.ndarray) else images)
    space = space_of(run, galaxies, part, most)
    rows, distances = space.nearest(final_features(run, pixels, np.flatnonzero(is_fit)), n)
    names = [galaxies.classes[int(label)] for label in galaxies.labels[rows].ravel()]
    places = np.repeat(np.flatnonzero(is_fit), rows.shape[1])
    columns = {"image": places, "row": rows.ravel(), "class": names, "distance": distances.ravel()}
    return pd.DataFrame(columns)


def table(runs: Run | Iterable[Run]) -> pd.DataFrame:
    """A row a run, with the columns of `table.csv`: accuracies with 95 % intervals, the paper's beside them."""
    import pandas as pd

    from galaxy_core.results.render import COLUMNS
    from galaxy_core.results.table import table_rows

    rows = table_rows([runs] if isinstance(runs, Run) else runs)
    return pd.DataFrame(
        [{column: getattr(row, column) for column in COLUMNS} for row in rows], columns=COLUMNS
    )


def compare(runs: Sequence[Run], across: Sequence[str] = ()) -> pd.DataFrame:
    """Every pair of rows on the test galaxies both answered, and what may be said of it: `sentence`.

    Rows that differ in more than policy and share have no winner unless `across` names what else is compared.
    """
    import pandas as pd

    from galaxy_core.results.comparison import compare_runs, values_of
    from galaxy_core.results.setting import check_across

    pairs = compare_runs(list(runs), across=check_across(across))
    return pd.DataFrame(list(map(values_of, pairs)))


def overlay(
    image: Picture,
    answer: Answer,
    class_name: str,
    *,
    index: int = 0,
    scale: float | str = "this map",
    centred: bool = False,
) -> PIL.Image.Image:
    """The map of one class over the image that was explained, in the frame of the view, as a Pillow image.

    index: which of the N images of the answer. scale: "this map" has the full colour at its own largest value, "this
    galaxy" at that of the maps of all classes of the image, "this page" of all classes and images of the answer; or so
    many logits of yours. centred: minus the mean map over the classes. The `info["scale"]` of the picture says which.
    """
    import PIL.Image

    from galaxy_core.maps.cam import centred_map, class_map
    from galaxy_core.maps.heat_scale import heat_scales, scale_said
    from galaxy_core.maps.overlay import overlay as laid_over

    if class_name not in answer.classes:
        raise BadValueError(f"class_name must be one of {', '.join(answer.classes)}, got {class_name!r}")
    pixels = image.pixels if isinstance(image, Image) else image
    pick = centred_map if centred else class_map
    values = pick(answer.maps[index], answer.classes.index(class_name))
    if np.isnan(values).any():
        raise BadValueError("this image shows no object, so there is no map of it; see Image.quality")
    share, said = answer.view.share(pixels.shape), "A scale of the caller's"
    if isinstance(scale, str):
        every = [[pick(maps, c) for c in range(len(answer.classes))] for maps in answer.maps]
        said, scale = scale_said(scale), heat_scales(every, scale)[index][answer.classes.index(class_name)]
    laid = PIL.Image.fromarray(laid_over(pixels, values, scale, share=share, colormap="magma"))
    laid.info["scale"] = f"{said}: full colour at {scale:.3g} logits"
    return laid


def train(config: TrainConfig, name: str | None = None) -> Run:
    """Train what the config asks for, with a progress bar in notebook and shell; carries on where it was stopped.

    name: of the run's folder (in `$GALAXY_RUNS` or `runs/`); made of the settings where none is given. A run of that
    name that was asked for the same is carried on with. Raises GalaxyError for what a user can mend.
    """
    from galaxy_core.cli.shell.bars import training_bar
    from galaxy_core.runs.free_name import free_name
    from galaxy_core.runs.names import runs_folder
    from galaxy_core.runs.run import create_run
    from galaxy_core.training.train import train_run
    from galaxy_core.transfer.source import settle_source

    config = settle_source(config)
    name = name or free_name(config)
    is_there = (runs_folder() / name).exists()
    run = Run(runs_folder() / name) if is_there else create_run(name, config)
    if run.config != config:
        raise BadValueError(f"run {name} exists and was asked for something else; choose another name")
    with training_bar() as progress:
        train_run(run, progress=progress)
    return run


def _of_catalogue(runs: list[Run], catalogue: Catalogue) -> dict[str, np.ndarray]:
    from galaxy_core.catalogues.pictures import Pictures
    from galaxy_core.prediction.predict import predict_pictures
    from galaxy_core.serving.lineup import Lineup

    pictures = (replace(one, name=str(row)) for row, one in enumerate(Pictures(catalogue)))
    classes = {run.name: run.classes for run in runs}
    found = {run.name: np.full((catalogue.n_rows, len(run.classes)), np.nan, np.float32) for run in runs}
    for row in predict_pictures(Lineup.for_many(runs), pictures, classes=classes):
        if (name := row.get("run")) is not None:
            found[name][int(row["file"])] = [row[f"p{c}"] for c in range(len(classes[name]))]
    return found


def _stacked(images: Sequence[Picture]) -> tuple[np.ndarray, np.ndarray]:
    """uint8 (N, H, W, 3), and bool (N,): whether each shows something."""
    pixels = [one.pixels if isinstance(one, Image) else np.asarray(one) for one in images]
    if not pixels:
        raise BadValueError("no image was given; gx.read_image(FILE) reads one")
    if len({one.shape for one in pixels}) > 1:
        raise BadValueError("the images differ in size; gx.read_image brings all to 256 px")
    return np.stack(pixels), np.array([not isinstance(one, Image) or one.quality == "ok" for one in images])

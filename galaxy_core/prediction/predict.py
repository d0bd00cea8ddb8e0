"""Classes of a stranger's images, one row an image and run, for any number of images in the same memory.

A file that cannot be decoded whole, or shows nothing, is a row with its reason, never the end of the work. What to do
with the maps is the caller's business (`show`), since pictures belong to a room to the right of this one.
"""

import csv
import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

import numpy as np

from galaxy_core.catalogues.pictures import Picture
from galaxy_core.data.classes import GALAXY10
from galaxy_core.errors import GalaxyError, one_line
from galaxy_core.files.atomic import atomic_file
from galaxy_core.files.spreadsheet import inert
from galaxy_core.images.fits_options import AS_THE_SURVEY, FitsOptions
from galaxy_core.images.image import Image
from galaxy_core.images.view import View

OK, REFUSED = "ok", "refused"
"""In the column `status`: there is a class, or `error` says why there is none."""
BATCH_SIZE = 16
"""Sixteen images of 256 px are 3 MB; larger batches do not make a processor faster."""

Row = dict[str, Any]
ClassesOf = Mapping[str, Sequence[str]]
"""The classes of each run by its name; those of a run that is not named are Galaxy10's."""
Named = tuple[str, np.ndarray]
Read = Image | str
"""An image with pixels uint8 (256, 256, 3), or the reason why there is none."""
Answer = TypeVar("Answer")


class Explained(Protocol):
    """The part of a line-up's explanation that is needed here: logits (N, classes), maps (N, classes, h, w) of the
    same pass in logits, and the view that both are of.
    """

    @property
    def logits(self) -> np.ndarray: ...
    @property
    def maps(self) -> np.ndarray: ...
    @property
    def view(self) -> View: ...


class Asked(Protocol):
    """A line-up of runs, as far as it is asked here: uint8 (N, 256, 256, 3) in, answers by run name out."""

    def predict(self, images: np.ndarray) -> Mapping[str, np.ndarray]: ...
    def explain(self, images: np.ndarray) -> Mapping[str, Explained]: ...


@dataclass(frozen=True)
class Shown:
    """One answer to make a picture of: `image` uint8 (256, 256, 3), `values` (h, w) in logits of `predicted`, which
    cover the `view` that was classified.
    """

    file: str
    run: str
    predicted: int
    image: np.ndarray
    values: np.ndarray
    view: View


@dataclass(frozen=True)
class Counts:
    """What came of a file of predictions."""

    n_rows: int
    n_errors: int


def images_at_once(lineup: Asked) -> int:
    """As many as the line-up says that it is quickest with, BATCH_SIZE where it says nothing."""
    return getattr(lineup, "batch_size", BATCH_SIZE)


def columns(n_classes: int = len(GALAXY10)) -> tuple[str, ...]:
    """Of a file of predictions of runs with at most so many classes; a run that has fewer leaves the rest empty."""
    return ("file", "run", "predicted", "error", *(f"p{c}" for c in range(n_classes)), "class", "status")


def most_classes(classes: ClassesOf) -> int:
    """How many classes the columns of these runs must hold; Galaxy10's ten where no run is named."""
    return max(map(len, classes.values()), default=len(GALAXY10))


def predict_images(
    lineup: Asked,
    paths: Iterable[str],
    root: Path,
    batch_size: int | None = None,
    show: Callable[[list[Shown]], None] | None = None,
    classes: ClassesOf = MappingProxyType({}),
    fits: FitsOptions = AS_THE_SURVEY,
) -> Iterator[Row]:
    """`predict_pictures` of files, their paths relative to `root`."""
    pictures = (Picture(path, partial(root.__truediv__, path)) for path in paths)
    yield from predict_pictures(lineup, pictures, batch_size, show, classes, fits)


def predict_pictures(
    lineup: Asked,
    pictures: Iterable[Picture],
    batch_size: int | None = None,
    show: Callable[[list[Shown]], None] | None = None,
    classes: ClassesOf = MappingProxyType({}),
    fits: FitsOptions = AS_THE_SURVEY,
) -> Iterator[Row]:
    """Rows with the keys of `columns`, in the order of the pictures, a row for each run.

    `predicted` is the number of the class and `class` its name, p0 … the probabilities of all; a picture that cannot be
    decoded whole, or shows no object (`images.quality`), gives one row with the reason in `error` and nothing in the
    rest. Beside `columns` a row has in `notes` what was done to read its image, a sentence each, in `shown` its scale
    and stretch where it has one, and in `logits` what its probabilities are made of. Images are brought to a square of
    256 px, FITS by `fits`. `show` gets the answers of a batch, with their maps, before their rows come. As many batches
    are read and asked at once as the line-up says (`n_askers`), and no more than one waits beside them.
    """
    answer: Callable[[np.ndarray], Mapping[str, Any]] = lineup.predict if show is None else lineup.explain
    n_at_once = batch_size or images_at_once(lineup)
    for read, said in asked_ahead(pictures, n_at_once, answer, fits, getattr(lineup, "n_askers", 2)):
        images = [(name, image.pixels) for name, image in read if isinstance(image, Image)]
        logits = {run: one if show is None else one.logits for run, one in (said or {}).items()}
        answers = _answer_rows(logits, images, classes)
        if show is not None and said:
            show(_with_maps(said, images, answers))
        rows_of_next_image = iter(answers)
        for name, image in read:
            if isinstance(image, str):
                yield refused_row(name, image) | {"notes": (), "shown": ""}
            else:
                beside = {"notes": image.notes, "shown": image.shown}
                yield from (row | beside for row in next(rows_of_next_image))


def write_rows(
    path: Path,
    rows: Iterable[Row],
    on_row: Callable[[Row], None] | None = None,
    *,
    n_classes: int = len(GALAXY10),
    overwrite: bool = False,
    spreadsheet_safe: bool = False,
    header: Sequence[str] = (),
) -> Counts:
    """Stream rows into a CSV that appears under its name only when it is whole; `n_classes` are the most of its runs.

    header: other columns than those of predictions; `error` is one of them.

    File names come back byte for byte, also those that are not UTF-8: read with errors="surrogateescape" they are the
    names that Python has for the files. With `spreadsheet_safe`, text that a spreadsheet would execute gets an
    apostrophe before it. BadValueError where `path` exists and `overwrite` is False.
    """
    n_rows, n_errors, header = 0, 0, header or columns(n_classes)
    with atomic_file(path, overwrite=overwrite) as binary:
        text = io.TextIOWrapper(binary, encoding="utf-8", errors="surrogateescape", newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow([_field(row.get(column), spreadsheet_safe) for column in header])
            n_rows, n_errors = n_rows + 1, n_errors + bool(row["error"])
            if on_row:
                on_row(row)
        text.flush()
        text.detach()
    return Counts(n_rows, n_errors)


def asked_ahead(
    pictures: Iterable[Picture],
    batch_size: int,
    answer: Callable[[np.ndarray], Answer],
    fits: FitsOptions,
    n_askers: int = 2,
) -> Iterator[tuple[list[tuple[str, Read]], Answer | None]]:
    """Names and what was read, a batch at a time and in order, and the answer to the images among it, None to none.

    So many threads read and ask, at least two, since one can read while another is answered: decoders and graphs let
    go of Python. No more than one batch waits beside them.
    """

    def ask(batch: list[Picture]) -> tuple[list[tuple[str, Read]], Answer | None]:
        read = [(one.name, _read(one, fits)) for one in batch]
        images = [image.pixels for _, image in read if isinstance(image, Image)]
        return read, answer(np.stack(images)) if images else None

    waiting, coming = iter(pictures), deque[Future[tuple[list[tuple[str, Read]], Answer | None]]]()
    askers = ThreadPoolExecutor(n_askers, "ask")
    try:
        while batch := list(islice(waiting, batch_size)):
            coming.append(askers.submit(ask, batch))
            if len(coming) > n_askers:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
    finally:
        askers.shutdown(cancel_futures=True)


def _read(picture: Picture, fits: FitsOptions) -> Read:
    """The image as the networks are shown it, or the reason why there is none."""
    from galaxy_core.images.to_classify import read_to_classify

    try:
        # the row names the file already, and the folder it lies in is nobody's business
        source = picture.find()
        called = "the image" if isinstance(source, bytes) else "the file"
        return read_to_classify(source, name=called, fits=fits)
    except GalaxyError as error:
        return one_line(error)
    except OSError as error:
        return error.strerror or type(error).__name__


def answer_row(file: str, run: str, shares: np.ndarray, classes: ClassesOf) -> Row:
    """The row of an image and a run, from the probabilities (C,) of the run's classes."""
    answer = int(shares.argmax())
    said = {"predicted": answer, "class": classes.get(run, GALAXY10)[answer], "status": OK}
    return {"file": file, "run": run, "error": None, **said, **{f"p{c}": p for c, p in enumerate(shares)}}


def refused_row(file: str, reason: str) -> Row:
    """The row of an image that got no class."""
    return {"file": file, "error": reason, "status": REFUSED}


def _answer_rows(
    answers: Mapping[str, np.ndarray], images: Sequence[Named], classes: ClassesOf
) -> list[list[Row]]:
    """The rows of each image, one a run."""
    from galaxy_core.serving.lineup import probabilities

    rows: list[list[Row]] = [[] for _ in images]
    for run, logits in answers.items():
        for i, shares in enumerate(probabilities(logits)):
            rows[i].append({**answer_row(images[i][0], run, shares, classes), "logits": logits[i]})
    return rows


def _with_maps(
    explained: Mapping[str, Explained], images: Sequence[Named], rows: Sequence[Sequence[Row]]
) -> list[Shown]:
    return [
        _shown(row, image, i, explained[row["run"]]) for i, (_, image) in enumerate(images) for row in rows[i]
    ]


def _shown(row: Row, image: np.ndarray, i: int, explained: Explained) -> Shown:
    values = explained.maps[i, row["predicted"]]
    return Shown(row["file"], row["run"], row["predicted"], image, values, explained.view)


def _field(value: Any, spreadsheet_safe: bool) -> str:
    if isinstance(value, str):
        return inert(value) if spreadsheet_safe else value
    # str of a NumPy number is the shortest text that reads back as the same number
    return "" if value is None else str(value)

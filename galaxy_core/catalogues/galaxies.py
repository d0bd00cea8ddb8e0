"""A catalogue with labels becomes a file of galaxies to learn from: as Hugging Face's datasets are, or any other.

What is not said is not guessed: numbers without names are no classes, and a galaxy without a position has none.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from galaxy_core.catalogues.catalogue import Catalogue
from galaxy_core.catalogues.columns import find_columns, in_words
from galaxy_core.catalogues.formats import open_catalogue
from galaxy_core.catalogues.parquet_table import HUGGING_FACE
from galaxy_core.catalogues.pictures import Pictures
from galaxy_core.data.cache import Progress
from galaxy_core.data.classes import GALAXY10, Classes, UnnamedError, plain_name
from galaxy_core.data.folder import ImportSummary, summary_of
from galaxy_core.data.labels_csv import NUMBERS
from galaxy_core.data.published import IMAGE_SIZE
from galaxy_core.errors import BadFileError, GalaxyError, quoted
from galaxy_core.files.destination import check_destination
from galaxy_core.images.read import read_image, to_square

LABEL = "label"


@dataclass(frozen=True, eq=False)
class Labelled:
    """What is known of the galaxies beside their pictures: labels int64 (N,), the others float64 (N,) or NaN."""

    labels: np.ndarray
    classes: Classes
    numbers: dict[str, np.ndarray]
    are_numbers: bool  # the labels, as in `ImportSummary`


def import_catalogue(
    catalogue: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    classes: Classes | None = None,
    image: str | None = None,
    progress: Progress | None = None,
    overwrite: bool = False,
) -> ImportSummary:
    """Write `out` in the layout of Galaxy10 from a table whose rows have a picture and a `label`.

    The picture is a file below the folder of the catalogue or bytes in it (`catalogues.pictures`), of the column
    `image` where that is named; ra, dec, redshift and pxscale are used where they are. A label is a name, or a number
    into `classes`, else into those that the file names. Pictures are brought to 256 pixels as those of a folder are
    (`data.folder`). Errors: BadFileError with the number of the row, from 1, for the first that cannot be used;
    BadValueError for numbers that nothing names. Whatever goes wrong, nothing is left behind.
    """
    from galaxy_core.data.layout import write_galaxy10

    out = Path(out)
    check_destination(out, overwrite=overwrite, inputs=(catalogue,))
    table = open_catalogue(catalogue)
    pictures = Pictures(table, image=image)
    known = read_labelled(table, classes)
    sizes = np.zeros((table.n_rows, 2), np.int64)
    write_galaxy10(
        out,
        _squares(pictures, sizes, known.numbers["pxscale"], progress),
        known.labels,
        ra=known.numbers["ra"],
        dec=known.numbers["dec"],
        redshift=known.numbers["redshift"],
        pixel_scale=known.numbers["pxscale"],
        classes=known.classes,
        attributes={"origin": "imported"},
        overwrite=overwrite,
    )
    is_placed = np.isfinite(known.numbers["ra"]) & np.isfinite(known.numbers["dec"])
    return summary_of(
        out,
        known.labels,
        known.classes,
        sizes,
        is_placed,
        known.numbers["pxscale"],
        are_numbers=known.are_numbers,
    )


def _squares(
    pictures: Pictures, sizes: np.ndarray, pixel_scale: np.ndarray, progress: Progress | None
) -> Iterator[np.ndarray]:
    """Every picture as 256 x 256, its original size noted, and its pixel scale brought to that size."""
    for row, picture in enumerate(pictures):
        try:
            image = read_image(picture.find(), name="its picture")
        except GalaxyError as error:
            raise BadFileError(f"row {row + 1}: {error}") from error
        sizes[row] = image.shape[:2]
        pixel_scale[row] *= sizes[row].min() / IMAGE_SIZE
        yield to_square(image, IMAGE_SIZE)
        if progress is not None:
            progress(row + 1, len(sizes))


def read_labelled(table: Catalogue, classes: Classes | None = None) -> Labelled:
    """Labels and numbers of every row, the pictures not looked at; errors as `import_catalogue`."""
    label = next((name for name in table.names if name.strip().lower() == LABEL), None)
    if label is None:
        raise BadFileError(
            f"{table.path.name} has no column label with the class of each galaxy; it has {in_words(table.names)}"
        )
    found = find_columns(table.schema)
    by_name = {name.strip().lower(): name for name in table.names}
    places = {"ra": found.ra, "dec": found.dec, **{n: by_name.get(n) for n in ("redshift", "pxscale")}}
    wanted = [label, *(name for name in places.values() if name is not None)]
    whole = pa.Table.from_batches(table.batches(wanted), pa.schema([table.schema.field(n) for n in wanted]))
    if not whole.num_rows:
        raise BadFileError(f"{table.path.name} has no row; there is nothing to learn from")
    labels, named = _labels(whole.column(label), classes or _named_by_hub(table, label), table)
    numbers = {
        name: _numbers(whole.column(place), name) if place else np.full(whole.num_rows, np.nan)
        for name, place in places.items()
    }
    return Labelled(labels, named, numbers, pa.types.is_integer(whole.column(label).type))


def _labels(column: pa.ChunkedArray, classes: Classes | None, table: Catalogue) -> tuple[np.ndarray, Classes]:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if column.null_count:
        row = int(pc.index(column.is_null(), True).as_py()) + 1
        raise BadFileError(f"row {row}: it has no label; leave it out, or give it one")
    if pa.types.is_integer(column.type):
        return _of_numbers(column, classes, table)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        raise BadFileError(f"{table.path.name} has labels of {column.type}; give names, or whole numbers")
    names = column.to_pylist()
    classes = classes or _of_names(names)
    place = {plain_name(name): i for i, name in enumerate(classes)}
    wrong = next((i for i, name in enumerate(names) if plain_name(name) not in place), None)
    if wrong is not None:
        raise BadFileError(
            f"row {wrong + 1}: label {quoted(names[wrong])} is no class; give one of {classes}"
        )
    return np.array([place[plain_name(name)] for name in names], np.int64), classes


def _of_numbers(
    column: pa.ChunkedArray, classes: Classes | None, table: Catalogue
) -> tuple[np.ndarray, Classes]:
    labels = np.asarray(column.cast(pa.int64()))
    if classes is None:
        seen = in_words([str(one) for one in np.unique(labels)]).replace("'", "")
        raise UnnamedError(
            f"the labels of {table.path.name} are numbers ({seen}) that nothing names; name them in their order with "
            f"--classes A,B,C, or with --classes galaxy10 where 0 is {GALAXY10[0]} and {len(GALAXY10) - 1} is "
            f"{GALAXY10[-1]}",
            set(np.unique(labels).tolist()),
        )
    wrong = np.flatnonzero((labels < 0) | (labels >= len(classes)))
    if len(wrong):
        raise BadFileError(
            f"row {wrong[0] + 1}: label {labels[wrong[0]]} is no class; give 0 to {len(classes) - 1}, the numbers of "
            f"{classes}"
        )
    return labels, classes


def _of_names(names: Sequence[str]) -> Classes:
    """Galaxy10's classes where all are of these, else the names there are, sorted."""
    different = {plain_name(name): name for name in sorted(set(names))}
    return (
        GALAXY10 if set(different) <= set(map(plain_name, GALAXY10)) else Classes(sorted(different.values()))
    )


def _named_by_hub(table: Catalogue, label: str) -> Classes | None:
    """The names that a dataset of the Hugging Face Hub gives the numbers of a column; None where it gives none."""
    try:
        about = json.loads((table.schema.metadata or {}).get(HUGGING_FACE, b"{}"))
        names = about["info"]["features"][label]["names"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    return Classes([str(name) for name in names]) if isinstance(names, list) and names else None


def _numbers(column: pa.ChunkedArray, name: str) -> np.ndarray:
    """float64, NaN for nulls; BadFileError with its row for the first outside of what the number can be."""
    low, high = NUMBERS[name]
    try:
        values = np.asarray(column.cast(pa.float64()).fill_null(np.nan), np.float64).copy()
    except pa.ArrowException as error:
        raise BadFileError(
            f"the column {name} holds {column.type} and no numbers; give it in degrees"
        ) from error
    wrong = np.flatnonzero(~np.isnan(values) & ~((values >= low) & (values <= high) & np.isfinite(values)))
    if len(wrong):
        raise BadFileError(
            f"row {wrong[0] + 1}: {name} must be a finite number in [{low:g}, {high:g}], got {values[wrong[0]]:g}; "
            "leave it empty if unknown"
        )
    return values

"""What a stranger's Galaxy10 file must satisfy before anything of it is used.

Only shapes, types and links are looked at before the first value is read, so that a hostile file costs
nothing. It knows HDF5 and the layout; it must not know the cache, nor what the galaxies are for.
"""

import dataclasses
import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from galaxy_core.data.classes import GALAXY10, LONGEST_NAME, MOST_CLASSES, Classes
from galaxy_core.data.published import IMAGE_SIZE, LOWEST_REDSHIFT
from galaxy_core.errors import BadFileError, BadValueError, MissingError, quoted
from galaxy_core.files.hdf5_chunks import chunk_fault

OF_THE_SYSTEM = frozenset(
    (errno.EACCES, errno.EPERM, errno.EIO, errno.ENOLCK, errno.ENOSYS, errno.EMFILE, errno.ENFILE)
)
MOST_GALAXIES = 1_000_000  # fifty times the published file; its memory map would be 197 GB
MOST_LINKS = 1_000
MOST_STRIP_BYTES = 256 * 2**20  # of a chunk, or a row of chunks; the published file has 142 kB and 7 MB
CLASSES = "classes"  # a dataset of names, or an attribute of the file; may be absent
MOST_COLUMN_CHUNK_BYTES = 8 * MOST_GALAXIES  # a column of float64 that is one chunk
LAYOUT = (
    "a Galaxy10 file holds images (N, 256, 256, 3) uint8, ans (N,) integer, "
    "and ra, dec, redshift, pxscale (N,) float; where its classes are others, classes (K,) are their names"
)


@dataclass(frozen=True)
class _Column:
    """One dataset with a value per galaxy: which dtype kinds it may have and which values."""

    kinds: str
    holds: Callable[[np.ndarray], np.ndarray]
    rule: str
    lowest: float = -np.inf
    """A number that is not above it stands for an unknown one, and is read as NaN."""


COLUMNS = {
    "ans": _Column(
        "iu",
        lambda v: (v >= 0) & (v < MOST_CLASSES),
        f"a class is a number from 0 to {MOST_CLASSES - 1}; correct the label or leave the galaxy out",
    ),
    "ra": _Column(
        "f",
        lambda v: np.isnan(v) | ((v >= 0) & (v <= 360)),
        "a right ascension must lie in [0, 360] degrees; put NaN where it is unknown",
    ),
    "dec": _Column(
        "f",
        lambda v: np.isnan(v) | (np.abs(v) <= 90),
        "a declination must lie in [-90, 90] degrees; put NaN where it is unknown",
    ),
    "redshift": _Column(
        "f",
        lambda v: ~np.isinf(v),
        "a redshift must be a finite number; put NaN where it is unknown",
        lowest=LOWEST_REDSHIFT,
    ),
    "pxscale": _Column(
        "f",
        lambda v: np.isnan(v) | ((v > 0) & np.isfinite(v)),
        "a pixel scale must be above 0 arcsec/pixel; put NaN where it is unknown",
    ),
}


@contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """The HDF5 file `path`, links, shapes and types checked; errors of the library become BadFileError."""
    _check_is_hdf5(path)
    try:
        with h5py.File(path, "r", locking=False) as file:
            _check_links(file, path)
            _check_datasets(file, path)
            yield file
    except (BadFileError, MissingError):
        raise
    except (OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
        if not _comes_from_hdf5(error):
            raise
        at_fault = (
            f"this is the answer of the system, not of the file: look at the permissions and the disk of {path.parent}"
            if getattr(error, "errno", None) in OF_THE_SYSTEM
            else "it is damaged or not complete, get it again"
        )
        raise BadFileError(f"{path} cannot be read as HDF5 ({_reason(error)}); {at_fault}") from error


def read_columns(file: h5py.File, path: Path, n_classes: int) -> dict[str, np.ndarray]:
    """The five datasets with one value per galaxy, every value checked: int64 classes, float64 the rest."""
    of_class = dataclasses.replace(
        COLUMNS["ans"],
        holds=lambda v: (v >= 0) & (v < n_classes),
        rule=f"every class must be one of 0 ... {n_classes - 1}; correct the label or leave the galaxy out",
    )
    columns = {**COLUMNS, "ans": of_class}
    return {name: _read_column(file[name], name, column, path) for name, column in columns.items()}


def read_classes(file: h5py.File, path: Path) -> Classes:
    """The names in the dataset or attribute `classes`, checked as a stranger's; Galaxy10's where there is neither."""
    if CLASSES in file:
        names = _class_names(file[CLASSES], path)
    elif CLASSES in file.attrs:
        _check_holds_names(file.attrs.get_id(CLASSES), path)
        names = list(file.attrs[CLASSES])
    else:
        return GALAXY10
    try:
        return Classes([name.decode() if isinstance(name, bytes) else str(name) for name in names])
    except (BadValueError, UnicodeDecodeError) as error:
        raise BadFileError(f"'{CLASSES}' of {path} is refused: {error}; write the names anew") from error


def _class_names(dataset: h5py.Dataset, path: Path) -> list[bytes | str]:
    if not isinstance(dataset, h5py.Dataset) or dataset.is_virtual or dataset.external:
        raise BadFileError(f"'{CLASSES}' of {path} is no dataset of the file itself; {LAYOUT}")
    _check_holds_names(dataset, path)
    _check_fault(chunk_fault(dataset, MOST_COLUMN_CHUNK_BYTES), CLASSES, path, f"CONTI -f {CLASSES}:NONE")
    return list(dataset[()])


def _check_holds_names(found: "h5py.Dataset | h5py.h5a.AttrID", path: Path) -> None:
    """Before a name is read: a list of texts, none longer than a name may be."""
    text, shape = h5py.check_string_dtype(found.dtype), found.shape
    if text is None or (text.length or 0) > 4 * LONGEST_NAME or shape is None or len(shape) != 1:
        raise BadFileError(
            f"'{CLASSES}' of {path} has type {quoted(str(found.dtype))} and shape {shape}, expected (K,) names as text"
        )
    if not 1 <= shape[0] <= MOST_CLASSES:
        raise BadFileError(f"'{CLASSES}' of {path} claims {shape[0]} classes, expected 1 to {MOST_CLASSES}")


def short_text_attribute(file: h5py.File, name: str) -> str | None:
    """A file attribute if it is one short text, else None: a stranger's attribute may be anything."""
    if name not in file.attrs:
        return None
    kind = file.attrs.get_id(name)
    if kind.shape != () or kind.get_storage_size() > 64 or h5py.check_string_dtype(kind.dtype) is None:
        return None
    value = file.attrs[name]
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= 32 else None


def _check_is_hdf5(path: Path) -> None:
    if not path.exists():
        raise MissingError(
            f"{path} does not exist; `galaxy data fetch` gets Galaxy10, `galaxy data mock` renders one"
        )
    if not path.is_file():
        raise BadFileError(f"{path} is not a file; name the Galaxy10 HDF5 file itself")
    if path.stat().st_size == 0:
        raise BadFileError(f"{path} is empty (0 bytes); get it again")
    if not h5py.is_hdf5(path):
        raise BadFileError(f"{path} is not an HDF5 file; {LAYOUT}")


def _check_links(file: h5py.File, path: Path) -> None:
    """Refuse every link that is not the dataset itself, wherever it hangs: it may lead to another file."""
    groups, seen, n_links = [file["/"]], set(), 0
    while groups:
        group = groups.pop()
        if group.id in seen:
            continue
        seen.add(group.id)
        n_links += len(group)
        if n_links > MOST_LINKS:
            raise BadFileError(f"{path} holds more than {MOST_LINKS} entries; {LAYOUT}")
        for name in group:
            _check_link(group, name, path)
            if group.get(name, getclass=True) is h5py.Group:
                groups.append(group[name])


def _check_link(group: h5py.Group, name: str, path: Path) -> None:
    link = group.get(name, getlink=True)
    if isinstance(link, h5py.HardLink):
        return
    kind = {h5py.SoftLink: "a soft link", h5py.ExternalLink: "an external link"}.get(type(link), "a link")
    raise BadFileError(
        f"dataset {quoted(name)} of {path} is {kind}, and only data stored in the file itself are read; "
        "copy the data in its place (h5repack does not: use h5copy or h5py)"
    )


def _check_datasets(file: h5py.File, path: Path) -> None:
    n = _check_images(_dataset(file, "images", path), path)
    for name, column in COLUMNS.items():
        dataset = _dataset(file, name, path)
        if dataset.shape != (n,):
            raise BadFileError(
                f"dataset {name!r} of {path} has shape {dataset.shape}, expected ({n},): "
                f"one value for each of the {n} images; write it again in that shape"
            )
        if dataset.dtype.kind not in column.kinds:
            kind = "an integer" if column.kinds == "iu" else "a floating-point"
            raise BadFileError(
                f"dataset {name!r} of {path} has type {dataset.dtype}, expected {kind} type; convert it"
            )
        _check_fault(chunk_fault(dataset, MOST_COLUMN_CHUNK_BYTES), name, path, f"CONTI -f {name}:NONE")


def _check_fault(fault: str | None, name: str, path: Path, layout: str) -> None:
    if fault is not None:
        raise BadFileError(
            f"dataset {name!r} of {path} {fault}; rewrite it with `h5repack -l {name}:{layout} OLD.h5 NEW.h5`"
        )


def _dataset(file: h5py.File, name: str, path: Path) -> h5py.Dataset:
    """The dataset of that name, stored in this file as plain numbers."""
    if name not in file:
        raise BadFileError(f"dataset {name!r} is missing in {path}; {LAYOUT}")
    dataset = file[name]
    if not isinstance(dataset, h5py.Dataset):
        raise BadFileError(
            f"{name!r} in {path} is a {type(dataset).__name__.lower()}, not a dataset; {LAYOUT}"
        )
    if dataset.is_virtual or dataset.external:
        kind = "virtual" if dataset.is_virtual else "kept in an external file"
        raise BadFileError(
            f"dataset {name!r} of {path} is {kind}, and only data stored in the file itself are read; "
            "copy the data into it"
        )
    if dataset.dtype.kind not in "iuf":
        raise BadFileError(
            f"dataset {name!r} of {path} has type {quoted(str(dataset.dtype))}, "
            f"and only plain numbers are read; {LAYOUT}"
        )
    return dataset


def _check_images(images: h5py.Dataset, path: Path) -> int:
    """The number of images, their shape, type and chunks found right."""
    shape = images.shape
    if shape is None or len(shape) != 4 or shape[1:] != (IMAGE_SIZE, IMAGE_SIZE, 3):
        raise BadFileError(
            f"dataset 'images' of {path} has shape {shape}, expected (N, 256, 256, 3); "
            "`galaxy data import` makes such a file of a folder of images"
        )
    if not 1 <= shape[0] <= MOST_GALAXIES:
        raise BadFileError(
            f"dataset 'images' of {path} claims {shape[0]} images, expected 1 to "
            f"{MOST_GALAXIES}; split the file"
        )
    if images.dtype != np.uint8:
        raise BadFileError(
            f"dataset 'images' of {path} has type {images.dtype}, expected uint8 (0 to 255); convert it"
        )
    _check_chunks(images, path)
    return int(shape[0])


def _check_chunks(images: h5py.Dataset, path: Path) -> None:
    if images.id.get_storage_size() == 0:
        raise BadFileError(f"dataset 'images' of {path} was never written; get or write the file again")
    if images.chunks is None:
        return
    strip = min(images.chunks[0], len(images)) * images.chunks[1] * IMAGE_SIZE * 3
    fault = chunk_fault(images, MOST_STRIP_BYTES)
    if fault is None and strip > MOST_STRIP_BYTES:
        fault = f"has chunks of shape {images.chunks}, too large to unpack in little memory"
    _check_fault(fault, "images", path, "CHUNK=1x256x256x3 -f images:GZIP=1")
    n_expected = int(np.prod([-(-n // c) for n, c in zip(images.shape, images.chunks, strict=True)]))
    if images.id.get_num_chunks() < n_expected:
        raise BadFileError(
            f"dataset 'images' of {path} has {images.id.get_num_chunks()} of {n_expected} chunks written; "
            "it is not complete, get or write it again"
        )


def _read_column(dataset: h5py.Dataset, name: str, column: _Column, path: Path) -> np.ndarray:
    values = dataset[()]
    bad = np.flatnonzero(~column.holds(values))
    if bad.size:
        raise BadFileError(
            f"dataset {name!r} of {path} holds {values[bad[0]]} in row {bad[0]}; {column.rule}"
        )
    values = values.astype(np.int64 if "i" in column.kinds else np.float64)
    if np.isfinite(column.lowest):
        values[values <= column.lowest] = np.nan
    values.flags.writeable = False
    return values


def _comes_from_hdf5(error: BaseException) -> bool:
    """Errors raised inside h5py; those of the disk or of the caller, within the block, pass."""
    trace = error.__traceback__
    while trace is not None:
        last = trace.tb_frame.f_globals.get("__name__", "")
        trace = trace.tb_next
    return last.startswith("h5py")


def _reason(error: BaseException) -> str:
    words = next((word for word in error.args if isinstance(word, str)), type(error).__name__)
    return " ".join(words.split())[:200]

"""Cutouts of many objects into a folder: one after the other, each asked for once, carried on with where it was cut.

A cutout is a file whose name is its request; beside them `cutouts.csv` lists the objects in their order. It must not
know what is in a cutout but whether it is whole and shows any sky.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from galaxy_core.catalogues.cutouts import Cutout
from galaxy_core.catalogues.cutouts_came import check_came, is_blank
from galaxy_core.errors import GalaxyError, MissingError, one_line
from galaxy_core.files.atomic import write_bytes_atomically, write_text_atomically
from galaxy_core.files.csv_text import csv_text
from galaxy_core.files.http_answer import BrokenOffError, Say
from galaxy_core.files.http_small import PATIENT, GaveUpError, NothingThereError, Patience, fetch_small
from galaxy_core.files.lock import locked

INDEX = "cutouts.csv"
OK, BLANK, REFUSED = "ok", "blank", "refused"
COLUMNS = ("file", "status", "reason", "pixscale")
OUTSIDE = "outside of the footprint of the layer"
NO_OVERLAP = b"overlap"
"""In what the service says of a FITS cutout outside of its footprint; a JPEG it sends all the same."""
MOST_GIVEN_UP = 3
"""One after the other; then the service is taken for gone."""
BYTES_A_PIXEL, BYTES_AROUND = 4 * 8 * 2, 2**20  # of eight planes of floats, twice; headers


@dataclass(frozen=True)
class Came:
    """What became of one request: the file, "" where there is none, `ok`, `blank` or `refused`, and why."""

    file: str
    status: str
    reason: str = ""


@dataclass(frozen=True)
class Counts:
    """Of a folder of cutouts: how many are new, were there already, are blank, were refused."""

    n_new: int = 0
    n_there: int = 0
    n_blank: int = 0
    n_refused: int = 0


def fetch_cutout(
    cutout: Cutout, folder: Path, say: Say | None = None, *, patience: Patience = PATIENT
) -> Came:
    """One cutout, from the folder where it is there already; a file appears whole or not at all.

    Raises GaveUpError where the service is not to be had, else says in `Came` why there is none.
    """
    path = folder / cutout.file_name
    try:
        body = path.read_bytes() if path.is_file() else b""
        if not body or not _is_whole(body, cutout):
            most = cutout.size**2 * BYTES_A_PIXEL + BYTES_AROUND
            body = fetch_small(
                cutout.url,
                most,
                lambda body: check_came(body, cutout),
                nothing=NO_OVERLAP,
                patience=patience,
                say=say,
            )
            write_bytes_atomically(path, body)
    except GaveUpError:
        raise
    except NothingThereError:
        return Came("", BLANK, OUTSIDE)
    except GalaxyError as error:
        return Came("", REFUSED, one_line(error))
    return Came(path.name, BLANK, OUTSIDE) if is_blank(body, cutout) else Came(path.name, OK)


def fetch_cutouts(
    cutouts: Sequence[Cutout],
    folder: Path,
    rows: Iterable[Sequence[str]],
    header: Sequence[str],
    *,
    progress: Callable[[int, int], Any] | None = None,
    say: Say | None = None,
) -> Counts:
    """All of them, one after the other, and `cutouts.csv`: the rows as they are, with COLUMNS behind them.

    Two processes that want the same folder take turns. Raises MissingError where the service is not to be had: what
    came is kept, the list says how far it got, and the same call carries on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    came: list[Came] = []
    with locked(folder / f".{INDEX}.lock", what="fetching cutouts"):
        before = {path.name for path in folder.iterdir()}
        try:
            _fetch_all(cutouts, folder, came, progress or _quiet, say or _quiet)
        finally:
            _write_index(folder, cutouts, came, rows, header)
    return Counts(
        sum(one.status == OK and one.file not in before for one in came),
        sum(one.status == OK and one.file in before for one in came),
        sum(one.status == BLANK for one in came),
        sum(one.status == REFUSED for one in came),
    )


def _fetch_all(
    cutouts: Sequence[Cutout], folder: Path, came: list[Came], progress: Callable[[int, int], Any], say: Say
) -> None:
    n_given_up = 0
    for cutout in cutouts:
        try:
            came.append(fetch_cutout(cutout, folder, say))
            n_given_up = 0
        except GaveUpError as error:
            n_given_up += 1
            came.append(Came("", REFUSED, one_line(error)))
            if n_given_up >= MOST_GIVEN_UP or n_given_up == len(came):
                raise MissingError(
                    f"{one_line(error)}; {len(came) - n_given_up} of {len(cutouts)} cutouts are in {folder}: run it "
                    "again to carry on"
                ) from error
        progress(len(came), len(cutouts))


def _is_whole(body: bytes, cutout: Cutout) -> bool:
    try:
        check_came(body, cutout)
    except (BrokenOffError, GalaxyError):
        return False
    return True


def _write_index(
    folder: Path,
    cutouts: Sequence[Cutout],
    came: Sequence[Came],
    rows: Iterable[Sequence[str]],
    header: Sequence[str],
) -> None:
    """The objects that were asked for, in their order; a column that has one of our names keeps it."""
    ours = [name if name not in header else f"cutout_{name}" for name in COLUMNS]
    lines = (
        (*row, one.file, one.status, one.reason, f"{cutout.pixel_scale_arcsec:g}")
        for row, one, cutout in zip(rows, came, cutouts, strict=False)
    )
    write_text_atomically(folder / INDEX, csv_text((*header, *ours), lines, spreadsheet_safe=False))


def _quiet(*_: object) -> None:
    return None

"""What people say of labels: this one is doubtful, that one another class, with a note; kept beside the galaxies.

They are bound to the content of a file (its sha256) and the row, or of somebody's own images to the content of each.
It knows where they lie and what they say, and must not know what is trained with them. No note is ever more than text.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import platformdirs

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import BadFileError, BadValueError, brief, printable, quoted
from galaxy_core.files.atomic import write_text_atomically
from galaxy_core.files.csv_text import csv_text
from galaxy_core.files.lock import locked

DOUBTFUL, ANOTHER, RIGHT = VERDICTS = ("doubtful", "another class", "right")
"""`right` takes back what was said before, and says that somebody has looked."""
COLUMNS = ("row", "label", "verdict", "class", "note", "made", "data_sha256")
IMAGE_COLUMNS = ("file", "label", "verdict", "answer", "note", "made", "image_sha256")
IMAGES = "images"
"""What corrections of own images are of, in place of a file's sha256."""
LONGEST_NOTE, LONGEST_TEXT = 500, 200
MOST_BYTES = 32 * 2**20
"""Of the file: every galaxy of Galaxy10 with a long note."""
SECONDS_TO_WAIT = 10.0
"""For another process that writes a correction of the same file; it takes milliseconds."""


@dataclass(frozen=True)
class Correction:
    """What somebody says of one galaxy. `class_name` is the other class; `name` and `label` (of an own image: its file
    and what the networks answered) are kept where no file of galaxies knows them; `made` is UTC in ISO 8601.
    """

    verdict: str
    class_name: str = ""
    note: str = ""
    name: str = ""
    label: str = ""
    made: str = ""

    def __post_init__(self) -> None:
        for field, value in asdict(self).items():
            if not isinstance(value, str):
                raise BadValueError(f"{field} of a correction must be a text, got {quoted(value)}")
            most = LONGEST_NOTE if field == "note" else LONGEST_TEXT
            text = printable(" ".join(value.split()))
            if len(text) > most:
                raise BadValueError(
                    f"{field} has at most {most} characters, got {len(text)}; say it in fewer words"
                )
            object.__setattr__(self, field, text)
        if self.verdict not in VERDICTS:
            raise BadValueError(f"verdict must be one of {', '.join(VERDICTS)}, got {quoted(self.verdict)}")
        if (self.verdict == ANOTHER) != bool(self.class_name):
            raise BadValueError(
                f"a class belongs to the verdict {ANOTHER}, got {quoted(self.class_name)} with {self.verdict}"
            )
        if not self.made:
            object.__setattr__(self, "made", datetime.now(UTC).isoformat(timespec="microseconds"))


@dataclass(frozen=True)
class Ledger:
    """The corrections of what is named `of`, in the first of the `places` that can be written.

    All places are read; of two corrections of one galaxy the later holds.
    """

    of: str
    places: tuple[Path, ...]

    @property
    def place(self) -> Path:
        """The file that the next correction goes to; the last place is made where it is not there."""
        beside = (path for path in self.places[:-1] if os.access(path.parent, os.W_OK))
        return next(beside, self.places[-1])

    def read(self) -> dict[str, Correction]:
        """By row (as text) or sha256 of an image, in that order; BadFileError where a file is damaged or of others."""
        found: dict[str, Correction] = {}
        for path in self.places:
            for key, one in self._read(path).items():
                if key not in found or found[key].made < one.made:
                    found[key] = one
        return dict(sorted(found.items(), key=lambda item: (len(item[0]), item[0])))

    def add(self, key: str, correction: Correction) -> Path:
        """Keep what is said of one galaxy in place of what was said before; the file it is in now.

        LockedError where another process does not let go of the file, BadValueError where it would grow too large.
        """
        path = self.place
        with self._alone_with(path):
            self._keep(path, {key: correction})
        return path

    def merge(self, corrections: Mapping[str, Correction]) -> dict[str, Correction]:
        """Keep each that was made later than what was said of its galaxy before, all at once; those that were kept.

        Errors as of `add`.
        """
        path = self.place
        with self._alone_with(path):
            before = self.read()
            later = {
                key: one
                for key, one in corrections.items()
                if key not in before or before[key].made < one.made
            }
            if later:
                self._keep(path, later)
        return later

    def _keep(self, path: Path, corrections: Mapping[str, Correction]) -> None:
        kept = {**self._read(path), **corrections}
        values = {"of": self.of, "corrections": {name: asdict(one) for name, one in kept.items()}}
        text = json.dumps(values, indent=1) + "\n"
        if len(text) > MOST_BYTES:
            raise BadValueError(f"{path} would be larger than {MOST_BYTES >> 20} MiB; begin a new one")
        write_text_atomically(path, text)

    @contextmanager
    def _alone_with(self, path: Path) -> Iterator[None]:
        if path == self.places[-1]:
            path.parent.mkdir(parents=True, exist_ok=True)
        with locked(
            path.with_name(f".{path.name}.lock"), what="writing a correction", patience=SECONDS_TO_WAIT
        ):
            yield

    def _read(self, path: Path) -> dict[str, Correction]:
        try:
            if path.stat().st_size > MOST_BYTES:
                raise ValueError("it is far too large")
            values = json.loads(path.read_text(encoding="utf-8"))
            of, each = values["of"], dict(values["corrections"])
            found = {str(key): Correction(**{"made": "0", **one}) for key, one in each.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise BadFileError(f"{path} holds no corrections ({brief(error)}); move it away") from error
        if of != self.of:
            raise BadFileError(
                f"{path} holds corrections of other galaxies than are beside it now (their sha256 is "
                f"{quoted(of)}); put the old file of galaxies back, or move the corrections away"
            )
        return found


def ledger_of(path: str | os.PathLike[str], sha256: str) -> Ledger:
    """Of a file of galaxies: `FILE.corrections.json` beside it, else in a place of the user's own."""
    path = Path(path).absolute()
    own = Path(platformdirs.user_data_dir("galaxy-transfer-explorer")) / "corrections" / f"{sha256}.json"
    return Ledger(sha256, (path.with_name(f"{path.name}.corrections.json"), own))


def ledger_of_images(folder: Path) -> Ledger:
    """Of somebody's own images, kept in this folder, which is made where it is not there."""
    return Ledger(IMAGES, (folder / "images.corrections.json",))


def corrections_of(galaxies: Galaxies) -> dict[int, Correction]:
    """What is kept of a file of galaxies, by row; BadFileError for a row or a class that it does not have."""
    ledger = ledger_of(galaxies.path, galaxies.sha256)
    found = {}
    for key, one in ledger.read().items():
        if not key.isdecimal() or not key.isascii() or int(key[:20]) >= len(galaxies):
            raise BadFileError(
                f"the corrections of {galaxies.path} name row {quoted(key)}, and there are {len(galaxies)} "
                f"galaxies, from 0; take it out of {ledger.place}"
            )
        if one.class_name and one.class_name not in galaxies.classes:
            raise BadFileError(
                f"the corrections of {galaxies.path} name the class {quoted(one.class_name)} in row {key}, and its "
                f"classes are {quoted(str(galaxies.classes))}; take it out of {ledger.place}"
            )
        found[int(key)] = one
    return found


def counted_in_words(corrections: Mapping[Any, Correction]) -> str:
    """`3 of another class, 1 doubtful, 2 right`, without those that there are none of; `none` of nothing."""
    counts = dict.fromkeys((ANOTHER, DOUBTFUL, RIGHT), 0)
    for one in corrections.values():
        counts[one.verdict] += 1
    said = [f"{n} {'of ' * (verdict == ANOTHER)}{verdict}" for verdict, n in counts.items() if n]
    return ", ".join(said) or "none"


def corrections_csv(corrections: Mapping[int, Correction], galaxies: Galaxies) -> str:
    """A line a row of the file, with the label it has there; safe for a spreadsheet."""
    rows = (
        (
            row,
            galaxies.classes[galaxies.labels[row]],
            c.verdict,
            c.class_name,
            c.note,
            c.made,
            galaxies.sha256,
        )
        for row, c in sorted(corrections.items())
    )
    return csv_text(COLUMNS, rows)


def image_corrections_csv(corrections: Mapping[str, Correction]) -> str:
    """A line an image: its file, the class that was given and what networks answered; safe for a spreadsheet.

    Where each was given a class it is a `labels.csv` that makes a file of galaxies of them (`data.labels_csv`).
    """
    rows = ((c.name, c.class_name, c.verdict, c.label, c.note, c.made, key) for key, c in corrections.items())
    return csv_text(IMAGE_COLUMNS, rows)

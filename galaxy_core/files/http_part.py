"""One request for what a `.part` file still lacks, appended to it only where the server truly carries on.

It knows HTTP and one growing file with a note beside it. It must not know what the file is for, nor try twice.
"""

import datetime
import email.utils
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from itertools import chain
from pathlib import Path
from typing import IO, Any

import requests

from galaxy_core.errors import BadFileError, DiskFullError, MissingError
from galaxy_core.files.atomic import disk_full_named, write_text_atomically
from galaxy_core.files.http_answer import USER_AGENT, BrokenOffError, Say, ask, host

TRY_LATER = frozenset({429, 500, 502, 503, 504})

Report = Callable[[int, int], Any]  # called with (bytes there, bytes in all)


class NoMoreError(BrokenOffError):
    """The server says that the file ends where the part does, or before."""


@dataclass(frozen=True)
class Part:
    """What has come of `path` so far, and a note of which version of the file it is a piece of."""

    path: Path
    digest: str  # of the whole file that is wanted

    @property
    def file(self) -> Path:
        """The bytes so far."""
        return self.path.with_name(f"{self.path.name}.part")

    @property
    def note_file(self) -> Path:
        """Beside them: the validator (ETag or Last-Modified) and the size the server gave."""
        return self.path.with_name(f"{self.path.name}.part.json")

    @property
    def size(self) -> int:
        """Bytes that can be carried on from; 0 where it is not known what they are a piece of."""
        return self.file.stat().st_size if self.file.is_file() and self.note() else 0

    def note(self) -> dict[str, Any]:
        """`validator` and `total`, each None where the server gave none; {} where there is no note to trust."""
        try:
            values = json.loads(self.note_file.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return values if isinstance(values, dict) and values.get("digest") == self.digest else {}

    def begin(self, validator: str | None, total: int | None) -> None:
        """Empty the part, and only then say what the bytes to come belong to."""
        self.file.write_bytes(b"")
        note = {"digest": self.digest, "validator": validator, "total": total}
        write_text_atomically(self.note_file, json.dumps(note))

    def forget(self) -> None:
        """Remove the part and its note."""
        self.file.unlink(missing_ok=True)
        self.note_file.unlink(missing_ok=True)


def fetch_rest(url: str, part: Part, most_bytes: int, report: Report, say: Say) -> None:
    """Ask for what `part` lacks and append it; a server that sends the whole file starts the part anew.

    A size that the server claims and that cannot be is not believed. Raises BrokenOffError where asking again may help
    (what came is kept), MissingError where it will not (404, a web page, no such address), BadFileError for more
    than `most_bytes`, DiskFullError (what came is kept).
    """
    with ask(url, _headers(part), say) as (answer, blocks):
        start, claimed = _place(answer, part, url)
        total = claimed if claimed is not None and claimed <= most_bytes else None
        first = next(blocks, b"")
        refuse_page(answer, first, url)
        _check_room(part, start, total or 0)
        if start == 0:
            part.begin(_validator(answer), total)
        with _what_came_is_kept(part), part.file.open("ab") as file:
            for done in _append(chain([first], blocks), file):
                report(done, max(total or 0, done))
                if done > most_bytes:
                    raise BadFileError(f"{url} sends more than the {most_bytes} bytes that are expected")
    if total is not None and part.size < total:
        raise BrokenOffError(f"{host(url)} ended at {part.size} of {total} bytes")


def _append(blocks: Iterator[bytes], file: IO[bytes]) -> Iterator[int]:
    for block in blocks:
        file.write(block)
        # a process killed now loses nothing it has counted
        file.flush()
        yield file.tell()


def _headers(part: Part) -> dict[str, str]:
    # the hash is that of the plain bytes, and so are the places in a Range
    headers = {"Accept-Encoding": "identity", "User-Agent": USER_AGENT}
    if part.size:
        headers["Range"] = f"bytes={part.size}-"
        if validator := part.note().get("validator"):
            headers["If-Range"] = str(validator)
    return headers


def _place(answer: requests.Response, part: Part, url: str) -> tuple[int, int | None]:
    """Where in the file the answer begins, and the size of the whole file if the server says so."""
    status = _status(answer.status_code)
    if answer.status_code == 200:
        return 0, whole_length(answer.headers.get("Content-Length"))
    if answer.status_code == 206 and part.size:
        match = re.fullmatch(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18})", answer.headers.get("Content-Range", ""))
        known = part.note().get("total")
        if match and int(match[1]) == part.size and known in (None, int(match[2])):
            return part.size, int(match[2])
    if answer.status_code == 416 and part.size:
        raise NoMoreError(f"{host(url)} has no more than came already ({status})")
    if answer.status_code in (206, 416):
        part.forget()
        raise BrokenOffError(f"{host(url)} did not carry on where the file broke off ({status})")
    raise status_refused(answer, url)


def status_refused(answer: requests.Response, url: str) -> BrokenOffError | MissingError:
    """What a status that is no success means: try again, after the time that the server asks for, or do not."""
    status = _status(answer.status_code)
    if answer.status_code not in TRY_LATER:
        return MissingError(f"{url} answered {status}")
    seconds = _seconds_asked_for(answer)
    asks = f" and asks to be left alone for {seconds:.0f} s" if seconds else ""
    return BrokenOffError(f"{host(url)} answered {status}{asks}", seconds)


def _status(code: int) -> str:
    """The number and what it means; the server's own words for it are left out."""
    return f"{code} {HTTPStatus(code).phrase}" if code in set(HTTPStatus) else str(code)


def _seconds_asked_for(answer: requests.Response) -> float:
    """What Retry-After says, in seconds or as a date; 0 where it says nothing that can be read."""
    text = answer.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", text):
        return float(text)
    try:
        until = email.utils.parsedate_to_datetime(text).astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        return 0.0
    return max(0.0, (until - datetime.datetime.now(datetime.UTC)).total_seconds())


def whole_length(text: str | None) -> int | None:
    """The bytes that a server promises; None where it does not."""
    return int(text) if text and re.fullmatch(r"\d{1,18}", text) else None


def _validator(answer: requests.Response) -> str | None:
    """What If-Range may carry: a strong ETag, else the time of the last change; nothing that a header could not."""
    for name, form in (("ETag", r'"[!#-~]{1,500}"'), ("Last-Modified", r"[ -~]{1,100}")):
        if re.fullmatch(form, value := answer.headers.get(name, "")):
            return value
    return None


def refuse_page(answer: requests.Response, first: bytes, url: str) -> None:
    """MissingError where a web page came in place of a file."""
    is_page = "html" in answer.headers.get("Content-Type", "").lower()
    if is_page or first[:100].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        raise MissingError(f"{url} answered with a web page (a login?) in place of the file")


def _check_room(part: Part, start: int, total: int) -> None:
    n_bytes, free = total - start, shutil.disk_usage(part.path.parent).free
    if start == 0 and part.file.is_file():
        # it is emptied before the first byte is written
        free += part.file.stat().st_size
    if free < n_bytes:
        raise DiskFullError(
            f"{part.path} needs {n_bytes / 1e9:.2f} GB more and {part.path.parent} has {free / 1e9:.2f} GB free; "
            "free some space and run it again to carry on, or choose a folder on another disk"
        )


@contextmanager
def _what_came_is_kept(part: Part) -> Iterator[None]:
    try:
        with disk_full_named(part.path):
            yield
    except DiskFullError as error:
        raise DiskFullError(
            f"the disk has no room left to write {part.path}; what came so far is kept: free some space in "
            f"{part.path.parent} and run it again to carry on"
        ) from error

"""A small answer of a server, whole and in memory, asked for patiently and one at a time.

What is large and known by its digest is `files.download`'s. It must not know what the bytes are.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from galaxy_core.errors import BadFileError, MissingError
from galaxy_core.files.http_answer import USER_AGENT, BrokenOffError, Say, UnreachableError, ask, host
from galaxy_core.files.http_part import refuse_page, status_refused, whole_length

SECONDS_BEFORE_NEXT_TRY = 1.0  # doubled each time
MOST_WORDS = 1000  # bytes of an answer that is an error


@dataclass(frozen=True)
class Patience:
    """How often a server is asked, and how long one that asks to be left alone is waited for."""

    n_tries: int
    most_seconds: float


PATIENT = Patience(5, 300.0)
BRISK = Patience(2, 5.0)
"""Where somebody looks on."""


class GaveUpError(MissingError):
    """The server is not to be had now; asking for something else is no use either."""


class NothingThereError(MissingError):
    """The server says that it has nothing there."""


def fetch_small(
    url: str,
    most_bytes: int,
    check: Callable[[bytes], Any],
    *,
    nothing: bytes = b"",
    patience: Patience = PATIENT,
    say: Say | None = None,
) -> bytes:
    """The body of the answer to a GET.

    check(body) raises BrokenOffError where it is cut short, which servers that promise no length let happen unseen.
    nothing: words in which this server says, with whatever status, that it has nothing there.

    Asked again, after the time that the server asks for, where that may help. Raises GaveUpError where it does not
    answer or asks for too much patience, NothingThereError, MissingError for what asking again does not mend (404, a
    web page), BadFileError for more than `most_bytes`, and whatever else `check` raises.
    """
    say, n_tries, seconds = say or _quiet, 0, SECONDS_BEFORE_NEXT_TRY
    while True:
        try:
            body = _asked_once(url, most_bytes, nothing, say)
            check(body)
            return body
        except BrokenOffError as error:
            n_tries += 1
            is_hopeless = n_tries >= (2 if isinstance(error, UnreachableError) else patience.n_tries)
            if is_hopeless or error.seconds > patience.most_seconds:
                raise GaveUpError(str(error)) from error
            say(f"{error}; trying again")
            time.sleep(max(error.seconds, seconds))
            seconds *= 2


def _asked_once(url: str, most_bytes: int, nothing: bytes, say: Say) -> bytes:
    headers = {"Accept-Encoding": "identity", "User-Agent": USER_AGENT}
    with ask(url, headers, say) as (answer, blocks):
        if answer.status_code != 200:
            _refuse_nothing(next(blocks, b""), nothing, url)
            raise status_refused(answer, url)
        body = bytearray()
        for block in blocks:
            body += block
            if len(body) > most_bytes:
                raise BadFileError(f"{url} sends more than the {most_bytes} bytes that are expected")
        _refuse_nothing(bytes(body), nothing, url)
        refuse_page(answer, bytes(body[:MOST_WORDS]), url)
    promised = whole_length(answer.headers.get("Content-Length"))
    if promised is not None and len(body) < promised:
        raise BrokenOffError(f"{host(url)} ended at {len(body)} of {promised} bytes")
    return bytes(body)


def _refuse_nothing(body: bytes, nothing: bytes, url: str) -> None:
    if nothing and len(body) < MOST_WORDS and nothing in body.lower():
        raise NothingThereError(f"{host(url)} has nothing there")


def _quiet(*_: object) -> None:
    return None

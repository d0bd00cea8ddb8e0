"""One question to a server, asked by a thread of its own: whoever waits is told for what, and never waits for ever.

A server may send a byte now and then for years and is never silent; no time limit of a socket notices. It knows HTTP,
and of what comes only that it is bytes; it must not know files.
"""

import http.client
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from galaxy_core import __version__
from galaxy_core.errors import MissingError, brief, quoted

USER_AGENT = f"galaxy-transfer-explorer/{__version__}"
"""Who asks: a server that is asked too much can say so."""

SECONDS_TO_CONNECT = 10.0
SECONDS_OF_SILENCE = 30.0
"""A server that says nothing for so long counts as gone."""
SECONDS_OF_PATIENCE = 60.0
"""So long an answer may take to begin, and each block to come whole: 270 bytes a second."""
SECONDS_BEFORE_A_WORD = 10.0
BLOCK_BYTES = 2**14
"""At most so much is lost when a connection is reset."""
MOST_BLOCKS_AHEAD = 64

Say = Callable[[str], Any]


class BrokenOffError(Exception):
    """The answer ended early, or did not carry on where the part ends; asking again may help, after `seconds`."""

    def __init__(self, sentence: str, seconds: float = 0.0) -> None:
        super().__init__(sentence)
        self.seconds = seconds


class UnreachableError(BrokenOffError):
    """No server answered."""


@contextmanager
def ask(url: str, headers: dict[str, str], say: Say) -> Iterator[tuple[requests.Response, Iterator[bytes]]]:
    """The head of the answer to a GET, and its body in blocks of BLOCK_BYTES; `say` is told what is waited for.

    Raises BrokenOffError where asking again may help, MissingError where it will not: no address, or one that leads
    to none, and what is no HTTP.
    """
    items: queue.Queue[Any] = queue.Queue(MOST_BLOCKS_AHEAD)
    is_over = threading.Event()
    threading.Thread(target=_pull, args=(url, headers, items, is_over), daemon=True).start()
    try:
        head = _next(items, url, say, has_answered=False)
        yield head, iter(lambda: _next(items, url, say, has_answered=True), b"")
    finally:
        is_over.set()


def host(url: str) -> str:
    """The server's name, for a sentence."""
    try:
        return urlsplit(url).hostname or quoted(url)
    except ValueError:
        return quoted(url)


def _pull(url: str, headers: dict[str, str], items: "queue.Queue[Any]", is_over: threading.Event) -> None:
    """Put the answer into `items`: its head, its blocks, and an empty one or the error that ended it."""
    last: Any = b""
    try:
        with _answer(url, headers) as answer:
            # we count ourselves: otherwise an answer that ends early takes its last block with it
            answer.raw.enforce_content_length = False
            for item in chain([answer], filter(None, answer.iter_content(BLOCK_BYTES))):
                if not _put(items, item, is_over):
                    return
    except Exception as error:
        last = error
    _put(items, last, is_over)


@contextmanager
def _answer(url: str, headers: dict[str, str]) -> Iterator[requests.Response]:
    """The answer, redirects followed; all connections are closed afterwards, also of one that led nowhere."""
    answers: list[requests.Response] = []
    with requests.Session() as session:
        session.hooks["response"].append(lambda answer, **_: answers.append(answer))
        try:
            yield session.get(
                url, headers=headers, stream=True, timeout=(SECONDS_TO_CONNECT, SECONDS_OF_SILENCE)
            )
        finally:
            for answer in answers:
                answer.close()


def _put(items: "queue.Queue[Any]", item: Any, is_over: threading.Event) -> bool:
    """Whether somebody still wants it."""
    while not is_over.is_set():
        try:
            items.put(item, timeout=1)
            return True
        except queue.Full:
            continue
    return False


def _next(items: "queue.Queue[Any]", url: str, say: Say, *, has_answered: bool) -> Any:
    """The next item, waited for with a word now and then; an error of the thread is raised here in our words."""
    item = _waited_for(items, url, say, has_answered)
    if not isinstance(item, Exception):
        return item
    if (garbage := _garbage(item)) is not None:
        raise MissingError(f"what {host(url)} sends is no HTTP ({brief(garbage)})") from item
    if isinstance(item, requests.ConnectionError | requests.Timeout) and not has_answered:
        raise UnreachableError(_in_words(item, url)) from item
    if isinstance(item, requests.RequestException) and has_answered:
        raise BrokenOffError(_in_words(item, url)) from item
    if isinstance(item, requests.RequestException | urllib3.exceptions.HTTPError | ValueError):
        raise MissingError(
            f"{quoted(url)} is no address that can be fetched from, or leads to one that is none ({brief(item)})"
        ) from item
    raise item


def _waited_for(items: "queue.Queue[Any]", url: str, say: Say, has_answered: bool) -> Any:
    waited, what = 0.0, "send more" if has_answered else "answer"
    while waited < SECONDS_OF_PATIENCE:
        try:
            return items.get(timeout=SECONDS_BEFORE_A_WORD)
        except queue.Empty:
            waited += SECONDS_BEFORE_A_WORD
            say(f"waiting for {host(url)} to {what}, {waited:g} s by now")
    if has_answered:
        raise BrokenOffError(f"{host(url)} sent less than {BLOCK_BYTES} bytes in {SECONDS_OF_PATIENCE:g} s")
    raise UnreachableError(f"{host(url)} did not answer within {SECONDS_OF_PATIENCE:g} s")


def _garbage(error: BaseException) -> http.client.HTTPException | None:
    """The complaint of the library about what is no HTTP, where that is at the root of the error."""
    cause: BaseException | None = error
    while cause is not None:
        is_end = isinstance(cause, http.client.RemoteDisconnected | http.client.IncompleteRead)
        if isinstance(cause, http.client.HTTPException) and not is_end:
            return cause
        cause = cause.__cause__ or cause.__context__
    return None


def _in_words(error: requests.RequestException, url: str) -> str:
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return f"{host(url)} was silent for {SECONDS_OF_SILENCE:g} s"
    if isinstance(error, requests.exceptions.SSLError):
        is_refused = "CERTIFICATE" in str(error)
        return (
            f"the certificate of {host(url)} was refused"
            if is_refused
            else f"there is no encrypted connection to {host(url)}"
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return f"the proxy on the way to {host(url)} did not let it through"
    if isinstance(error, requests.ConnectionError):
        return f"there is no connection to {host(url)}"
    return f"the connection to {host(url)} broke off"

"""A server that speaks nonsense, or a byte at a time, costs one sentence and a bounded time."""

import datetime
import email.utils
import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from galaxy_core.errors import MissingError
from galaxy_core.files.download import Wanted, download
from galaxy_core.files.http_answer import BLOCK_BYTES

CONTENT = bytes(range(256)) * 200
WANTED = Wanted("the file", "sha256", hashlib.sha256(CONTENT).hexdigest(), 10**6, "use --from FILE")
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(CONTENT) + CONTENT


class RawServer:
    """Sends `answers`, one a connection and the last for ever; beyond `n_at_once` bytes it sends a byte a time."""

    def __init__(self) -> None:
        self.answers, self.n_at_once, self.n_asked = [WHOLE], 10**9, 0
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}/galaxies.h5"
        self.is_over = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                self.n_asked += 1
                threading.Thread(target=self._answer, args=(connection, answer), daemon=True).start()

    def _answer(self, connection: socket.socket, answer: bytes) -> None:
        with suppress(OSError), connection:
            connection.recv(65536)
            connection.sendall(answer[: self.n_at_once])
            for i in range(self.n_at_once, len(answer)):
                if self.is_over.wait(0.02):
                    return
                connection.sendall(answer[i : i + 1])


@pytest.fixture
def raw_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    """The server; nobody waits between tries."""
    monkeypatch.setattr("galaxy_core.files.download.SECONDS_BEFORE_NEXT_TRY", 0.0)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running = RawServer()
    yield running
    running.is_over.set()
    running.listening.close()


def refusal(url: str, folder: Path) -> str:
    with pytest.raises(MissingError, match=r"the file could not be fetched: .*; use --from FILE") as caught:
        download(url, folder / "file", WANTED)
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()
    return str(caught.value)


@pytest.mark.parametrize(
    "location",
    [
        b"http://[::1",
        b"http://" + b"x" * 70 + b".org/",
        b"\xff\xfe\x00",
        b"http://a\xc3\x28.org/",
        b"ftp://x/y",
        b"",
    ],
)
def test_an_address_it_leads_to_that_is_none_is_one_sentence(
    raw_server: RawServer, tmp_path: Path, location: bytes
) -> None:
    raw_server.answers = [b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"]
    said = refusal(raw_server.url, tmp_path)
    assert "leads to" in said or "answered 302" in said or "no connection to xxx" in said


@pytest.mark.parametrize(
    "garbage", [b"dear galaxies\r\n\r\n", b"\x16\x03\x01" + bytes(50), b"x" * 10**5, b"HTTP/1.1 abc\r\n\r\n"]
)
def test_what_is_no_http_is_called_so_and_not_asked_again(
    raw_server: RawServer, tmp_path: Path, garbage: bytes
) -> None:
    raw_server.answers = [garbage]
    assert "what 127.0.0.1 sends is no HTTP" in refusal(raw_server.url, tmp_path)
    assert raw_server.n_asked == 1


def test_raw_bytes_in_every_header_do_no_harm(raw_server: RawServer, tmp_path: Path) -> None:
    names = (b"ETag", b"Last-Modified", b"Content-Type", b"Retry-After", b"Content-Range")
    headers = b"".join(name + b': "\xff\x1b[2J\xc3"\r\n' for name in names)
    first = b"HTTP/1.1 200 \xff\x1b[2J\r\n" + headers + WHOLE.split(b"\r\n", 1)[1][:-1000]
    raw_server.answers = [first, WHOLE]
    download(raw_server.url, tmp_path / "file", WANTED)
    assert (tmp_path / "file").read_bytes() == CONTENT
    raw_server.answers = [b"HTTP/1.1 503 \xff\x1b[2J\r\n" + headers + b"\r\n"]
    assert "answered 503 Service Unavailable" in refusal(raw_server.url, tmp_path / "..")


@pytest.mark.parametrize("n_at_once", [0, 20, len(WHOLE) - len(CONTENT) + BLOCK_BYTES + 5])
def test_a_server_that_sends_a_byte_a_time_is_given_up_and_said_to_be_waited_for(
    raw_server: RawServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_at_once: int
) -> None:
    monkeypatch.setattr("galaxy_core.files.http_answer.SECONDS_OF_PATIENCE", 0.2)
    monkeypatch.setattr("galaxy_core.files.http_answer.SECONDS_BEFORE_A_WORD", 0.1)
    raw_server.n_at_once = n_at_once
    words: list[str] = []
    started = time.monotonic()
    with pytest.raises(MissingError, match=r"did not answer within|sent less than 16384 bytes in") as caught:
        download(raw_server.url, tmp_path / "file", WANTED, say=words.append)
    assert time.monotonic() - started < 5
    assert any(sentence.startswith("waiting for 127.0.0.1 to ") for sentence in words)
    if n_at_once > len(WHOLE) - len(CONTENT):
        assert f"{BLOCK_BYTES} bytes are kept" in str(caught.value)


def busy(retry_after: str) -> bytes:
    return b"HTTP/1.1 503 x\r\nContent-Length: 0\r\nRetry-After: " + retry_after.encode() + b"\r\n\r\n"


@pytest.mark.parametrize("how", ["seconds", "date"])
def test_a_server_that_asks_to_be_left_alone_is(
    raw_server: RawServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("galaxy_core.files.download.time.sleep", slept.append)
    at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=120)
    raw_server.answers = [
        busy("120" if how == "seconds" else email.utils.format_datetime(at, usegmt=True)),
        WHOLE,
    ]
    words: list[str] = []
    download(raw_server.url, tmp_path / "file", WANTED, say=words.append)
    assert [round(seconds, -1) for seconds in slept] == [120]
    assert "asks to be left alone for 1" in words[0]


@pytest.mark.parametrize("how", ["301", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_server_that_asks_for_too_long_is_not_waited_for(
    raw_server: RawServer, tmp_path: Path, how: str
) -> None:
    raw_server.answers = [busy(how)]
    assert "503 Service Unavailable and asks to be left alone for" in refusal(raw_server.url, tmp_path)
    assert raw_server.n_asked == 1


@pytest.mark.parametrize("how", ["", "soon", "-5", "9" * 5000, "Fri, 99 Foo 2026"])
def test_what_is_no_time_to_wait_is_passed_over(raw_server: RawServer, tmp_path: Path, how: str) -> None:
    raw_server.answers = [busy(how), WHOLE]
    download(raw_server.url, tmp_path / "file", WANTED)
    assert (tmp_path / "file").read_bytes() == CONTENT

"""Small Galaxy10 files with known content, whole or spoilt on purpose, and a web server that misbehaves."""

import http.server
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import h5py
import numpy as np
import pytest

N = 6


def known_arrays(n: int = N) -> dict[str, np.ndarray]:
    """The six datasets: image i is i everywhere but for its first pixel."""
    images = np.broadcast_to(np.arange(n, dtype=np.uint8)[:, None, None, None], (n, 256, 256, 3)).copy()
    images[:, 0, 0] = (255, 128, 64)
    return {
        "images": images,
        "ans": np.arange(n, dtype=np.uint8) % 10,
        "ra": np.linspace(0, 360, n),
        "dec": np.linspace(-90, 90, n),
        "redshift": np.full(n, np.nan),
        "pxscale": np.full(n, 0.262),
    }


def write_file(path: Path, *, chunks: object = None, leave_out: str = "", **replaced: object) -> Path:
    """A file of `known_arrays`; `replaced` puts other arrays (or links) in place of datasets."""
    with h5py.File(path, "w") as file:
        for name, values in {**known_arrays(), **replaced}.items():
            if name == leave_out:
                continue
            if name == "images" and chunks is not None:
                file.create_dataset(name, data=values, chunks=chunks, compression="gzip", shuffle=True)
            else:
                file[name] = values
    return path


@pytest.fixture(name="known_arrays")
def _known_arrays():
    return known_arrays


@pytest.fixture(name="write_file")
def _write_file():
    return write_file


class Server:
    """A web server on this machine that gives `content`, misbehaving as the test says.

    `answers` are used up one a request, the last for ever: "whole", "break N" (the connection ends after N
    bytes of the body), "no range" (Range is ignored), "silent", "page", "as data" (a web page that says it is
    data), "promise N" (N bytes more than there are), "chunked", "wrong place" (a 206 that starts elsewhere),
    or a status code.
    """

    def __init__(self, content: bytes) -> None:
        self.content, self.etag = content, '"v1"'
        self.answers: list[str | int] = ["whole"]
        self.asked: list[dict[str, str]] = []
        self.url = ""

    def next_answer(self) -> str | int:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Handler(http.server.BaseHTTPRequestHandler):
    """One request to a `Server`."""

    server: "http.server.ThreadingHTTPServer"

    def do_GET(self) -> None:
        state: Server = self.server.state  # type: ignore[attr-defined]
        state.asked.append(dict(self.headers))
        kind, _, number = str(state.next_answer()).partition(" ")
        if kind.isdigit():
            self.send_error(int(kind))
        elif kind == "silent":
            time.sleep(3)
        elif kind in ("page", "as"):
            self._page("text/html; charset=utf-8" if kind == "page" else "application/octet-stream")
        else:
            self._send(state, kind, number)

    def _page(self, kind: str) -> None:
        body = b"<!DOCTYPE html><title>Please log in</title>"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send(self, state: Server, kind: str, number: str) -> None:
        start = self._start(state) if kind != "no" else 0
        more = int(number) if kind == "promise" else 0
        if start >= len(state.content) + more:
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if state.etag:
            self.send_header("ETag", state.etag)
        if start:
            said = start + (7 if kind == "wrong" else 0)
            total = len(state.content) + more
            self.send_header("Content-Range", f"bytes {said}-{total - 1}/{total}")
        if kind != "chunked":
            self.send_header("Content-Length", str(len(state.content) + more - start))
        self.end_headers()
        body = state.content[start:]
        with suppress(ConnectionError):
            self.wfile.write(body[: int(number)] if kind == "break" else body)

    def _start(self, state: Server) -> int:
        asked = self.headers.get("Range")
        if asked is None or self.headers.get("If-Range", state.etag) != state.etag:
            return 0
        return int(asked.removeprefix("bytes=").rstrip("-"))

    def log_message(self, *_: object) -> None:
        pass


CONTENT = bytes(np.random.default_rng(0).integers(0, 256, 200_000, np.uint8))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """200 kB of noise behind a server that does what the test says; nobody waits between tries."""
    monkeypatch.setattr("galaxy_core.files.download.SECONDS_BEFORE_NEXT_TRY", 0.0)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.daemon_threads = True
        running.state = Server(CONTENT)  # type: ignore[attr-defined]
        running.state.url = f"http://127.0.0.1:{running.server_port}/galaxies.h5"  # type: ignore[attr-defined]
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield running.state  # type: ignore[attr-defined]
        running.shutdown()
        thread.join()

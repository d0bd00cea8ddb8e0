"""A cutout service on this machine that behaves, and misbehaves, as that of the Legacy Surveys is known to."""

import http.server
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import parse_qs, urlsplit

import numpy as np
from made_fits import PLACE, bands, fits_file
from PIL import Image

NORTHERN_EDGE = 34.0
"""In degrees; beyond it there is no image."""
CLIPPED_AT = 3000


class CutoutServer:
    """Answers JPEG and FITS cutouts; `answers` are used up one a request, the last for ever.

    "whole", "cut" (the connection ends after half of what was promised), "half" (the same without a promise),
    "page", or a status with, behind a blank, the seconds of Retry-After. Outside of the footprint a JPEG is flat and
    a FITS an error.
    """

    def __init__(self) -> None:
        self.answers = ["whole"]
        self.asked: list[dict[str, str]] = []
        self.agents: list[str] = []
        self.n_now = self.n_most = 0
        self.url = ""
        self.lock = threading.Lock()

    def next_answer(self) -> str:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def picture(self, asked: dict[str, str]) -> bytes:
        """A disc whose brightness goes by the place."""
        size = min(int(asked["size"]), CLIPPED_AT)
        flux = self._flux(asked, size)
        if asked["kind"] == "fits":
            return fits_file(flux, PLACE | bands("grz"))
        file = io.BytesIO()
        light = np.clip(32 + 900 * flux[0, ::-1], 0, 255).astype(np.uint8)
        Image.fromarray(np.repeat(light[..., None], 3, axis=2)).save(file, "JPEG", quality=90)
        return file.getvalue()

    def _flux(self, asked: dict[str, str], size: int) -> np.ndarray:
        if float(asked["dec"]) > NORTHERN_EDGE:
            return np.zeros((3, size, size))
        y, x = np.mgrid[:size, :size] - (size - 1) / 2
        disc = np.exp(-(x**2 + y**2) / (size / 12) ** 2) * (0.1 + float(asked["ra"]) / 3600)
        noise = np.random.default_rng(0).normal(0, 0.002, (3, size, size))
        return disc + noise


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        state: CutoutServer = self.server.state  # type: ignore[attr-defined]
        with state.lock:
            state.n_now += 1
            state.n_most = max(state.n_most, state.n_now)
        try:
            self._answer(state)
        finally:
            with state.lock:
                state.n_now -= 1

    def _answer(self, state: CutoutServer) -> None:
        parts = urlsplit(self.path)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        asked["kind"] = parts.path.strip("/").split("-")[0]
        state.asked.append(asked)
        state.agents.append(self.headers["User-Agent"])
        kind, _, seconds = state.next_answer().partition(" ")
        if kind.isdigit():
            self.send_response(int(kind))
            if seconds:
                self.send_header("Retry-After", seconds)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif kind == "page":
            self._send(b"<!DOCTYPE html><title>Maintenance</title>", "text/html")
        elif asked["kind"] == "fits" and float(asked["dec"]) > NORTHERN_EDGE:
            self._send(b"No overlap of the layer with this position", "text/plain", status=500)
        else:
            self._send(state.picture(asked), f"image/{asked['kind']}", kind)

    def _send(self, body: bytes, content: str, kind: str = "whole", status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content)
        if kind != "half":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(ConnectionError):
            self.wfile.write(body if kind == "whole" else body[: len(body) // 2])

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def cutout_server() -> Iterator[CutoutServer]:
    """The server, running."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as running:
        running.daemon_threads = True
        running.state = CutoutServer()  # type: ignore[attr-defined]
        running.state.url = f"http://127.0.0.1:{running.server_port}"  # type: ignore[attr-defined]
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield running.state  # type: ignore[attr-defined]
        running.shutdown()
        thread.join()

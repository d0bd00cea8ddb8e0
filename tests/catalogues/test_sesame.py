"""A place is what people type: degrees, sixtieths, or a name that Sesame knows."""

import http.server
import threading
from collections.abc import Iterator

import pytest

from galaxy_core.catalogues.sesame import find_place
from galaxy_core.errors import BadValueError, MissingError

resolving = pytest.importorskip("astropy.coordinates.name_resolve")


@pytest.mark.parametrize(
    ("text", "ra", "dec"),
    [
        ("184.95 12.3", 184.95, 12.3),
        ("184.95, -12.3", 184.95, -12.3),
        ("  360   +0.5 ", 0.0, 0.5),
        ("12:19:48.0 +12:18:00", 184.95, 12.3),
        ("12h19m48s -0d30m00s", 184.95, -0.5),
        ("12 19 48 12 18 00", 184.95, 12.3),
    ],
)
def test_degrees_and_sixtieths_are_places(text: str, ra: float, dec: float) -> None:
    place = find_place(text)
    assert (place.ra, place.dec) == (pytest.approx(ra), pytest.approx(dec))


@pytest.mark.parametrize("text", ["", "x" * 101, "400 5", "10 95", "M51\x1b[2J"])
def test_what_is_no_place_is_refused_without_asking_anybody(text: str) -> None:
    with pytest.raises(BadValueError):
        find_place(text)


class Sesame(http.server.BaseHTTPRequestHandler):
    """Knows M 51 alone."""

    def do_GET(self) -> None:
        known = "M%2051" in self.path
        body = (
            b"#=Simbad\n%J 202.469575 +47.1952583 = 13 29 52.69\n" if known else b"#! *** Nothing found ***\n"
        )
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def sesame(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sesame) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        with resolving.sesame_url.set([f"http://127.0.0.1:{running.server_port}/-oI/"]):
            yield running.server_address[0]
        running.shutdown()
        thread.join()


def test_a_name_is_asked_of_sesame(sesame: str) -> None:
    place = find_place("M  51")
    assert (place.name, place.ra, place.dec) == ("M 51", pytest.approx(202.469575), pytest.approx(47.1952583))
    with pytest.raises(
        MissingError, match="Sesame knows no object 'M 999'; check the name, or give its place"
    ):
        find_place("M 999")


def test_offline_a_name_costs_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with (
        resolving.sesame_url.set(["http://127.0.0.1:9/"]),
        pytest.raises(
            MissingError, match=r"^Sesame, .* could not be asked .* or give right ascension"
        ) as caught,
    ):
        find_place("M 51")
    assert "\n" not in str(caught.value)

"""The real command without a browser: who may reach it, who may write to it, and whom it asks."""

import http.client
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

FOREIGN = ("http://elsewhere.example", "http://localhost.elsewhere.example:8501", "null", "http://[")


def answer(explorer: Any, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
    """What a request gets; a `Host` among the headers replaces the one of the address."""
    connection = http.client.HTTPConnection(urlsplit(explorer.address).netloc, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        return connection.getresponse()
    finally:
        connection.close()


def ask(explorer: Any, method: str, path: str, **headers: str) -> int:
    """The status that a request gets."""
    return answer(explorer, method, path, **headers).status


def handshake(explorer: Any, origin: str, **headers: str) -> int:
    """The status of an attempt to open the page's socket from a page of that origin."""
    asked = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    asked |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": origin}
    return ask(explorer, "GET", "/_stcore/stream", **asked, **headers)


def port_of(explorer: Any) -> int:
    return urlsplit(explorer.address).port or 0


def test_the_server_listens_on_this_machine_only(explorer: Any) -> None:
    process = psutil.Process(explorer.process.pid)
    places = {c.laddr.ip for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN}
    assert places
    assert places <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_page_from_elsewhere_cannot_open_the_socket(explorer: Any, origin: str) -> None:
    assert handshake(explorer, explorer.address) == 101
    assert handshake(explorer, origin) == 403
    assert ask(explorer, "GET", "/_stcore/health", Origin=origin) == 403


def test_another_server_of_this_machine_cannot_open_the_socket(explorer: Any) -> None:
    assert handshake(explorer, f"http://localhost:{port_of(explorer) + 1}") == 403


@pytest.mark.parametrize("name", ["evil.example", "localhost.evil.example", "evil.example.", ""])
def test_a_name_that_was_pointed_at_this_machine_reaches_nothing(explorer: Any, name: str) -> None:
    host = f"{name}:{port_of(explorer)}"
    assert handshake(explorer, f"http://{host}", Host=host) == 403
    assert ask(explorer, "GET", "/", Host=host) == 403


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
def test_every_name_of_this_machine_opens_the_page_and_its_socket(explorer: Any, name: str) -> None:
    host = f"{name}:{port_of(explorer)}"
    assert handshake(explorer, f"http://{host}", Host=host) == 101
    assert ask(explorer, "GET", "/", Host=host) == 200


def test_a_foreign_page_makes_the_server_ask_nobody(explorer: Any) -> None:
    """Streamlit would ask checkip.amazonaws.com for its own address, once in each of these."""
    log = explorer.log.read_text()
    assert handshake(explorer, "http://elsewhere.example") == 403
    process = psutil.Process(explorer.process.pid)
    peers = {c.raddr.ip for c in process.net_connections("inet") if c.raddr}
    assert peers <= {"127.0.0.1", "::1"}
    assert "external IP" not in explorer.log.read_text().removeprefix(log)


def test_no_page_can_be_framed_elsewhere_or_load_anything_from_elsewhere(explorer: Any) -> None:
    for path in ("/", "/gallery", "/_stcore/health"):
        said = answer(explorer, "GET", path)
        policy = dict(
            part.strip().split(" ", 1) for part in said.headers["Content-Security-Policy"].split(";")
        )
        assert policy["frame-ancestors"] == "'self'"
        assert said.headers["X-Frame-Options"] == "SAMEORIGIN"
        loads = " ".join(policy[kind] for kind in ("default-src", "connect-src"))
        host = urlsplit(explorer.address).netloc
        assert set(loads.split()) <= {
            "'self'", "data:", "blob:", "'unsafe-inline'", "'unsafe-eval'", f"ws://{host}", f"wss://{host}",
        }  # fmt: skip


def test_a_file_without_the_token_of_the_page_is_refused(explorer: Any) -> None:
    assert ask(explorer, "PUT", "/_stcore/upload_file/somebody/something") == 403


def test_others_are_let_in_by_the_options_that_the_documentation_names(tmp_path: Any) -> None:
    from real_server import served

    options = [f"--server.{name}" for name in ("address=127.0.0.1", "allowedHosts=lab.example")]
    options += ["--server.corsAllowedOrigins=https://people.example", "--browser.serverAddress=lab.example"]
    with served(tmp_path, options=options) as explorer:
        host = f"lab.example:{port_of(explorer)}"
        assert handshake(explorer, f"http://{host}", Host=host) == 101
        assert handshake(explorer, "https://lab.example", Host="lab.example") == 101
        assert handshake(explorer, "https://people.example", Host="lab.example") == 101
        assert handshake(explorer, "http://elsewhere.example", Host=host) == 403
        assert ask(explorer, "GET", "/") == 403
        assert "external IP" not in explorer.log.read_text()


def test_the_command_serves_below_a_path_from_any_folder_and_keeps_the_door(tmp_path: Any) -> None:
    from real_server import EXPLORE, served

    options = ["--base-path", "/galaxies/", "--name", "lab.example"]
    with served(tmp_path, options=options, words=EXPLORE) as explorer:
        assert ask(explorer, "GET", "/galaxies/", Host="lab.example") == 200
        assert ask(explorer, "GET", "/galaxies/_stcore/health") == 200
        assert ask(explorer, "GET", "/galaxies/", Host="evil.example") == 403
        assert "external IP" not in explorer.log.read_text()


def test_a_browser_is_named_by_the_page_and_keeps_its_name(explorer: Any) -> None:
    given = answer(explorer, "GET", "/").getheader("Set-Cookie") or ""
    name = given.partition(";")[0]
    assert given.endswith("; Path=/; HttpOnly; SameSite=Lax")
    assert (answer(explorer, "GET", "/", Cookie=name).getheader("Set-Cookie") or "").startswith(f"{name};")
    made_up = answer(explorer, "GET", "/", Cookie="galaxy_browser=../me").getheader("Set-Cookie") or ""
    assert made_up.partition(";")[0] != "galaxy_browser=../me"
    assert "galaxy_browser" not in str(answer(explorer, "GET", "/_stcore/health").getheader("Set-Cookie"))

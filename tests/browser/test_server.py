"""The real command without a browser: who may reach it, and who may write to it."""

import http.client
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest


def ask(explorer: Any, method: str, path: str, **headers: str) -> int:
    """The status that a request gets."""
    connection = http.client.HTTPConnection(urlsplit(explorer.address).netloc, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def handshake(explorer: Any, origin: str) -> int:
    """The status of an attempt to open the page's socket from a page of that origin."""
    asked = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    asked |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": origin}
    return ask(explorer, "GET", "/_stcore/stream", **asked)


def test_the_server_listens_on_this_machine_only(explorer: Any) -> None:
    process = psutil.Process(explorer.process.pid)
    places = {c.laddr.ip for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN}
    assert places
    assert places <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "http://localhost.elsewhere.example:8501"])
def test_a_page_from_elsewhere_cannot_open_the_socket(explorer: Any, origin: str) -> None:
    assert handshake(explorer, explorer.address) == 101
    assert handshake(explorer, origin) == 403


def test_a_file_without_the_token_of_the_page_is_refused(explorer: Any) -> None:
    assert ask(explorer, "PUT", "/_stcore/upload_file/somebody/something") == 403

"""The door before the server: who may ask, and what a page may load. Knows nothing of galaxies, runs or pages.

Streamlit limits by `server.allowedHosts` whom it opens a socket to, and nothing else; it asks an address outside for
its own before it refuses a foreign page; and it forbids nobody to frame its pages. The door stands before all that.
"""

import re
import secrets
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REFUSED_HOST = (
    "This server is not called that; `galaxy explore --name` or server.allowedHosts lists its names.\n"
)
REFUSED_ORIGIN = (
    "A page from elsewhere asked; server.corsAllowedOrigins in .streamlit/config.toml lists who may.\n"
)
LOCAL = ("localhost", "127.0.0.1", "::1")
"""The names where none are set, as when the settings of this project are not found."""
BROWSER = "galaxy_browser"
"""The cookie that tells browsers apart: random letters, which no page can read. `people.py` knows what they are for."""
SECONDS_KNOWN = 365 * 86_400
POLICY = (
    "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; connect-src 'self' data: blob: ws://{host} "
    "wss://{host}; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
"""Whatever text comes to stand on a page, the browser fetches nothing for it from anywhere else.

Scripts of Streamlit are inline, and its components come as `blob:` and `data:`; Plotly compiles small functions.
"""


class Door:
    """Refuses who calls the server by another name or asks from a foreign page, and bounds what its pages may do."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or socket; anything else (the start of the server) is passed on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host, origin = headers.get("host"), headers.get("origin")
        if refused := _why_refused(host, origin):
            await PlainTextResponse(refused, 403)(scope, receive, send)
            return
        if scope["type"] == "websocket":
            scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"origin"]}

        async def bounded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                _bound(answer, host or "")
                _name_browser(answer, headers.get("cookie", ""))
            await send(message)

        await self._app(scope, receive, bounded)


def _why_refused(host: str | None, origin: str | None) -> str:
    """The reason in a sentence, empty for whoever may come in.

    No origin is sent by programs that are no browser, and by a browser that only follows a link.
    """
    if not _is_called(_parts_of(f"//{host}")[0]):
        return REFUSED_HOST
    if origin is None or _parts_of(origin)[1] == host or origin in st.get_option("server.corsAllowedOrigins"):
        return ""
    return REFUSED_ORIGIN


def _is_called(name: str) -> bool:
    """Whether the server goes by this name: one of those listed, below one that begins with `*.`, or any for `*`."""
    allowed = [one.strip().lower() for one in st.get_option("server.allowedHosts") or LOCAL]
    below = tuple(one[1:] for one in allowed if one.startswith("*."))
    return "*" in allowed or name in allowed or (bool(below) and name.endswith(below))


def _parts_of(address: str) -> tuple[str, str]:
    """The name of an address and the name with its port; empty where it is none."""
    try:
        parts = urlsplit(address)
        return (parts.hostname or "").rstrip("."), parts.netloc
    except ValueError:
        return "", ""


def _bound(headers: MutableHeaders, host: str) -> None:
    headers["Content-Security-Policy"] = POLICY.format(host=host)
    headers["X-Frame-Options"] = "SAMEORIGIN"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"


def _name_browser(answer: MutableHeaders, cookies: str) -> None:
    """With every page, so that who comes again within a year is still known."""
    if answer.get("content-type", "").startswith("text/html"):
        name = cookie_parser(cookies).get(BROWSER, "")
        if not re.fullmatch(r"[A-Za-z0-9_-]{32}", name):
            name = secrets.token_urlsafe(24)
        answer.append(
            "Set-Cookie",
            f"{BROWSER}={name}; Max-Age={SECONDS_KNOWN}; Path=/; HttpOnly; SameSite=Lax",
        )

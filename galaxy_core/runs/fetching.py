"""Fetching the published galaxies in a process of its own, so that a closed page or a restart does not end it.

Whoever started it only looks at files afterwards: the part that has come, the log, and whether the process lives.
"""

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from galaxy_core.errors import LockedError
from galaxy_core.files.lock import holder, locked

_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Fetching:
    """`is_alive` while it goes on; `n_bytes` that have come; `last_words` of an attempt that ended."""

    is_alive: bool
    n_bytes: int
    last_words: str


def start_fetching(out: Path) -> None:
    """Start `galaxy data fetch --out OUT` unless one is at it already; it carries on with what an earlier one got."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with suppress(LockedError), locked(_lock_file(out), what="fetching galaxies", patience=0) as lock:
        lock.hand_over(_start(out))


def _start(out: Path) -> int:
    with _log(out).open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "galaxy_core", "data", "fetch", "--out", str(out)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    _children[:] = [one for one in _children if one.poll() is None] + [child]
    return child.pid


def look_at_fetching(out: Path) -> Fetching:
    """How the fetching to `out` is doing, or how it ended."""
    return Fetching(holder(_lock_file(out)) is not None, _n_bytes(out), _last_words(out))


def _n_bytes(out: Path) -> int:
    try:
        return out.with_name(f"{out.name}.part").stat().st_size
    except OSError:
        return 0


def _last_words(out: Path) -> str:
    try:
        lines = _log(out).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip()[-400:] for line in reversed(lines) if line.strip()), "")


def _log(out: Path) -> Path:
    return out.with_name("fetch.log")


def _lock_file(out: Path) -> Path:
    """Held by the process that fetches, from its start to its end, whatever that is."""
    return out.with_name("fetch.lock")

"""Fetching the published galaxies in a process of its own, so that a closed page or a restart does not end it.

Whoever started it only looks at files afterwards: the part that has come, the log, and whether the process lives.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from galaxy_core.data.atomic import write_text_atomically

_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Fetching:
    """`is_alive` while it goes on; `n_bytes` that have come; `last_words` of an attempt that ended."""

    is_alive: bool
    n_bytes: int
    last_words: str


def start_fetching(out: Path) -> None:
    """Start `galaxy data fetch --out OUT` unless one is at it already; it carries on with what an earlier one got."""
    if look_at_fetching(out).is_alive:
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    with _log(out).open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "galaxy_core", "data", "fetch", "--out", str(out)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    write_text_atomically(_pid_file(out), str(child.pid))
    _children[:] = [one for one in _children if one.poll() is None] + [child]


def look_at_fetching(out: Path) -> Fetching:
    """How the fetching to `out` is doing, or how it ended."""
    return Fetching(_is_alive(out), _n_bytes(out), _last_words(out))


def _is_alive(out: Path) -> bool:
    try:
        process = psutil.Process(int(_pid_file(out).read_text()))
        return process.status() != psutil.STATUS_ZOMBIE and str(out) in process.cmdline()
    except (OSError, ValueError, psutil.Error):
        return False


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


def _pid_file(out: Path) -> Path:
    return out.with_name("fetch.pid")

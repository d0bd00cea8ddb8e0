"""Fetching the published galaxies in a process of its own, so that a closed page or a restart does not end it.

Whoever started it only looks at files afterwards: the part that has come, the log, and whether the process lives.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from galaxy_core.errors import LockedError
from galaxy_core.files.lock import holder, locked
from galaxy_core.runs.launch import last_words, start_command


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
        _log(out).unlink(missing_ok=True)
        lock.hand_over(start_command(["data", "fetch", "--out", str(out)], _log(out), lock.token))


def look_at_fetching(out: Path) -> Fetching:
    """How the fetching to `out` is doing, or how it ended."""
    return Fetching(holder(_lock_file(out)) is not None, _n_bytes(out), last_words(_log(out), 400))


def _n_bytes(out: Path) -> int:
    try:
        return out.with_name(f"{out.name}.part").stat().st_size
    except OSError:
        return 0


def _log(out: Path) -> Path:
    return out.with_name("fetch.log")


def _lock_file(out: Path) -> Path:
    """Held by the process that fetches, from its start to its end, whatever that is."""
    return out.with_name("fetch.lock")

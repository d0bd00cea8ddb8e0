"""One training at a time on a machine: the next waits its turn and can say for what."""

import getpass
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from galaxy_core.data.atomic import write_text_atomically
from galaxy_core.errors import BadValueError

SECONDS_BETWEEN_LOOKS = 1.0


@contextmanager
def training_turn(name: str, on_wait: Callable[[str], None]) -> Iterator[None]:
    """Hold this machine's one place for training; `on_wait(sentence)` is called while another run has it.

    `on_wait` may raise (a stop was asked for), which ends the waiting.
    """
    folder = _turn_folder()
    lock = FileLock(folder / "training.lock")
    holder = folder / "training.holder"
    _wait_for(lock, holder, on_wait)
    try:
        write_text_atomically(holder, name)
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _wait_for(lock: FileLock, holder: Path, on_wait: Callable[[str], None]) -> None:
    patience = 0.0
    while True:
        try:
            lock.acquire(timeout=patience)
            return
        except Timeout:
            on_wait(f"waiting for {_holder_name(holder)} to finish; one training at a time on this machine")
            patience = SECONDS_BETWEEN_LOOKS


def _holder_name(holder: Path) -> str:
    try:
        return holder.read_text(encoding="utf-8") or "another training"
    except OSError:
        return "another training"


def _turn_folder() -> Path:
    """A folder of this user on this machine, never on a file system shared with others.

    Where somebody else has put something of that name into the common folder, it is not used.
    """
    user = str(os.getuid()) if hasattr(os, "getuid") else getpass.getuser()
    folder = Path(tempfile.gettempdir()) / f"galaxy-transfer-explorer-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or (hasattr(os, "getuid") and state.st_uid != os.getuid()):
        raise BadValueError(f"{folder} belongs to somebody else; set TMPDIR to a folder of your own")
    return folder

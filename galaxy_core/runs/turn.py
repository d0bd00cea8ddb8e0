"""One training at a time on a machine: the next waits its turn and can say for what."""

import getpass
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from galaxy_core.errors import BadValueError
from galaxy_core.files.lock import Holder, locked

TURN = "GALAXY_TURN"
"""Environment variable with the number of the place of a worker, where several train at once on a machine."""


@contextmanager
def training_turn(name: str, on_wait: Callable[[str], None]) -> Iterator[None]:
    """Hold this machine's one place for training; `on_wait(sentence)` is called while another run has it.

    `on_wait` may raise (a stop was asked for), which ends the waiting.
    """

    def say(holder: Holder) -> None:
        on_wait(f"waiting for {holder.what} to finish; one training at a time on this machine")

    with locked(_turn_folder() / f"training{_place()}.lock", what=name, on_wait=say):
        yield


def _place() -> str:
    """Which of several places: of a worker here, or of a job to which a cluster gave a part of the machine."""
    named = os.environ.get(TURN) or os.environ.get("SLURM_JOB_ID", "")
    return f"-{named}" if named.isascii() and named.isdigit() else ""


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

"""What a training said, in the run's log.txt: a sentence a line, behind the time at which it was said.

Where `launch` started the training, the same file takes its whole output.
"""

import os
import time
from contextlib import suppress
from pathlib import Path

from galaxy_core.runs.run import LOG

TAIL_BYTES = 4096
TIME = "%Y-%m-%d %H:%M:%S"


def log(folder: Path, sentence: str) -> None:
    """Add a line, whole in one write, unless it says what the last one says: who waits says the same every second.

    A log that cannot be written, for instance on a full disk, is no reason to end a training.
    """
    line = f"{time.strftime(TIME)} {' '.join(sentence.split())}"
    with suppress(OSError), (folder / LOG).open("ab+") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
        tail = file.read()
        if _said(tail.decode("utf-8", "replace")) != _said(line):
            # whatever else writes there may have been cut off in the middle of a line
            begin = "" if tail[-1:] in (b"", b"\n") else "\n"
            file.write(f"{begin}{line}\n".encode(errors="backslashreplace"))


def is_standard_error(folder: Path) -> bool:
    """Whether this process's standard error goes to the run's log, so that nothing need be said in both."""
    try:
        return os.path.samestat(os.fstat(2), (folder / LOG).stat())
    except OSError:
        return False


def _said(text: str) -> str:
    """The last line without its time."""
    return text.rstrip("\n").rpartition("\n")[2][len(time.strftime(TIME)) + 1 :]

"""Trainings in processes of their own that start at once: Keras is imported one time, every training is a fork.

A program for the tests of faults. It reads a request a line (JSON) and writes what its children do, a line each:
`PID started`, `PID changes WHAT FILE` before a child changes its run folder, `PID holds` when it stops itself at
the change it was told to, `PID says SENTENCE`, `PID ended CODE`. The network is a backbone of one
convolution, compiled and trained by Keras; everything around it is what `galaxy train --run` does.
"""

import importlib
import json
import os
import re
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any, ClassVar

from galaxy_core.errors import GalaxyError, one_line
from galaxy_core.runs.run import Run, find_run
from galaxy_core.training.train import train_run
from galaxy_core.transfer.classifier import import_keras

sys.path.insert(0, str(Path(__file__).parents[1] / "made"))
from tiny_backbone import use_tiny_backbone


class ChangeWatch:
    """An audit hook: tells of every change of the run folder before it is made, and holds where it should.

    `holds` are pairs (change, n): at the n-th change after the first `change` of this training; n = 0 is that
    change itself, and "" the beginning. `clock` are the seconds that the clock jumps by during a hold.
    """

    CHANGES: ClassVar[dict[str, str]] = {
        "open": "open",
        "os.rename": "become",
        "os.remove": "remove",
        "os.mkdir": "make",
        "shutil.rmtree": "clear",
    }

    def __init__(self, run: Run, holds: list[tuple[str, int]], clock: float) -> None:
        self._folder, self._clock = str(run.path) + os.sep, clock
        self._holds = [[change, n if change else n - 1] for change, n in holds]
        self._seen = {change: not change for change, _ in holds}

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in self.CHANGES and (file := self._file(event, arguments)):
            self._tell(f"{self.CHANGES[event]} {file}")

    def _file(self, event: str, arguments: tuple[Any, ...]) -> str | None:
        path = arguments[1] if event == "os.rename" else arguments[0]
        if isinstance(path, int) or not os.fsdecode(path).startswith(self._folder):
            return None
        if event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR):
            return None
        return re.sub(
            r"\.[0-9a-f]{8}-[0-9a-f]+-[0-9a-f]+-[0-9a-f]{8}\.tmp",
            ".tmp",
            os.fsdecode(path)[len(self._folder) :],
        )

    def _tell(self, change: str) -> None:
        tell(f"changes {change}")
        is_held = False
        for hold in self._holds:
            self._seen[hold[0]] |= hold[0] == change
            if self._seen[hold[0]]:
                is_held |= hold[1] == 0
                hold[1] -= 1
        if is_held:
            tell("holds")
            os.kill(os.getpid(), signal.SIGSTOP)
            set_clock(self._clock)


def tell(what: str) -> None:
    """One line, whole even where several processes write."""
    os.write(1, f"{os.getpid()} {what}\n".encode())


def set_clock(seconds: float) -> None:
    """Let this process see a clock that was set forward (or back) by so much."""
    true_time, true_time_ns = time.time, time.time_ns
    time.time = lambda: true_time() + seconds
    time.time_ns = lambda: true_time_ns() + int(1e9 * seconds)


def train_in_this_process(request: dict[str, Any]) -> int:
    """What `galaxy train --run` does, with the small network; returns the exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.update(request["environment"])
    tempfile.tempdir = None
    run = find_run(request["run"])
    sys.addaudithook(ChangeWatch(run, request["holds"], request["clock"]))
    try:
        train_run(run)
    except GalaxyError as error:
        tell(f"says {one_line(error)}")
        return 2
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def take_in_ends(*_: object) -> None:
    """Tell of children that ended: their exit code, or minus the signal that ended them."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        os.write(1, f"{pid} ended {os.waitstatus_to_exitcode(status)}\n".encode())


def serve() -> None:
    """Fork a training for each request, until the input ends. No engine runs here, so a fork is safe."""
    for name in ("cv2", "h5py", "onnx", "onnxruntime", "imblearn.over_sampling", "safetensors.numpy"):
        importlib.import_module(name)  # what a training imports when it needs it, 0.7 s of each
    import_keras()
    use_tiny_backbone()
    signal.signal(signal.SIGCHLD, take_in_ends)
    for line in sys.stdin:
        # a child that ends before its start is told would be told of in the wrong order
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if pid == 0:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            os._exit(train_in_this_process(json.loads(line)))
        os.write(1, f"{pid} started\n".encode())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


if __name__ == "__main__":
    serve()

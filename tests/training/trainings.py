"""Trainings of real processes, seen from outside: what they change, where they hold, how they end."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import Run, create_run

FOLDERS = ("GALAXY_RUNS", "GALAXY_MODELS", "GALAXY_CACHE", "TMPDIR")
PATIENCE = 120.0  # seconds; far more than anything here takes on a machine that is busy
HELD, ENDED = "holds", "ended"
Hold = tuple[str, int]  # see training_server.ChangeWatch


class Training:
    """One process that trains a run."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.changes: list[str] = []
        self.words: list[str] = []
        self.exit_code: int | None = None
        self._heard: queue.Queue[str] = queue.Queue()

    def hear(self, words: str) -> None:
        self._heard.put(words)

    def wait(self, seconds: float = PATIENCE) -> str | None:
        """`holds` or `ended`, whichever comes; None when the seconds have passed and it is at work."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                kind, _, rest = self._heard.get(timeout=left).partition(" ")
            except queue.Empty:
                return None
            if kind == "changes":
                self.changes.append(rest)
            elif kind == "says":
                self.words.append(rest)
            elif kind == ENDED:
                self.exit_code = int(rest)
                return ENDED
            elif kind == HELD:
                return HELD
        return None

    def go_on(self) -> None:
        """Let it go on where it holds."""
        deadline = time.monotonic() + PATIENCE
        # it says so a moment before it holds
        while psutil.Process(self.pid).status() != psutil.STATUS_STOPPED:
            assert time.monotonic() < deadline
            time.sleep(0.001)
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it as a loss of power would; it must have been alive."""
        os.kill(self.pid, signal.SIGKILL)
        while self.exit_code is None:
            assert self.wait() is not None, "it did not end"
        assert self.exit_code == -signal.SIGKILL


class Trainings:
    """The process that forks trainings; a context manager that leaves none of them behind."""

    def __enter__(self) -> "Trainings":
        program = Path(__file__).with_name("training_server.py")
        self._server = subprocess.Popen(
            [sys.executable, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._alive: dict[str, Training] = {}
        self._started: queue.Queue[Training] = queue.Queue()
        self._ear = threading.Thread(target=self._listen)
        self._ear.start()
        return self

    def __exit__(self, *_: object) -> None:
        for training in list(self._alive.values()):
            os.kill(training.pid, signal.SIGKILL)
        self._server.stdin.close()
        self._server.wait(PATIENCE)
        self._ear.join()
        self._server.stdout.close()

    def start(self, run: Run, holds: Sequence[Hold] = (), clock: float = 0.0) -> Training:
        """Train `run` in a process of its own."""
        environment = {name: os.environ[name] for name in FOLDERS}
        request = {"run": run.name, "holds": list(holds), "clock": clock, "environment": environment}
        print(json.dumps(request), file=self._server.stdin, flush=True)
        return self._started.get(timeout=PATIENCE)

    def carry_out(self, run: Run) -> Training:
        """Train `run` in a process of its own, to its end."""
        training = self.start(run)
        assert training.wait() == ENDED
        return training

    def _listen(self) -> None:
        for line in self._server.stdout:
            pid, _, words = line.rstrip("\n").partition(" ")
            # a child may be heard of before its start is
            training = self._alive.setdefault(pid, Training(int(pid)))
            if words == "started":
                self._started.put(training)
            else:
                training.hear(words)
            if words.startswith(ENDED):
                del self._alive[pid]


def linear_probe(data: Path, name: str, **changes: object) -> Run:
    """A run of a few epochs of milliseconds, asked for a while ago."""
    settings = {"policy": "scratch", "source": "none", "trainable": 1.0, "learning_rate": 3e-3}
    settings |= {
        "epochs": 4,
        "batch_size": 16,
        "image_size": 32,
        "crop": 128,
        "test": 0.25,
        "validation": 0.125,
    }
    run = create_run(name, TrainConfig(str(data), **{**settings, **changes}))
    long_ago = time.time() - 1000
    os.utime(run.path / "status.json", (long_ago, long_ago))
    return run


def outcome(run: Run) -> dict[str, object]:
    """All that two trainings of one config must agree in, to the bit."""
    files = {
        name: (run.path / name).read_bytes() for name in ("predictions.csv", "metrics.json", "split.json")
    }
    card = {key: value for key, value in run.card().items() if key not in ("name", "seconds", "made")}
    history = [{key: value for key, value in row.items() if key != "seconds"} for row in run.history()]
    return {
        **files,
        "card": card,
        "history": history,
        "weights": run.path.joinpath("weights.safetensors").read_bytes(),
    }


def files_of(run: Run) -> set[str]:
    """Every file and folder of a run, hidden ones too."""
    return {str(path.relative_to(run.path)) for path in run.path.rglob("*")}

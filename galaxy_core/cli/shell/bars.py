"""Progress bars on standard error; where that is no terminal there is none, and an epoch is a plain line."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from galaxy_core.cli.shell.sentences import say

if TYPE_CHECKING:
    from galaxy_core.runs.run import Run
    from galaxy_core.training.progress import Progress

IMPORTING = "importing"
"""How lines of that progress begin."""


@contextmanager
def counting_bar(title: str, is_logged: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A bar moved by calling `(done, total)`; where it `is_logged` and there is no bar, a line a tenth."""
    with _bar() as bar:
        task = bar.add_task(title, total=None)

        def move(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)
            if bar.disable and is_logged and 10 * done // total > 10 * (done - 1) // total:
                say(f"{title}: {done} of {total}")

        yield move


@contextmanager
def bytes_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar of bytes with speed and time left, moved by calling `(done, total)`; a line a tenth for a log."""
    from rich import progress as rich

    columns = [rich.TextColumn("{task.description}"), rich.BarColumn(), rich.DownloadColumn()]
    columns += [rich.TransferSpeedColumn(), rich.TimeRemainingColumn()]
    with _bar(*columns) as bar:
        task = bar.add_task(title, total=None)
        clock = _Clock()

        def move(done: int, total: int) -> None:
            if clock.begins(done):
                # what an earlier try left must not count as speed
                bar.reset(task, total=total, completed=done)
            bar.update(task, completed=done, total=total)
            if bar.disable and (sentence := clock.at_each_tenth(done, total)):
                say(f"{title}: {sentence}")

        yield move


class _Clock:
    """How long it has been since the first report, and how long it will be."""

    def __init__(self) -> None:
        self._start: tuple[float, int] | None = None
        self._tenth = 0

    def begins(self, done: int) -> bool:
        """Whether this is the first report, or the download was begun anew."""
        is_first = self._start is None or done < self._start[1]
        if is_first:
            self._start = (time.monotonic(), done)
            self._tenth = 0
        return is_first

    def at_each_tenth(self, done: int, total: int) -> str | None:
        """A sentence when another tenth is done, else None."""
        assert self._start
        tenth = 10 * done // max(total, 1)
        if tenth <= self._tenth:
            return None
        self._tenth = tenth
        seconds = (time.monotonic() - self._start[0]) * (total - done) / max(done - self._start[1], 1)
        left = f", {seconds / 60:.0f} min left" if seconds >= 60 else ""
        return f"{done / 1e6:.0f} of {total / 1e6:.0f} MB{left}"


@contextmanager
def training_bar(is_logged: bool = False, run: "Run | None" = None) -> Iterator[Callable[["Progress"], None]]:
    """A watcher of trainings: a bar an epoch with its loss and accuracy, or a line an epoch for a log.

    Before the first batch, which may take a minute, it shows what the status of `run` says. `is_logged` where the
    training writes its own lines into the file that standard error goes to.
    """
    from rich.progress import Progress as Bars

    columns = Bars.get_default_columns()
    with _bar(*([_stage(run), *columns[1:]] if run else columns)) as bar:
        task = bar.add_task("", total=None)
        if bar.disable and run and not is_logged:
            say(
                "before the first batch the galaxies are read and the network is compiled, for a minute or two"
            )

        def move(progress: "Progress") -> None:
            sentence = f"{progress.sentence}, loss {progress.loss:.3f}, accuracy {progress.accuracy:.3f}"
            bar.update(task, completed=progress.batch, total=progress.n_batches, description=sentence)
            if bar.disable and not is_logged and progress.batch == progress.n_batches:
                say(sentence)

        yield move


def _stage(run: "Run") -> Any:
    """The description of a task, or, while it has not begun, what the run's status says, looked at once a second."""
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    class Stage(ProgressColumn):
        max_refresh = 1.0

        def render(self, task: Task) -> Text:
            return Text(task.description or run.status().sentence)

    return Stage()


def _bar(*columns: Any) -> Any:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)

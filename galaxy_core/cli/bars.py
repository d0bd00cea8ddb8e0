"""Progress bars on standard error; where that is no terminal there is none, and an epoch is a plain line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from galaxy_core.cli.sentences import say

if TYPE_CHECKING:
    from galaxy_core.training.progress import Progress


@contextmanager
def counting_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar moved by calling `(done, total)`."""
    with _bar() as bar:
        task = bar.add_task(title, total=None)

        def move(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield move


@contextmanager
def training_bar() -> Iterator[Callable[["Progress"], None]]:
    """A watcher of trainings: a bar an epoch with its loss and accuracy, or a line an epoch for a log."""
    with _bar() as bar:
        task = bar.add_task("", total=None)

        def move(progress: "Progress") -> None:
            sentence = f"{progress.sentence}, loss {progress.loss:.3f}, accuracy {progress.accuracy:.3f}"
            bar.update(task, completed=progress.batch, total=progress.n_batches, description=sentence)
            if bar.disable and progress.batch == progress.n_batches:
                say(sentence)

        yield move


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)

"""What pages start in processes of their own: the command line of each, made here and nowhere below."""

from pathlib import Path

from galaxy_core.errors import LockedError
from galaxy_core.files.atomic import clear_left
from galaxy_core.prediction.sheets import Sheet
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.launch import is_at_work, launch, launch_sweep, launch_work
from galaxy_core.runs.names import own_folder
from galaxy_core.runs.run import Run, create_run


def begin_training(config: TrainConfig, name: str) -> Run:
    """Make the run folder and start training it."""
    run = create_run(name, config)
    carry_on(run)
    return run


def carry_on(run: Run) -> None:
    """Start or carry on with a run folder; BadValueError while it is training."""
    launch(run, ["train", "--run", run.name])


def begin_sweep(name: str, *arguments: str) -> None:
    """Start the rows that these options of `galaxy reproduce` ask for; without `--data`, carry on with those there are.

    Nothing where they are at it.
    """
    launch_sweep(name, ["reproduce", f"--name={name}", *arguments])


def begin_fetching(out: Path) -> None:
    """Fetch the published file, or carry on with what an earlier attempt got; nothing where one is at it."""
    launch_work(["data", "fetch", "--out", str(out)], fetching_place(out))


def fetching_place(out: Path) -> Path:
    """Where the process that fetches a file says how it does."""
    return out.with_name("fetching")


def begin_importing(source: Path, out: Path, classes: str) -> None:
    """Make a file of one's own galaxies, of `classes` (names with commas between) where that is not empty.

    LockedError while another is being made.
    """
    named = [f"--classes={classes}"] if classes else []
    if not launch_work(["data", "import", str(source), "--out", str(out), *named], importing_place()):
        raise LockedError("another file of galaxies is being made here; wait until it is done, or stop it")


def importing_place() -> Path:
    """Where the process that makes such a file says how it does, and finds what was dropped."""
    return own_folder() / ".importing"


def begin_answering(sheet: Sheet) -> None:
    """Answer what was asked for, or carry on with the shards that are not there; nothing where one is at it."""
    launch_work(sheet.arguments, sheet.place)


def forget_dropped() -> None:
    """Remove what was dropped, and what a process that was stopped has left, unless one is at work."""
    if not is_at_work(importing_place()):
        clear_left(own_folder())
        for path in importing_place().glob("dropped.*"):
            path.unlink(missing_ok=True)

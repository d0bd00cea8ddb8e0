"""What pages start in processes of their own: the command line of each, made here and nowhere below."""

from pathlib import Path

from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.launch import launch, launch_sweep, launch_work
from galaxy_core.runs.run import Run, create_run


def begin_training(config: TrainConfig, name: str) -> Run:
    """Make the run folder and start training it."""
    run = create_run(name, config)
    carry_on(run)
    return run


def carry_on(run: Run) -> None:
    """Start or carry on with a run folder; BadValueError while it is training."""
    launch(run, ["train", "--run", run.name])


def begin_sweep(name: str, *, preset: str, data: str) -> None:
    """Start or carry on with six rows; nothing where they are at it."""
    launch_sweep(name, ["reproduce", "--data", data, "--preset", preset, "--name", name])


def begin_fetching(out: Path) -> None:
    """Fetch the published file, or carry on with what an earlier attempt got; nothing where one is at it."""
    launch_work(["data", "fetch", "--out", str(out)], fetching_place(out))


def fetching_place(out: Path) -> Path:
    """Where the process that fetches a file says how it does."""
    return out.with_name("fetching")

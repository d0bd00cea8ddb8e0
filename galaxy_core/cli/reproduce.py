"""`galaxy reproduce`: the rows of the paper's table, trained one after the other."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from galaxy_core.cli.shell import apart, options
from galaxy_core.cli.shell.bars import training_bar
from galaxy_core.cli.shell.sentences import say
from galaxy_core.cli.train import DEFAULT_POLICY, data_file
from galaxy_core.errors import BadValueError, LockedError
from galaxy_core.networks.registry import DEFAULT_BACKBONE

if TYPE_CHECKING:
    from galaxy_core.runs.run import Run

MOCK = "mock"


@options.with_recipe
def reproduce(
    data: options.Data = None,
    preset: Annotated[str, typer.Option(help="paper, quick or thorough.")] = "paper",
    name: Annotated[
        str | None,
        typer.Option(
            help="Of the sweep; made of preset and backbone where not given. Without --data, one that was begun is "
            "carried on with."
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(help="Runs of each row; 3 show the spread.")] = 1,
    folds: options.Folds = None,
    policy: Annotated[list[str] | None, typer.Option(help=f"{options.POLICIES}; may be given again.")] = None,
    percent: Annotated[
        list[int] | None,
        typer.Option(
            help="Percent of the layers below the cut, the paper's ImageNet %; may be given again (default: the six)."
        ),
    ] = None,
    source: options.Source = None,
    workers: apart.Where = None,
    cluster: apart.Cluster = None,
    track: options.Track = None,
    **recipe: Any,
) -> None:
    """Train the six rows of the paper, or carry on with them, and print the table."""
    from galaxy_core.runs.names import sweep_name

    plan: dict[str, Any] = options.as_settings({**recipe, "folds": folds})
    if data is None:
        if name is None or (preset, seeds) != ("paper", 1) or any([policy, percent, source, *plan.values()]):
            raise BadValueError(
                "--data is needed: a file in the Galaxy10 layout, or `mock`; --name alone carries on with a sweep"
            )
        _carry_out(name, None, workers, cluster, track or [])
        return
    plan |= {"data": data if data == MOCK else data_file(data), "preset": preset, "n_seeds": seeds}
    plan["policies"] = list(dict.fromkeys(policy or [DEFAULT_POLICY]))
    if percent:
        plan["cuts"] = [_cut(p) for p in dict.fromkeys(percent)]
    if source:
        plan["source"] = source
    name = name or sweep_name(preset, recipe.get("backbone") or DEFAULT_BACKBONE)
    _carry_out(name, plan, workers, cluster, track or [])


def _carry_out(
    name: str, plan: dict[str, Any] | None, workers: str | None, cluster: Path | None, trackers: list[str]
) -> None:
    """Plan the sweep, or find the one that was begun, train what is left of it and print its table."""
    from galaxy_core.runs.launch import sweep_lock
    from galaxy_core.runs.names import check_name, runs_folder
    from galaxy_core.runs.unstarted import removed_unless_begun
    from galaxy_core.training.stand_in import STAND_IN
    from galaxy_core.training.sweep import begun_sweep, plan_sweep, run_sweep
    from galaxy_core.training.trackers import tracked

    check_name(name)
    runs_folder().mkdir(parents=True, exist_ok=True)
    try:
        with sweep_lock(name, patience=1):
            if plan is None:
                runs = begun_sweep(name, say)
            else:
                # inside the lock: rendering takes seconds in which the sweep is alive already
                runs = plan_sweep(name, say=say, **{**plan, "data": data_file(plan["data"])})
            here = [run for run in runs if workers is None or run.name == STAND_IN]
            with tracked(runs, trackers, say):
                with removed_unless_begun(runs), training_bar() as progress:
                    _say_how_long(runs)
                    run_sweep(here, progress=progress)  # what the others start from comes first
                if workers is not None:
                    apart.train_apart(runs, workers, cluster)
    except LockedError:
        raise BadValueError(
            f"the sweep {name} is being trained by another process; watch it or stop it"
        ) from None
    _print_table(name)


def _say_how_long(runs: "list[Run]") -> None:
    from galaxy_core.data.overview import read_overview
    from galaxy_core.runs.device import likely_device
    from galaxy_core.training.plan import how_long

    rows = [run for run in runs if not run.is_source]
    say(how_long(rows, read_overview(rows[-1].config.data).counts, likely_device()))


def _print_table(name: str) -> None:
    from galaxy_core.cli.table import text_of
    from galaxy_core.runs.run import sweep_runs

    typer.echo(text_of(sweep_runs(name)), nl=False)


def _cut(percent: int) -> float:
    if not 0 <= percent <= 100:
        raise BadValueError(
            f"--percent must lie in 0..100, got {percent}; the paper has 0, 20, 40, 60, 80, 100"
        )
    return percent / 100

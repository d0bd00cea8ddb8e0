"""The rows of the paper: one run a fraction, on request with several policies, seeds and folds, all by one recipe."""

import dataclasses
import itertools
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from typing import Any

from galaxy_core.data.galaxy10 import classes_of
from galaxy_core.errors import BadValueError, MissingError, quoted
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.policy import needs_source
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone
from galaxy_core.runs.config import MOST_FOLDS, TrainConfig
from galaxy_core.runs.names import runs_folder, sweep_run_name
from galaxy_core.runs.run import Run, create_run, sweep_runs
from galaxy_core.runs.status import held_for_training
from galaxy_core.runs.unstarted import say_that_it_waits
from galaxy_core.runs.waiting import say_whose_turn_never_came
from galaxy_core.training.mocks import training_mocks
from galaxy_core.training.networks import Networks
from galaxy_core.training.presets import PAPER_FRACTIONS, preset_config
from galaxy_core.training.progress import Watcher
from galaxy_core.training.stand_in import DATA_MOCK, STAND_IN, mock_galaxies, plan_stand_in
from galaxy_core.training.train import train_run
from galaxy_core.transfer.source import AUTO, resolve_source, scaling_of

Say = Callable[[str], None]


def plan_sweep(
    name: str,
    *,
    data: str,
    preset: str = "paper",
    n_seeds: int = 1,
    n_folds: int | None = None,
    policies: Sequence[str] = ("transfer_frozen",),
    cuts: Sequence[float] = PAPER_FRACTIONS,
    source: str = AUTO,
    leave_out: Collection[str] = (),
    say: Say = lambda sentence: None,
    **overrides: Any,
) -> list[Run]:
    """The run folders of a sweep, made where they do not exist, in the order they are to be trained.

    `data` is a file in the Galaxy10 layout or `mock`. Where the preset is `quick` and neither ImageNet nor a
    shipped source is to be had, the first run is a stand-in source trained on mock galaxies. All folds of a seed
    follow each other, and all seeds of a cut, so that those that can share a compiled network do. A folder that
    exists is carried on with if it asks for the same, refused otherwise; `auto` then means the source it began with.
    Runs whose names are to be left out are none of it.
    """
    settings = settings_of_rows(policies, n_seeds, n_folds, cuts)
    file = mock_galaxies(say) if data == DATA_MOCK else data
    first: list[Run] = []
    if any(needs_source(policy, cut) for policy in policies for cut in cuts):
        network = get_backbone(overrides.get("backbone") or DEFAULT_BACKBONE)
        source, first = _choose_source(name, network, source, preset, say)
        overrides = {**overrides, "scaling": scaling_of(source)}
    recipe = {**overrides, "source": source, "n_folds": n_folds, "classes": classes_of(file)}
    configs = [preset_config(preset, file, **recipe, **setting) for setting in settings]
    _render_mocks(configs, say)
    has_several = len(set(policies)) > 1
    planned = {_name_of(name, config, has_several): config for config in configs}
    return first + [run_for(own, config) for own, config in planned.items() if own not in leave_out]


def settings_of_rows(
    policies: Sequence[str], n_seeds: int, n_folds: int | None, cuts: Sequence[float] = PAPER_FRACTIONS
) -> list[dict[str, Any]]:
    """What the trainings of a sweep differ in, in the order in which they are trained."""
    if n_seeds < 1:
        raise BadValueError(f"seeds must be at least 1, got {n_seeds}; 3 shows the spread")
    return [
        {"policy": policy, "trainable": round(1 - cut, 6), "seed": seed, "fold": fold}
        for policy, cut, seed, fold in itertools.product(policies, cuts, range(n_seeds), _folds(n_folds))
    ]


def begun_sweep(name: str, say: Say = lambda sentence: None) -> list[Run]:
    """The runs of a sweep that was planned before, as its folders say; MissingError where there is none.

    The stand-in source comes first where they begin with it.
    """
    runs = [run for run in sweep_runs(name) if not (run.is_shipped or run.is_source)]
    if not runs:
        raise MissingError(f"there is no sweep {name} here to carry on with; begin it with --data")
    from_stand_in = [run.config.network for run in runs if run.config.source == STAND_IN]
    return [*(plan_stand_in(network, say) for network in from_stand_in[:1]), *runs]


def run_sweep(
    runs: Sequence[Run], *, progress: Watcher | None = None, networks: Networks | None = None
) -> None:
    """Train the runs one after the other in one process; what is done is passed over.

    Runs of one cut that differ in seed or fold share one compiled network. A stop ends the whole sweep.
    """
    shared = networks or Networks([run.config for run in runs])
    with ExitStack() as locks:
        for run in runs:
            _hold(run, locks)
        try:
            for run in runs:
                train_run(run, progress=progress, networks=shared)
        finally:
            say_whose_turn_never_came(runs)


def _folds(n_folds: int | None) -> Sequence[int | None]:
    """The folds of each seed; one None where there is no cross-validation."""
    if n_folds is None:
        return [None]
    if not 2 <= n_folds <= MOST_FOLDS:
        raise BadValueError(f"folds must lie in 2..{MOST_FOLDS}, got {n_folds}; 5 is usual")
    return range(n_folds)


def _render_mocks(configs: Sequence[TrainConfig], say: Say) -> None:
    """Now, with a word about it, rather than within the first training."""
    for n_mocks in {config.n_mocks for config in configs} - {0}:
        training_mocks(n_mocks, say)


def _hold(run: Run, locks: ExitStack) -> None:
    """The process of a sweep holds all its runs, so that those whose turn has not come are seen as waiting."""
    if run.status().state != "done":
        locks.enter_context(held_for_training(run.path))
        say_that_it_waits(run)


def _choose_source(name: str, network: Backbone, source: str, preset: str, say: Say) -> tuple[str, list[Run]]:
    began_with = _source_of_sweep(name) if source == AUTO else None
    if began_with is not None:
        say(f"source: {began_with}, which the sweep {name} began with")
        if began_with == STAND_IN:
            return STAND_IN, [plan_stand_in(network, say)]
        source = began_with
    try:
        return resolve_source(source, network, say), []
    except MissingError as error:
        if preset != "quick" or source != AUTO:
            raise
        say(f"source: {STAND_IN}, a small stand-in trained on mock galaxies, because there is {error}")
        return STAND_IN, [plan_stand_in(network, say)]


def _source_of_sweep(name: str) -> str | None:
    """The source that all runs of a sweep have in common that take layers from one; None where there is none yet."""
    asked = [run.config for run in sweep_runs(name) if not run.is_source]
    sources = {config.source for config in asked if needs_source(config.policy, config.cut)}
    return sources.pop() if len(sources) == 1 and AUTO not in sources else None


def _name_of(sweep: str, config: TrainConfig, has_several_policies: bool) -> str:
    policy = config.policy if has_several_policies else None
    return sweep_run_name(sweep, policy, config.imagenet_percent, config.seed, config.fold)


def run_for(name: str, config: TrainConfig) -> Run:
    """The run of that name, made where it is not there; BadValueError where it was asked for something else."""
    folder = runs_folder() / name
    if not folder.exists():
        return create_run(name, config)
    run = Run(folder)
    if not needs_source(config.policy, config.cut):
        # planned alone, such a row was not told what the others would take
        config = dataclasses.replace(config, source=run.config.source, scaling=run.config.scaling)
    if run.config != config:
        raise BadValueError(
            f"run {name} exists and was asked for something else ({_difference(run.config, config)}); "
            "choose another --name"
        )
    return run


def _difference(old: TrainConfig, new: TrainConfig) -> str:
    was, now = old.to_json(), new.to_json()
    return ", ".join(
        f"{key}: {quoted(was[key])} there, {quoted(now[key])} now" for key in was if was[key] != now[key]
    )

"""`galaxy train`: one run from its settings, or a run folder that exists."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from galaxy_core.cli.shell import options
from galaxy_core.cli.shell.bars import training_bar
from galaxy_core.cli.shell.sentences import existing_file, print_json, say
from galaxy_core.cli.shell.source_card import show_source
from galaxy_core.errors import BadValueError

if TYPE_CHECKING:
    from galaxy_core.runs.config import TrainConfig
    from galaxy_core.runs.run import Run

DEFAULT_POLICY = "transfer_frozen"


@options.with_recipe
def train(
    data: options.Data = None,
    trainable: Annotated[
        float | None, typer.Option(help="Share of the layers above the cut, 0 to 1 (default 0.8).")
    ] = None,
    policy: Annotated[str | None, typer.Option(help=options.POLICIES)] = None,
    source: options.Source = None,
    preset: options.Preset = None,
    name: Annotated[
        str | None, typer.Option(help="Of the new run; made of its settings where not given.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Draws weights, order and augmentation (default 0).")
    ] = None,
    folds: options.Folds = None,
    fold: Annotated[int | None, typer.Option(help="Which of the --folds is tested, from 0.")] = None,
    run: Annotated[
        str | None,
        typer.Option(help="Carry out, or carry on with, a run folder that exists; no other option."),
    ] = None,
    track: options.Track = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end.")] = False,
    **recipe: Any,
) -> None:
    """Train one run."""
    own = {key: value for key, value in locals().items() if key not in ("run", "track", "as_json", "recipe")}
    given = {key: value for key, value in {**own, **recipe}.items() if value is not None}
    from galaxy_core.runs.unstarted import removed_unless_begun
    from galaxy_core.training.trackers import tracked

    chosen = _existing_run(run, given) if run is not None else _new_run(given)
    with removed_unless_begun([chosen] if run is None else []), tracked([chosen], track or [], say):
        carry_out(chosen)
    _show_outcome(chosen, as_json)


def carry_out(run: "Run") -> None:
    """Train the run, a classifier or a source, under a progress bar; StoppedError when it is stopped."""
    from galaxy_core.runs.log import is_standard_error
    from galaxy_core.training.train import train_run

    with training_bar(is_standard_error(run.path), run) as progress:
        train_run(run, progress=progress)


def data_file(data: str) -> str:
    """The absolute path of the galaxies; `mock` stands for a few hundred that are rendered once."""
    from galaxy_core.training.stand_in import DATA_MOCK, mock_galaxies

    return mock_galaxies(say) if data == DATA_MOCK else str(existing_file(Path(data)))


def _existing_run(name: str, given: dict[str, Any]) -> "Run":
    from galaxy_core.runs.run import find_run

    if given:
        option = "--" + next(iter(given)).replace("_", "-")
        raise BadValueError(f"--run carries out what the folder's config.json says; leave out {option}")
    run = find_run(name)
    if run.is_shipped:
        raise BadValueError(
            f"{name} is a shipped run and done; train a new one, for example with --source {name}"
        )
    return run


def _new_run(given: dict[str, Any]) -> "Run":
    from galaxy_core.runs.free_name import free_name
    from galaxy_core.runs.run import create_run

    if "data" not in given:
        raise BadValueError(
            "--data is needed: a file in the Galaxy10 layout, or `mock` for rendered galaxies"
        )
    name = given.pop("name", None)
    config = _config(given)
    run = create_run(name or free_name(config), config)
    say(f"run {run.name} in {run.path}")
    return run


def _config(given: dict[str, Any]) -> "TrainConfig":
    """The settings as a config, checked before anything is made or fetched, its source called by name."""
    from galaxy_core.data.galaxy10 import classes_of
    from galaxy_core.training.mocks import training_mocks
    from galaxy_core.training.presets import preset_config
    from galaxy_core.transfer.source import settle_source

    settings = {"policy": DEFAULT_POLICY, **options.as_settings(given)}
    preset, data = settings.pop("preset", "paper"), settings.pop("data")
    config = preset_config(preset, data, **settings)
    file = data_file(data)
    settled = settle_source(config, say)
    settings |= {"source": settled.source, "scaling": settled.scaling, "classes": classes_of(file)}
    config = preset_config(preset, file, **settings)
    if config.n_mocks:
        training_mocks(config.n_mocks, say)
    return config


def _show_outcome(run: "Run", as_json: bool) -> None:
    if run.is_source:
        show_source(run, as_json)
        return
    from galaxy_core.results.render import as_plain
    from galaxy_core.results.table import table_notes, table_rows

    (row,) = table_rows([run])
    if as_json:
        print_json({**as_plain(row), "path": str(run.path), "notes": table_notes([run])})
        return
    interval = f"{row.test_low:.3f}–{row.test_high:.3f}" if row.test_low is not None else "unknown"
    typer.echo(f"{run.name}: test accuracy {row.test_accuracy or 0:.3f} (95 % {interval})")
    if row.paper_test_accuracy is not None:
        typer.echo(f"the paper at {row.imagenet_percent} % ImageNet: {row.paper_test_accuracy:.2f}")
    for note in table_notes([run]):
        typer.echo(note)

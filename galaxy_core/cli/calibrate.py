"""`galaxy calibrate`: how far the single answers of some runs can be trusted."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.chosen import finished_classifiers, galaxies_of
from galaxy_core.cli.shell.sentences import print_json, say

if TYPE_CHECKING:
    from galaxy_core.runs.run import Run


def calibrate(
    run: Annotated[list[str], typer.Argument(help="Finished runs, or a sweep.")],
    data: Annotated[
        Path | None, typer.Option(help="The galaxies they were trained on (default: where they were).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Fit a temperature, sets of classes and a measure of strangeness on held-out galaxies; kept with each run."""
    from galaxy_core.prediction.calibrate import calibrate_run

    runs = finished_classifiers(run)
    galaxies = galaxies_of(runs, data)
    measured = {}
    for one in runs:
        with counting_bar(one.name) as progress:
            measured[one.name] = calibrate_run(one, galaxies, progress=progress)
        _keep(one, measured[one.name])
        if not as_json:
            typer.echo(_in_words(measured[one.name]))
    if as_json:
        print_json({"runs": measured})


def _keep(run: "Run", values: dict[str, Any]) -> None:
    from galaxy_core.prediction.calibrate import write_calibration

    if run.is_shipped:
        say(f"{run.name} is a shipped run and read-only: its numbers are shown and not kept")
    else:
        write_calibration(run, values)


def _in_words(values: dict[str, Any]) -> str:
    before, after = values["before"], values["after"]
    sets = next(one for one in values["sets"] if one["coverage"] == 0.9)
    return (
        f"{values['run']}: temperature {values['temperature']:.2f}, calibration error {_error(before)} → "
        f"{_error(after)}, loss {before['loss']:.3f} → {after['loss']:.3f}\n"
        f"  sets that promise 90 % held {100 * sets['covered']:.0f} % (95 % {100 * sets['low']:.0f}–"
        f"{100 * sets['high']:.0f}) of {sets['n']} test galaxies, {sets['mean_size']:.1f} classes each"
        + (_at_the_survey(values["survey"]) if values["survey"] else "")
    )


def _at_the_survey(survey: dict[str, Any]) -> str:
    return (
        f"\n  accuracy at the survey's class frequencies {_share(survey['plain'])}, "
        f"{_share(survey['shifted'])} with them as prior ({survey['plain']['n_effective']:.0f} effective galaxies)"
    )


def _error(confidence: dict[str, Any]) -> str:
    error = confidence["error"]
    return f"{error['value']:.3f} (95 % {error['low']:.3f}–{error['high']:.3f})"


def _share(score: dict[str, Any]) -> str:
    return f"{score['accuracy']:.3f} (95 % {score['low']:.3f}–{score['high']:.3f})"

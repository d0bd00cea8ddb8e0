"""`galaxy transferability`: what a source promises before anything is trained from it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from galaxy_core.cli.shell import options
from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.sentences import existing_file, print_json, say
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone

if TYPE_CHECKING:
    from galaxy_core.runs.run import Run
    from galaxy_core.studies.sources.forecast import Forecast

NATIVE = 256


def transferability(
    source: Annotated[str, typer.Option(help="A run, `imagenet` or `auto`.")],
    data: Annotated[Path, typer.Option(help="A file in the Galaxy10 layout.")],
    against: Annotated[
        list[str] | None,
        typer.Option(help="A finished sweep, to see how well each score ranks it; may be given again."),
    ] = None,
    crop: Annotated[int | None, typer.Option(help="Side in pixels of the central square shown.")] = None,
    image_size: Annotated[int | None, typer.Option(help="Side in pixels that square is brought to.")] = None,
    seed: Annotated[int, typer.Option(help="Of the split.", min=0)] = 0,
    backbone: options.NamedBackbone = DEFAULT_BACKBONE,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Score frozen features at each cut: neighbours, linear probe, LogME, H-score, LEEP.

    The numbers are kept as forecast.json in the folder of the source, unless that came with the project.
    """
    from galaxy_core.cli.shell.chosen import finished_classifiers
    from galaxy_core.data.galaxy10 import open_galaxies
    from galaxy_core.data.split import split_galaxies
    from galaxy_core.studies.sources.forecast_record import forecast_of, keep_forecast, measured_forecast
    from galaxy_core.studies.sources.ranking import by_policy, ranked, undertrained_in_words
    from galaxy_core.transfer.source import load_source, resolve_source

    sweep = finished_classifiers(against) if against else []
    network = get_backbone(backbone)
    name = resolve_source(source, network, say)
    weights = load_source(name, network)
    if weights is None:
        raise typer.BadParameter("there are no features to score without a source", param_hint="--source")
    view = _view(name, sweep, crop, image_size)
    with counting_bar("reading") as progress:
        galaxies = open_galaxies(existing_file(data), progress=progress)
    split = split_galaxies(galaxies.labels, galaxies.ra, galaxies.dec, seed=seed)
    with counting_bar("features") as progress:
        record = measured_forecast(weights, galaxies, split, view, seed=seed, progress=progress)
    found = forecast_of(record)
    rows = by_policy(sweep)
    ranks = {policy: ranked(found.depths, runs) for policy, runs in rows.items()}
    if as_json:
        print_json({**record, "kendall": ranks})
    else:
        typer.echo(f"{name}, the central {view[0]} px at {view[1]} px\n{_text(found, ranks)}", nl=False)
        for runs in rows.values():
            if sentence := undertrained_in_words(found.depths, runs):
                typer.echo(sentence)
    keep_forecast(record)


def _view(name: str, sweep: "list[Run]", crop: int | None, image_size: int | None) -> tuple[int, int]:
    """As asked, else as the sweep sees galaxies, else as the source saw its images, else whole."""
    from galaxy_core.runs.run import find_run

    seen: dict[str, Any] = {}
    if sweep:
        seen = {"crop": sweep[0].config.crop, "image_size": sweep[0].config.image_size}
    elif name != "imagenet":
        seen = find_run(name).card()
    side = crop or int(seen.get("crop", NATIVE))
    return side, image_size or int(seen.get("image_size", side))


def _text(found: "Forecast", ranks: dict[str, dict[str, dict[str, Any]]]) -> str:
    from galaxy_core.studies.sources.ranking import NAMES, ranking_in_words

    header = f"{'below the cut':<14}{'layer':<24}{'features':>8}{'5 neighbours':>22}{'linear probe':>22}"
    lines = [f"{header}{'LogME':>9}{'H-score':>9}"]
    for one in found.depths:
        neighbours = f"{one.neighbours:.3f} ({one.neighbours_low:.3f}–{one.neighbours_high:.3f})"
        probe = f"{one.probe:.3f} ({one.probe_low:.3f}–{one.probe_high:.3f})"
        lines.append(
            f"{round(100 * one.cut):>3} %{'':<9}{one.layer:<24}{one.n_features:>8}{neighbours:>22}{probe:>22}"
            f"{one.log_me:>9.3f}{one.h_score:>9.3f}"
        )
    lines.append(
        f"accuracies on {found.n_test} test galaxies with 95 % intervals, from {found.n_train} training galaxies"
    )
    if found.leep is not None:
        lines.append(f"LEEP of the source's own head: {found.leep:.3f}")
    for policy, of_policy in ranks.items():
        lines += [f"{NAMES[name]:<12} against {policy}, {_rank(rank)}" for name, rank in of_policy.items()]
        lines.append(ranking_in_words(of_policy))
    return "\n".join(lines) + "\n"


def _rank(rank: dict[str, Any]) -> str:
    n = f"{rank['n']} fractions"
    if rank["tau"] is None:
        return f"{n}: too few to rank"
    known = rank["low"] is not None
    interval = f", {rank['low']:+.2f} to {rank['high']:+.2f} with other test galaxies" if known else ""
    return f"{n}: Kendall's tau {rank['tau']:+.2f} (p = {rank['p']:.2f}{interval})"

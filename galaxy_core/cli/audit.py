"""`galaxy audit`: what could leak from training into test in a file of galaxies."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.sentences import existing_file, print_json

if TYPE_CHECKING:
    from galaxy_core.data.audit import Audit
    from galaxy_core.studies.inflation import Inflation


def audit(
    data: Annotated[Path, typer.Option(help="A file in the Galaxy10 layout.")],
    seed: Annotated[int, typer.Option(help="Of the split.", min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Count copies and sky neighbours, and show what oversampling before the split would pretend."""
    from galaxy_core.data.audit import audit_galaxies
    from galaxy_core.data.galaxy10 import open_galaxies
    from galaxy_core.metrics.label_limit import label_limit, limit_in_words
    from galaxy_core.studies.inflation import inflations
    from galaxy_core.studies.leaks import leak_report

    with counting_bar("reading") as progress:
        galaxies = open_galaxies(existing_file(data), progress=progress)
    with counting_bar("looking at every image") as progress:
        found = audit_galaxies(galaxies, seed=seed, progress=progress)
    with counting_bar("classifying") as progress:
        effects = inflations(found, galaxies.labels, seed=seed, progress=progress)
    if as_json:
        print_json({**leak_report(galaxies, found, effects), "data": str(galaxies.path)})
        return
    typer.echo(f"{galaxies.path}\n{found.n} galaxies, {galaxies.origin}, sha256 {galaxies.sha256}")
    typer.echo(_text(found, effects), nl=False)
    limit = label_limit(galaxies.labels, galaxies.ra, galaxies.dec)
    typer.echo(f"\nWhat the labels allow: {limit_in_words(limit)}")


def _text(found: "Audit", effects: "list[Inflation]") -> str:
    from galaxy_core.data.audit import N_NAIVE_SPLITS

    lines = [
        f"{c}  {name:<24}{n:>6}" for c, (name, n) in enumerate(zip(found.classes, found.counts, strict=True))
    ]
    lines += [f"without position: {found.n_without_position}", "", _PAIR_HEADING]
    lines += [
        f"{one.kind:<26}{one.n_pairs:>8}{one.n_two_labels:>12}{one.apart_by_split:>18}{one.apart_by_chance:>18.1f}"
        for one in found.pairs
    ]
    lines += [f"(training and test; a random split is the mean of {N_NAIVE_SPLITS})", ""]
    lines += ["Rare classes repeated before the split:"]
    lines += [
        f"  classes {one.frequencies:<18} {100 * one.share_copied:5.1f} % of the test rows have their copy in training"
        for one in found.copies
    ]
    lines += [
        "What that pretends (nearest neighbour on images of 16 px, balanced accuracy, range over splits):"
    ]
    lines += [
        f"  classes {one.frequencies:<18} {one.honest:.3f} ({one.honest_low:.3f}–{one.honest_high:.3f}) divided first, "
        f"{one.inflated:.3f} ({one.inflated_low:.3f}–{one.inflated_high:.3f}) repeated first"
        for one in effects
    ]
    sizes = f"{len(found.split.train)} / {len(found.split.validation)} / {len(found.split.test)}"
    lines += ["", f"split {found.split.hash} (seed {found.split.seed}: {sizes})"]
    return "\n".join(lines) + "\n"


_PAIR_HEADING = f"{'pairs':<26}{'all':>8}{'two labels':>12}{'apart, our split':>18}{'apart, random':>18}"

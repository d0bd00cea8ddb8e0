"""`galaxy similarity`: what two networks make alike of the same galaxies, layer by layer."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.chosen import finished_classifiers, galaxies_of
from galaxy_core.cli.shell.sentences import print_json

if TYPE_CHECKING:
    from galaxy_core.networks.backbone import Backbone
    from galaxy_core.runs.run import Run
    from galaxy_core.studies.sources.layers import LayerAlignment
    from galaxy_core.transfer.source import Source


def similarity(
    first: Annotated[str, typer.Argument(help="A finished run.")],
    second: Annotated[str, typer.Argument(help="Another one, or a source: a run or `imagenet`.")],
    data: Annotated[
        Path | None, typer.Option(help="Galaxies to show both (default: those the first was trained on).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Linear CKA between the layers of two networks: 1 where they make the same of an image, 0 where nothing alike.

    The numbers are kept as similarity.json in the folder of the first of the two that did not come with the project.
    """
    from galaxy_core.results.records import weights_sha256
    from galaxy_core.runs.run import find_run
    from galaxy_core.studies.sources.layers import compare_layers, every_depth, views_of
    from galaxy_core.studies.sources.similarity_record import keep_similarity, similarity_record

    run = finished_classifiers([find_run(first).name])[0]
    other, folders, sha256 = _other(second, run.network)
    galaxies = galaxies_of([run], data)
    with counting_bar("features") as progress:
        found = compare_layers(run, other, galaxies, layers=every_depth(run.network), progress=progress)
    marks = ((first, weights_sha256(run)), (second, sha256))
    record = similarity_record(*marks, galaxies.sha256, views_of(run, other), found)
    if as_json:
        print_json({**record})
    else:
        typer.echo(_text(found, first, second), nl=False)
    keep_similarity([run, *folders], record)


def _other(name: str, backbone: "Backbone") -> "tuple[Run | Source, list[Run], str]":
    """The second network, the folders a record of it may lie in, and the mark of its weights."""
    from galaxy_core.results.records import weights_sha256
    from galaxy_core.runs.run import find_run
    from galaxy_core.transfer.source import IMAGENET, load_source

    if name == IMAGENET or (find_run(name).is_source and find_run(name).is_whole):
        source = load_source(name, backbone)
        assert source
        return source, [], source.sha256
    run = finished_classifiers([find_run(name).name])[0]
    return run, [run], weights_sha256(run)


def _text(found: "LayerAlignment", first: str, second: str) -> str:
    """The ends of the blocks as a table as wide as a terminal, every layer with itself below it, and the sentence."""
    from galaxy_core.studies.sources.layers import stayed_in_words

    ends = found.only(found.backbone.ends_of_blocks)
    lines = [f"{first} (rows) and {second} (columns), linear CKA on {found.n_images} galaxies"]
    lines.append(" " * 22 + "".join(f"{layer:>22}" for layer in ends.layers))
    for layer, row in zip(ends.layers, ends.values, strict=True):
        lines.append(f"{layer:<22}" + "".join(f"{value:>22.3f}" for value in row))
    lines.append(
        f"each layer with itself, and how many of the {found.backbone.n_layers} layers lie at or below it:"
    )
    for layer, percent, value in zip(found.layers, found.percents, found.diagonal, strict=True):
        lines.append(f"{layer:<22}{percent:>5.0f} %{value:>15.3f}")
    return "\n".join([*lines, stayed_in_words(found, first, second)]) + "\n"

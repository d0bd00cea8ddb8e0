"""`galaxy export`: a run as one ONNX file that needs nothing of ours."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from galaxy_core.cli.shell.chosen import finished_classifiers
from galaxy_core.cli.shell.output import Overwrite, check_out, size_in_words, tell

if TYPE_CHECKING:
    from galaxy_core.runs.run import Run

HOW_TO_READ = 'json.loads(onnxruntime.InferenceSession(FILE).get_modelmeta().custom_metadata_map["card"])'


def export(
    run: Annotated[list[str], typer.Argument(help="A finished run; several share what they froze together.")],
    out: Annotated[Path, typer.Option(help="The ONNX file to write.")],
    overwrite: Overwrite = False,
) -> None:
    """Write runs as an ONNX graph: pixels in, logits and class activation maps out.

    The file says of itself what it takes and gives, the classes in order, and how each run was trained: the JSON in
    its metadata entry `card`.
    """
    from galaxy_core.serving.graph import build_graph, save_graph
    from galaxy_core.serving.writer import Model

    check_out(out, overwrite)
    runs = finished_classifiers(run)
    models = {one.name: Model(one.network, one.tensors(), one.config.turns) for one in runs}
    about = {one.name: _about(one) for one in runs}
    save_graph(
        build_graph(models, classes={one.name: one.classes for one in runs}, about=about),
        out,
        overwrite=overwrite,
    )
    tell(out, f"{', '.join(one.name for one in runs)} in {out}{size_in_words(out)}")
    for one in runs:
        crop, size = one.config.crop, one.config.image_size
        view = f"the central {crop} px of 256, brought to {size} px"
        tell(out, f"{one.name} was trained on {view}: feed it such images, its maps are of them")
    tell(out, f"classes, crops and sources stand in the file: {HOW_TO_READ}")


def _about(run: "Run") -> dict[str, Any]:
    """What a stranger must know of one model, sizes in pixels; None where its card does not say."""

    config, card = run.config, run.card()
    return {
        "crop": config.crop,
        "image_size": config.image_size,
        "turns": config.turns,
        "map_cells": config.network.map_cells(config.image_size),
        "policy": config.policy,
        "cut": config.cut,
        "source": card.get("source"),
        "weights_sha256": card.get("weights_sha256"),
    }

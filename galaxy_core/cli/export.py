"""`galaxy export`: a run as one ONNX file that needs nothing of ours."""

from pathlib import Path
from typing import Annotated

import typer

from galaxy_core.cli.chosen import finished_classifiers


def export(
    run: Annotated[list[str], typer.Argument(help="A finished run; several share what they froze together.")],
    out: Annotated[Path, typer.Option(help="The ONNX file to write.")],
) -> None:
    """Write runs as an ONNX graph: pixels in, logits and class activation maps out."""
    from galaxy_core.serving.graph import build_graph, save_graph

    runs = finished_classifiers(run)
    save_graph(build_graph({one.name: one.tensors() for one in runs}), out)
    typer.echo(f"{', '.join(one.name for one in runs)} in {out} ({out.stat().st_size / 1e6:.1f} MB)")
    for one in runs:
        crop, size = one.config.crop, one.config.image_size
        typer.echo(
            f"{one.name} was trained on the central {crop} px of 256, brought to {size} px: feed it such images"
        )

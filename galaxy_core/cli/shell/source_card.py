"""A finished source as the command line shows it."""

from typing import TYPE_CHECKING, Any

import typer

from galaxy_core.cli.shell.sentences import print_json

if TYPE_CHECKING:
    from galaxy_core.runs.run import Run


def show_source(run: "Run", as_json: bool) -> None:
    """How well it names held-out images, and how to use it; or its whole card."""
    card = run.card()
    if as_json:
        print_json({"run": run.name, "path": str(run.path), "card": card})
        return
    typer.echo(f"{run.name}: {held_out_sentence(card)}; use it with `--source {run.name}`")


def held_out_sentence(card: dict[str, Any]) -> str:
    """`0.412 (95 % 0.392–0.433) of 2197 held-out images in 109 classes named rightly`, where that is known."""
    found = card.get("held_out")
    if not isinstance(found, dict) or not found.keys() >= {"n", "accuracy", "accuracy_low", "accuracy_high"}:
        return "a source, tested on nothing that its card knows"
    bounds = f"{found['accuracy_low']:.3f}–{found['accuracy_high']:.3f}"
    of = f"{found['n']} held-out images in {len(card.get('classes', []))} classes"
    return f"{found['accuracy']:.3f} (95 % {bounds}) of {of} named rightly"

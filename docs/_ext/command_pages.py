"""The directive `command-pages`: every verb of `galaxy` with its arguments and options, asked of the command itself."""

from collections.abc import Iterator
from typing import Any

import typer
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class CommandPages(SphinxDirective):
    """A section a verb, in the order of `galaxy --help`."""

    def run(self) -> list[nodes.Node]:
        """The sections, written in Markdown and read by the page's own parser."""
        from galaxy_core.cli import app

        root = typer.main.get_command(app)
        lines = StringList(
            list(_pages(root, typer.Context(root, info_name="galaxy"))), source="galaxy --help"
        )
        holder = nodes.section()
        holder.document = self.state.document
        self.state.nested_parse(lines, 0, holder, match_titles=True)
        return holder.children


def _pages(group: Any, context: typer.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        inside = typer.Context(command, info_name=name, parent=context)
        yield from (f"## {inside.command_path}", "", *_page(command, inside))
        for verb in getattr(command, "commands", {}):
            below = command.get_command(inside, verb)
            deeper = typer.Context(below, info_name=verb, parent=inside)
            yield from (f"### {deeper.command_path}", "", *_page(below, deeper))


def _page(command: Any, context: typer.Context) -> Iterator[str]:
    yield from (
        "```text",
        " ".join((context.command_path, *command.collect_usage_pieces(context))),
        "```",
        "",
    )
    yield from (_plain(command.help or ""), "")
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and "--help" not in parameter.opts:
            yield from (f"`{record[0]}`", f": {_plain(record[1]) or '…'}", "")


def _plain(text: str) -> str:
    """Help is read in a terminal: its lines are joined, and what Markdown would take for its own is not."""
    return (
        " ".join(text.split()).replace("*", "\\*").replace("<", "\\<").replace("[", "\\[").replace("_", "\\_")
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directive known."""
    app.add_directive("command-pages", CommandPages)
    return {"parallel_read_safe": True}

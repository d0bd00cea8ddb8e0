"""`galaxy study`: one question put to finished runs; its numbers as lines, a CSV or a chart."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.chosen import finished_classifiers, galaxies_of
from galaxy_core.cli.shell.output import Overwrite, SpreadsheetSafe, check_out, tell
from galaxy_core.cli.shell.sentences import existing_file, print_json, say
from galaxy_core.errors import BadValueError, MissingError

if TYPE_CHECKING:
    from galaxy_core.studies.study import Study


def study(
    name: Annotated[str | None, typer.Argument(help="The study; --list shows them all.")] = None,
    run: Annotated[
        list[str] | None, typer.Argument(help="Finished runs, or a sweep, whose name means all its runs.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="The galaxies, a file in the Galaxy10 layout.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the numbers as CSV.")] = None,
    chart: Annotated[Path | None, typer.Option(help="Write the chart as one HTML file.")] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--set", help="An option of the study as name=value; --list shows them."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the bootstrap, the sky and the split.", min=0)] = 0,
    again: Annotated[bool, typer.Option("--again", help="Measure anew what is kept with the runs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    is_list: Annotated[bool, typer.Option("--list", help="Show every study with its question.")] = False,
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
) -> None:
    """Ask one question of finished runs: every number with its 95 % interval, a sentence and a chart."""
    from galaxy_core.files.atomic import write_text_atomically
    from galaxy_core.files.csv_text import csv_text
    from galaxy_core.studies.evidence_table import COLUMNS
    from galaxy_core.studies.registry import all_studies, get_study
    from galaxy_core.studies.study import Asked, line_of, rows_of, without_points

    if is_list:
        for one in all_studies():
            typer.echo(_listed(one))
        return
    check_out(out, overwrite, data, kinds=(".csv",))
    check_out(chart, overwrite, data, kinds=(".html", ".htm"), option="--chart")
    if out is not None and chart is not None and out.absolute() == chart.absolute():
        raise BadValueError(f"--chart and --out are both {out}; give each a file of its own")
    if name is None or not run:
        raise BadValueError("a study takes its name and runs; `galaxy study --list` shows every study")
    asked_for = get_study(name)
    options = asked_for.with_options(option or ())
    runs = finished_classifiers(run, with_weights=not asked_for.is_at_once)
    galaxies = galaxies_of(runs, data and existing_file(data)) if asked_for.needs_galaxies else None
    file = galaxies.path.name if galaxies is not None else ""
    asked = Asked(tuple(runs), tuple(run), galaxies, file, seed, options, again)
    with counting_bar(asked_for.name) as progress:
        frame = asked_for.measure(asked, progress)
    for told in asked.told:
        say(told)
    if frame.empty:
        raise MissingError(f"{name} can be asked of none of these runs")
    rows = rows_of(frame)
    if out is not None:
        lines = ((name, *row) for row in rows)
        columns = (*COLUMNS, "at")
        text = csv_text(columns, lines, spreadsheet_safe=spreadsheet_safe)
        write_text_atomically(out, text, overwrite=overwrite)
    elif not as_json:
        for row in rows_of(without_points(frame)):
            typer.echo(line_of(row))
    if chart is not None:
        _write_chart(asked_for.chart(frame), chart, overwrite)
    sentence = asked_for.sentence(frame)
    if as_json:
        numbers = [row._asdict() for row in rows]
        said = {"sentence": sentence, "note": asked_for.note, "told": asked.told}
        print_json({"study": name, "question": asked_for.question, **said, "rows": numbers})
    else:
        tell(out, sentence)


def _listed(one: "Study") -> str:
    options = ", ".join(f"{name}={usual}" for name, usual in one.options.items())
    return f"{one.name}: {one.question}{f' ({options})' if options else ''}"


def _write_chart(figure: dict[str, object], path: Path, overwrite: bool) -> None:
    """With its script inside: the file loads nothing."""
    from plotly.io import to_html

    from galaxy_core.files.atomic import write_text_atomically

    write_text_atomically(path, to_html(figure, include_plotlyjs=True), overwrite=overwrite)

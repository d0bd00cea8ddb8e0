"""The report itself: the sections in order, one page around them, written whole or not at all."""

import datetime
import os
from collections.abc import Sequence
from dataclasses import dataclass

from galaxy_core import __version__
from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import MissingError
from galaxy_core.files.atomic import write_text_atomically
from galaxy_core.maps.heat_scale import THIS_MAP, checked
from galaxy_core.numerals import counted
from galaxy_core.report.accuracy import accuracy_section, best_line
from galaxy_core.report.citations import citations_section
from galaxy_core.report.classes import classes_section
from galaxy_core.report.figures import script_sources, scripts
from galaxy_core.report.maps import maps_section
from galaxy_core.report.markup import LeftOut, Markup, Section, element, joined, paragraphs
from galaxy_core.report.rows import Material, gather
from galaxy_core.report.scores import scores_sections
from galaxy_core.report.settings import environment_section, settings_section
from galaxy_core.report.style import STYLE
from galaxy_core.runs.run import Run
from galaxy_core.studies.shown import OpenLineup, open_lineup

TITLE = "How much of a pre-trained network should a galaxy classifier keep?"
_LOADS_NOTHING = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""Even what slipped through could neither run nor reach anything: only the two scripts of known hash may run."""


@dataclass(frozen=True)
class Written:
    """What came of it: how many runs are in the report, and a sentence for each run or section left out."""

    n_runs: int
    left_out: tuple[str, ...]


def write_report(
    runs: Sequence[Run],
    path: str | os.PathLike[str],
    galaxies: Galaxies | str,
    *,
    lineup_of: OpenLineup = open_lineup,
    heat_scale: str = THIS_MAP,
    overwrite: bool = False,
) -> Written:
    """One HTML file of all finished classifiers among the runs; nothing else is needed to read it.

    `galaxies` are those of the runs, or the sentence that says why they are not there: mock galaxies are explained
    instead. `heat_scale` says which maps share a scale of colours.
    Errors: MissingError where no run is finished, BadFileError for a damaged run folder, BadValueError where
    `path` exists and `overwrite` is False.
    """
    finished, absent = finished_and_absent(runs)
    material = gather(finished)
    parts = _sections(material, galaxies, lineup_of, checked(heat_scale))
    left_out = (*absent, *(f"{part.title}: {part.reason}" for part in parts if isinstance(part, LeftOut)))
    text = "<!doctype html>\n" + page(material, parts, absent) + "\n"
    write_text_atomically(path, text, overwrite=overwrite)
    return Written(len(finished), left_out)


def finished_and_absent(runs: Sequence[Run]) -> tuple[list[Run], tuple[str, ...]]:
    """The finished classifiers, and a sentence for each run that is none; MissingError where none is."""
    finished = [run for run in runs if run.is_whole and not run.is_source]
    if not finished:
        raise MissingError(
            f"of {counted(len(runs), 'run')} none is a finished classifier, so there is nothing to report; "
            "finish one with `galaxy train --run NAME`"
        )
    absent = [f"{run.name} is not in the report: {_why_absent(run)}." for run in runs if run not in finished]
    return finished, tuple(absent)


def page(material: Material, parts: Sequence[Section | LeftOut], absent: Sequence[str]) -> Markup:
    """The whole document."""
    body = [_top(material, parts, absent), element("main", *map(_section, parts))]
    allowed = f"{_LOADS_NOTHING}; script-src {script_sources()}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=allowed),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"Report: {TITLE}"),
        element("style", STYLE),
    )
    return element("html", head, element("body", *body, scripts()), lang="en")


def _sections(
    material: Material, galaxies: Galaxies | str, lineup_of: OpenLineup, heat_scale: str
) -> list[Section | LeftOut]:
    parts: list[Section | LeftOut] = [
        accuracy_section(material),
        *scores_sections(material, at_once=True),
        classes_section(material),
        maps_section(material, galaxies, lineup_of, heat_scale),
        *scores_sections(material, at_once=False),
        settings_section(material),
        environment_section(material),
    ]
    cited = [key for part in parts if isinstance(part, Section) for key in part.cited]
    uses_imagenet = any(line.source == "imagenet" for line in material.lines)
    return [*parts, citations_section(cited, uses_imagenet=uses_imagenet)]


def _top(material: Material, parts: Sequence[Section | LeftOut], absent: Sequence[str]) -> Markup:
    today = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
    n = len(material.runs)
    made = f"Report of {counted(n, 'finished run')}, made {today} with galaxy_core {__version__}."
    links = [
        element("li", element("a", part.title, href=f"#{part.key}"))
        for part in parts
        if isinstance(part, Section)
    ]
    return element(
        "header",
        element("h1", TITLE),
        element("p", made, class_="made"),
        element("p", best_line(material)),
        paragraphs(absent, class_="note"),
        element("nav", element("ul", *links), aria_label="Contents"),
    )


def _section(part: Section | LeftOut) -> Markup:
    body = part.body if isinstance(part, Section) else element("p", part.reason, class_="note")
    return element("section", element("h2", part.title), joined([body]), id=part.key)


def _why_absent(run: Run) -> str:
    return "it is a source of weights and no classifier" if run.is_source else "it is not finished"

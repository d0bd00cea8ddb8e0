"""What studies find at once or kept in the run folders: a section a study, with its sentence, chart and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from galaxy_core.report.figures import figure
from galaxy_core.report.markup import (
    LeftOut,
    Markup,
    Section,
    element,
    joined,
    paragraphs,
    table,
    with_interval,
)
from galaxy_core.report.rows import Material
from galaxy_core.studies.registry import all_studies
from galaxy_core.studies.study import Study, crosswise, encodable

if TYPE_CHECKING:
    from pandas import DataFrame


def scores_sections(material: Material, *, at_once: bool) -> list[Section | LeftOut]:
    """Every study that run folders answer at once; or every one that keeps what it found, where a run has it."""
    shown = [study for study in all_studies() if study.is_shown and study.is_at_once == at_once]
    return [_section(material, study) for study in shown]


def _section(material: Material, study: Study) -> Section | LeftOut:
    title = study.question.rstrip("?")
    frame, told = study.known_frame(material.runs)
    names = tuple(run.name for run in material.runs)
    begun = [one if one.startswith(names) else one[0].upper() + one[1:] for one in told]
    notes = [f"{one.rstrip('.')}." for one in begun]
    if frame.empty:
        measure = "" if study.is_at_once else f"; `galaxy study {study.name}` measures them"
        return LeftOut(study.name, title, " ".join(notes) or f"No run has kept these scores{measure}.")
    labels = [encodable(material.labels.get(name, name)) for name in frame.of]
    verdicts = [
        f"{label}: {one.score}."
        for label, one in zip(labels, frame.itertuples(), strict=True)
        if one.value != one.value
    ]
    sentence = study.sentence(frame)
    parts = [
        element("p", sentence),
        figure(study.chart(frame), f"{study.question} {sentence}"),
        _numbers(frame.assign(of=labels)),
        paragraphs([*verdicts, *filter(None, [study.note]), *notes], class_="note"),
    ]
    return Section(study.name, title, joined(parts), study.cited)


def _numbers(frame: DataFrame) -> Markup:
    """All of them, folded away."""
    heads, lines = crosswise(frame)
    shown = {
        name: [with_interval(one.value, one.low, one.high) if one else "" for one in cells]
        for name, cells in lines.items()
    }
    rows = [(name, *cells) for name, cells in shown.items()]
    return element("details", element("summary", "All numbers"), table(["", *heads], rows, class_="long"))

"""What studies have kept in the run folders: a section a study, with its sentence, its chart and every number."""

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
from galaxy_core.studies.study import Study

if TYPE_CHECKING:
    from pandas import DataFrame


def scores_sections(material: Material) -> list[Section | LeftOut]:
    """Every study that keeps what it found, where at least one run has it."""
    return [_section(material, study) for study in all_studies() if study.kept]


def _section(material: Material, study: Study) -> Section | LeftOut:
    title = study.question.rstrip("?")
    frame, told = study.kept_frame(material.runs)
    notes = [f"{one[0].upper()}{one[1:].rstrip('.')}." for one in told]
    if frame.empty:
        reason = f"No run has kept these scores; `galaxy study {study.name}` measures them."
        return LeftOut(study.name, title, " ".join(notes) or reason)
    labels = frame.of.map(lambda name: material.labels.get(name, name))
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
    """All of them, folded away: a row a score, a column a run or pair."""
    known = frame[frame.value.notna()]
    columns = list(dict.fromkeys(known.of))
    cells = {(one.of, one.score): with_interval(one.value, one.low, one.high) for one in known.itertuples()}
    rows = [(score, *(cells.get((of, score), "") for of in columns)) for score in dict.fromkeys(known.score)]
    return element(
        "details", element("summary", "All numbers"), table(["score", *columns], rows, class_="long")
    )

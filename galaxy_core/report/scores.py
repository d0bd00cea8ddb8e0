"""The scores that studies have kept in the run folders: a section a study, with the galaxies they rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from galaxy_core.errors import GalaxyError
from galaxy_core.maps.cells import coarse_in_words, fine_enough
from galaxy_core.prediction.calibrate import CALIBRATION
from galaxy_core.report import study_tables
from galaxy_core.report.markup import LeftOut, Section, joined, paragraphs, table
from galaxy_core.report.rows import Material
from galaxy_core.report.study_tables import Made, Record, Records
from galaxy_core.runs.run import Run
from galaxy_core.studies.record import CUES, ELEMENTS, FAITHFULNESS, FOCUS, kept


@dataclass(frozen=True)
class Study:
    """A file that a verb keeps in run folders, how its table is made, and whose methods it uses."""

    file: str
    title: str
    verb: str
    make: Callable[[Records], Made]
    cited: tuple[str, ...]
    is_of_maps: bool = False


STUDIES = (
    Study(
        *(FOCUS, "Is the heat on the galaxy", "galaxy study focus", study_tables.focus_table),
        ("wang", "zhang", "efron"),
        is_of_maps=True,
    ),
    Study(
        *(
            ELEMENTS,
            "Which element is looked at",
            "galaxy study elements",
            study_tables.elements_table,
            ("efron",),
        ),
        is_of_maps=True,
    ),
    Study(
        CUES, "What the answers rest on", "galaxy study cues", study_tables.cues_table, ("geirhos", "efron")
    ),
    Study(
        *(
            FAITHFULNESS,
            "Are the maps faithful",
            "galaxy study faithfulness",
            study_tables.faithfulness_table,
        ),
        ("petsiuk", "rong", "chattopadhay", "adebayo"),
        is_of_maps=True,
    ),
    Study(
        *(CALIBRATION, "Can a single answer be trusted", "galaxy calibrate", study_tables.calibration_table),
        ("guo", "sadinle", "saerens"),
    ),
)


def scores_sections(material: Material) -> list[Section | LeftOut]:
    """Focus, elements, cues, faithfulness and calibration, each where at least one run has it."""
    return [_section(material, study) for study in STUDIES]


def _section(material: Material, study: Study) -> Section | LeftOut:
    key = study.file.removesuffix(".json")
    runs = fine_enough(material.runs) if study.is_of_maps else material.runs
    records, unusable = _records(runs, material.labels, study.file)
    if study.is_of_maps:
        unusable += [f"{one[0].upper()}{one[1:]}." for one in coarse_in_words(material.runs)]
    if not records:
        reason = f"No run has kept these scores; `{study.verb}` measures them."
        return LeftOut(key, study.title, " ".join(unusable) or reason)
    heads, rows, notes = study.make(records)
    below = paragraphs([*notes, *_origins(records), *unusable], class_="note")
    return Section(key, study.title, joined([table(heads, rows, class_="long"), below]), study.cited)


def _records(runs: Sequence[Run], labels: Mapping[str, str], file: str) -> tuple[Records, list[str]]:
    """What each run has kept, and a sentence for each record that says nothing of it."""
    found: dict[str, Record] = {}
    unusable = []
    for run in runs:
        try:
            record = kept(run, file)
        except GalaxyError as error:
            unusable.append(f"{error}.")
            continue
        if record:
            found[labels[run.name]] = record
    return found, unusable


def _origins(records: Records) -> Iterator[str]:
    """On which galaxies the scores rest, each sentence once."""
    yield from dict.fromkeys(filter(None, map(_origin, records.values())))


def _origin(record: Record) -> str | None:
    file = study_tables.at(record, "data", "file")
    if record.get("part") == "test":
        return f"On the test part of {file}, unseen in training."
    if record.get("sentence"):
        return str(record["sentence"])
    if record.get("mock_galaxies"):
        return f"On {record['mock_galaxies']} mock galaxies, seed {record.get('mock_seed')}."
    return f"On all galaxies of {file}." if file else None

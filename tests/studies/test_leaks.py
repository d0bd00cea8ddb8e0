"""One report of all that leaks in a file, in words and as a table."""

import csv
import io
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from galaxy_core.data.audit import audit_galaxies
from galaxy_core.data.classes import GALAXY10
from galaxy_core.results.table import table_rows
from galaxy_core.runs.run import Run
from galaxy_core.studies.inflation import BALANCED, SURVEY, Inflation, inflations
from galaxy_core.studies.leaks import (
    COLUMNS,
    STUDY,
    inflation_in_words,
    leak_report,
    leaks_csv,
    survey_effect,
)
from galaxy_core.studies.study import Asked, rows_of


def noise() -> Any:
    rng = np.random.default_rng(0)
    return SimpleNamespace(
        images=rng.integers(0, 256, (200, 64, 64, 3), dtype=np.uint8),
        labels=np.arange(200) % 10,
        ra=np.linspace(0, 300, 200),
        dec=np.zeros(200),
        path=SimpleNamespace(name="noise.h5"),
        sha256="ab" * 32,
        origin="mock",
        classes=GALAXY10,
    )


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    galaxies = noise()
    found = audit_galaxies(galaxies)
    seen: list[tuple[int, int]] = []
    effects = inflations(found, galaxies.labels, progress=lambda *at: seen.append(at))
    assert (seen[0], seen[-1]) == ((1, 20), (20, 20))
    return leak_report(galaxies, found, effects)


def test_the_survey_shows_what_balanced_classes_hide(report: dict[str, Any]) -> None:
    effects = {one["frequencies"]: one for one in report["inflation"]}
    assert list(effects) == [BALANCED, SURVEY]
    assert effects[BALANCED]["share_copied"] == 0
    assert survey_effect(report) is effects[SURVEY]
    assert effects[SURVEY]["share_copied"] > 0.3
    assert effects[SURVEY]["gain_low"] > 0.1


def test_the_report_is_plain_json_without_the_place_of_the_file(report: dict[str, Any]) -> None:
    values = json.loads(json.dumps(report, allow_nan=False))
    assert values["data"] == "noise.h5"
    assert values["split"]["hash"] == report["split"]["hash"]


def test_the_table_has_every_number_of_the_report(report: dict[str, Any]) -> None:
    rows = list(csv.DictReader(io.StringIO(leaks_csv(report))))
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["value"] == report["split"]["hash"]
    found = {(row["question"], row["of"]): row for row in rows}
    inflated = found["balanced accuracy, repeated first", SURVEY]
    survey = survey_effect(report)
    assert float(inflated["value"]) == survey["inflated"]
    assert (float(inflated["low"]), float(inflated["high"])) == (
        survey["inflated_low"],
        survey["inflated_high"],
    )
    assert found["pairs", "identical images"]["value"] == "0"
    assert len(rows) == 1 + 6 + 3 + 4 * 5 + 5
    assert found["positions labelled more than once", "labels"]["value"] == str(
        report["labels_allow"]["n_repeated"]
    )


def test_an_effect_is_said_with_its_range_and_none_is_claimed_where_none_shows() -> None:
    shown = Inflation(SURVEY, 1469, 10, 0.3, 0.25, 0.35, 0.6, 0.5, 0.7, 0.3, 0.2, 0.4, 0.4)
    assert inflation_in_words(shown) == (
        "1,469 galaxies, classes as in the survey: a balanced accuracy of 30 % (25–35 %) divided first, of 60 % "
        "(50–70 %) repeated first; range over 10 splits. The 30 points (20 to 40) between them are pretended, not "
        "learned."
    )
    hidden = Inflation(BALANCED, 40, 10, 0.3, 0.25, 0.35, 0.31, 0.2, 0.4, 0.01, -0.1, 0.1, 0.0)
    assert "balanced classes" in inflation_in_words(hidden)
    assert "cannot be told apart: 1 point (−10 to 10)" in inflation_in_words(hidden)


def test_what_leaks_is_kept_with_the_runs_of_these_galaxies_and_told_once(
    make_run: Callable[..., Run],
) -> None:
    runs = [make_run("a"), make_run("b"), make_run("c", data={"sha256": "00" * 32})]
    asked = Asked(tuple(runs), ("a", "b", "c"), noise(), "noise.h5")
    rows = list(STUDY.rows(asked, lambda done, total: None))
    frame, _ = STUDY.known_frame(runs)
    assert rows_of(frame) == [
        row._replace(command=command) for row, command in zip(rows, frame.command, strict=True)
    ]
    rows_by_name = {row.run: row for row in table_rows(runs)}
    assert STUDY.kept([(run, rows_by_name[run.name]) for run in runs]).missing == ("c",)
    assert "gained by repeating first" in STUDY.sentence(frame)
    (drawn,) = STUDY.chart(frame)["data"]
    assert len(drawn["x"]) == 6

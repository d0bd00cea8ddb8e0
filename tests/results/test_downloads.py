import csv
import io
from collections.abc import Callable

import numpy as np
import pytest

from galaxy_core.errors import MissingError
from galaxy_core.results.downloads import accuracy_csv, classes_csv, history_csv, maps_csv
from galaxy_core.runs.run import Run

MakeRun = Callable[..., Run]


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_confusion_of_the_file_is_that_of_the_run(make_run: MakeRun) -> None:
    run = make_run("one")
    rows, metrics = read(classes_csv(run)), run.metrics()
    counts = [[int(row[f"predicted_{c}"]) for c in range(10)] for row in rows]
    assert counts == metrics["confusion"]
    assert [float(row["completeness"]) for row in rows] == [
        item["completeness"] for item in metrics["per_class"]
    ]
    assert sum(map(sum, counts)) == metrics["n"]


def test_a_line_an_epoch_and_unknown_numbers_are_empty(make_run: MakeRun) -> None:
    rows = read(history_csv(make_run("one", done=False)))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert {row["val_loss"] for row in rows} == {""}


def test_a_run_that_was_not_tested_has_no_confusion(make_run: MakeRun) -> None:
    with pytest.raises(MissingError, match="let it finish"):
        classes_csv(make_run("one", done=False))


def test_the_accuracy_curve_has_the_interval_the_number_of_galaxies_and_the_papers_point(
    make_run: MakeRun,
) -> None:
    run = make_run("one", percent=20)
    rows, metrics = read(accuracy_csv([run, make_run("under-way", percent=40, done=False)])), run.metrics()
    ours = rows[0]
    assert (ours["run"], ours["source"], ours["seed"], ours["percent"]) == ("one", "imagenet", "0", "20")
    assert float(ours["accuracy"]) == metrics["accuracy"] == 0.75
    assert [float(ours["low"]), float(ours["high"])] == [metrics["accuracy_low"], metrics["accuracy_high"]]
    assert (ours["n"], ours["paper"]) == ("40", "0.79")


def test_the_paper_stands_only_beside_what_it_did(make_run: MakeRun) -> None:
    rows = read(accuracy_csv([make_run("control", policy="random_frozen", percent=20)]))
    assert (rows[0]["run"], rows[0]["paper"]) == ("control", "")
    assert ("", "20", "0.79") in [(row["run"], row["percent"], row["paper"]) for row in rows]


def test_a_run_of_weights_from_elsewhere_has_no_confusion(make_run: MakeRun) -> None:
    run = make_run("loaded")
    (run.path / "metrics.json").write_text("{}")
    with pytest.raises(MissingError, match="was not tested"):
        classes_csv(run)


def test_points_of_the_paper_that_nobody_trained_stand_alone(make_run: MakeRun) -> None:
    rows = read(accuracy_csv([make_run("one", percent=20), make_run("odd", percent=33)]))
    assert [(row["run"], row["percent"], row["paper"]) for row in rows] == [
        ("one", "20", "0.79"),
        ("odd", "33", ""),
        *[("", *point) for point in [("0", "0.65"), ("40", "0.73"), ("60", "0.76")]],
        *[("", *point) for point in [("80", "0.67"), ("100", "0.48")]],
    ]


def test_every_cell_of_a_map_has_its_place_and_its_logits() -> None:
    values = np.array([[1.5, -2.0], [0.0, 0.25]], np.float32)
    rows = read(maps_csv([("galaxy 7", "one", "Merging", values)]))
    assert [(row["row"], row["column"], float(row["logits"])) for row in rows] == [
        ("0", "0", 1.5),
        ("0", "1", -2.0),
        ("1", "0", 0.0),
        ("1", "1", 0.25),
    ]
    assert {(row["galaxy"], row["run"], row["evidence_for"]) for row in rows} == {
        ("galaxy 7", "one", "Merging")
    }


def test_a_name_that_a_spreadsheet_would_execute_is_made_harmless() -> None:
    rows = read(maps_csv([("=cmd()", "one", "Merging", np.zeros((1, 1)))]))
    assert rows[0]["galaxy"] == "'=cmd()"

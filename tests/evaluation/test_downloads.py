import csv
import io
from collections.abc import Callable

import pytest

from galaxy_core.errors import MissingError
from galaxy_core.evaluation.downloads import classes_csv, history_csv
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

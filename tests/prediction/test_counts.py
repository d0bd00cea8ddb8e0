"""Counts of a table of answers: raw and corrected by the run's own test part, whatever the format, in one pass."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from galaxy_core.catalogues.formats import open_catalogue, write_table
from galaxy_core.errors import BadFileError, BadValueError
from galaxy_core.metrics.measure import write_predictions
from galaxy_core.prediction.answer_table import NONE, about, answer_schema, asking
from galaxy_core.prediction.counts import Counted, counts_of
from galaxy_core.prediction.predict import answer_row, refused_row, write_rows
from galaxy_core.runs.run import Run

MakeRun = Callable[..., Run]
SURE = 0.05 + 0.5 * np.eye(10)


@pytest.fixture
def run(make_run: MakeRun) -> Run:
    """Of 20 test galaxies a class, a tenth of each is called the next class."""
    run = make_run("first", weights_sha256="ab" * 32)
    labels = np.repeat(np.arange(10), 20)
    answers = np.where(np.arange(200) % 10 == 0, (labels + 1) % 10, labels)
    write_predictions(run.path / "predictions.csv", np.arange(200), labels, SURE[answers].astype(np.float32))
    return run


def write_answers(path: Path, run: Run, answers: list[int]) -> Path:
    """A table of these answers of the run, -1 where there is none."""
    asked = asking([run])
    schema = answer_schema(pa.schema([("objid", pa.int64())]), asked)
    columns: dict[str, Any] = {"objid": list(range(len(answers))), "run": [run.name] * len(answers)}
    columns["predicted"] = answers
    for c in range(10):
        columns[f"p{c}"] = [None if a == NONE else SURE[a, c] for a in answers]
    arrays = [pa.array(columns.get(f.name, [None] * len(answers)), f.type) for f in schema]
    write_table(path, schema, [pa.RecordBatch.from_arrays(arrays, schema=schema)], about(asked, "objects"))
    return path


def counted(path: Path, only: str | None = None) -> list[Counted]:
    return counts_of(open_catalogue(path), only)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".fits", ".vot", ".ecsv"])
def test_what_is_called_the_next_class_is_counted_back(tmp_path: Path, run: Run, suffix: str) -> None:
    # of 1000 of class 3 a tenth is called 4
    (one,) = counted(write_answers(tmp_path / f"a{suffix}", run, [3] * 900 + [4] * 100 + [NONE] * 7))
    assert (one.run, one.n, one.n_without, one.classes[3]) == ("first", 1000, 7, "In-between Round Smooth")
    assert one.raw.tolist() == [0, 0, 0, 900, 100, 0, 0, 0, 0, 0]
    assert one.corrected is not None
    np.testing.assert_allclose(one.corrected.shares, np.eye(10)[3], atol=1e-3)
    assert one.corrected.low[3] > 0.5
    assert "corrected by the run's answers on its 200 test galaxies" in one.sentences[0]
    json.dumps(one.to_json(), allow_nan=False)


def test_it_is_said_where_test_labels_are_without_the_corrections_that_were_learned(
    tmp_path: Path, run: Run
) -> None:
    path, said = (
        write_answers(tmp_path / "a.parquet", run, [3] * 90),
        "without the corrections that the run learned",
    )
    assert said not in " ".join(counted(path)[0].sentences)
    config = json.loads((run.path / "config.json").read_text())
    (run.path / "config.json").write_text(json.dumps({**config, "corrections": True}))
    assert said in " ".join(counted(path)[0].sentences)


def test_the_csv_of_a_folder_is_counted_too(tmp_path: Path, run: Run) -> None:
    rows = [answer_row(f"{i}.png", "first", SURE[i % 2], {}) for i in range(10)]
    write_rows(tmp_path / "a.csv", [*rows, refused_row("bad\udcff.png", "gone")])
    (one,) = counted(tmp_path / "a.csv")
    assert (one.n, one.n_without, one.raw[:2].tolist()) == (10, 1, [5, 5])


def test_each_run_of_a_table_is_counted_and_one_can_be_named(
    tmp_path: Path, run: Run, make_run: MakeRun
) -> None:
    rows = [answer_row("a.png", name, SURE[c], {}) for name in ("first", "gone") for c in (1, 2)]
    write_rows(tmp_path / "a.csv", rows)
    first, gone = counted(tmp_path / "a.csv")
    assert (first.run, gone.run) == ("first", "gone")
    assert gone.corrected is None
    assert "no run named gone" in gone.sentences[0]
    assert gone.classes[1] == "1"
    assert [one.run for one in counted(tmp_path / "a.csv", "first")] == ["first"]
    with pytest.raises(BadValueError, match="no answers of 'third'; it has first, gone"):
        counted(tmp_path / "a.csv", "third")


def test_a_run_with_too_few_test_galaxies_is_counted_as_answered_and_told_why(
    tmp_path: Path, make_run: MakeRun
) -> None:
    run = make_run("first")  # four a class
    (one,) = counted(write_answers(tmp_path / "a.parquet", run, [1, 2]))
    assert one.corrected is None
    assert "5 of each are needed" in one.sentences[0]


def test_answers_of_other_weights_are_refused(tmp_path: Path, run: Run) -> None:
    path = write_answers(tmp_path / "a.parquet", run, [1])
    card = json.loads((run.path / "card.json").read_text())
    (run.path / "card.json").write_text(json.dumps({**card, "weights_sha256": "cd" * 32}))
    with pytest.raises(BadFileError, match="holds answers of other weights"):
        counted(path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,mag\n1,2\n", "no table of answers"),
        ("run,predicted,p0,p1\nfirst,,,\n", "no object with a class"),
        ("run,predicted,p0,p1\nfirst,0,7,-6\n", "do not lie between 0 and 1"),
        ("run,predicted,p0,p1\nfirst,0,1,0\nfirst,0,1,\n", "different numbers of probabilities"),
        ("run,predicted,p0,p1\nfirst,0,,\n", "different numbers of probabilities"),
        ("run,predicted,p0,p1\nfirst,0,1,0\n", "with 2 classes, and the run here has 10"),
        ("run,predicted,p0,p1\nfirst,0,a,b\n", "no numbers"),
    ],
)
def test_what_is_no_table_of_answers_is_refused_in_a_sentence(
    tmp_path: Path, run: Run, text: str, says: str
) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(BadFileError, match=says):
        counted(tmp_path / "a.csv")


def test_memory_does_not_grow_with_the_answers(tmp_path: Path, run: Run) -> None:
    import tracemalloc

    def peak(n: int) -> int:
        path = tmp_path / f"{n}.csv"
        with path.open("w") as file:
            writer = csv.writer(file)
            writer.writerow(["run", "predicted", *(f"p{c}" for c in range(10))])
            writer.writerows([["first", 1, *SURE[1]]] * n)
        tracemalloc.start()
        counts_of(open_catalogue(path))
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(100)
    assert peak(60_000) < peak(20_000) + 500_000  # as numbers, 40,000 answers are 3.2 MB

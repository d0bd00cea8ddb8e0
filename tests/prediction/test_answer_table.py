"""Answers as a table: a row an input and run, always, in order, beside what was carried, which is as it was."""

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from galaxy_core.catalogues.columns import said
from galaxy_core.catalogues.formats import open_catalogue, write_table
from galaxy_core.catalogues.pictures import Picture, Pictures
from galaxy_core.prediction.answer_table import (
    Asking,
    about,
    answer_schema,
    answered,
    asking,
    prefix_of,
)
from galaxy_core.prediction.inputs import folder_inputs
from galaxy_core.runs.run import Run

ID = 39627652591521181
MakeRun = Callable[..., Run]


def draw(path: Path, red: int, green: int) -> None:
    image = np.full((256, 256, 3), (red, green, 0), np.uint8)
    image[108:148, 108:148] = 255
    Image.fromarray(image).save(path)


@pytest.fixture
def asked(make_run: MakeRun) -> Asking:
    return asking([make_run(name, weights_sha256="ab" * 32) for name in ("first", "second")])


@pytest.fixture
def objects(tmp_path: Path) -> Path:
    """40 objects, whose picture says i % 10 to the first run and 9 to the second; each seventh has none."""
    for i in range(10):
        draw(tmp_path / f"{i}.png", 25 * i, 225)
    names = [f"{i % 10}.png" if i % 7 else ("../x.png" if i % 2 else None) for i in range(40)]
    table = pa.table(
        {"objid": [ID + i for i in range(40)], "file": names, "mag": np.arange(40, dtype=np.float32)}
    )
    pq.write_table(table, tmp_path / "objects.parquet", row_group_size=9)
    return tmp_path / "objects.parquet"


def answers_to(path: Path, lineup: Any, asked: Asking, **how: Any) -> pa.Table:
    pictures = Pictures(open_catalogue(path))
    schema = answer_schema(pictures.schema, asked)
    return pa.Table.from_batches(answered(lineup, asked, pictures.batches(), schema, **how), schema)


def test_every_row_has_an_answer_of_every_run_in_order_and_its_identifier(
    objects: Path, corner_reader: Any, asked: Asking
) -> None:
    found = answers_to(objects, corner_reader, asked)
    assert found.column("objid").to_pylist() == [ID + i for i in range(40) for _ in range(2)]
    assert found.column("run").to_pylist() == ["first", "second"] * 40
    wanted = [-1 if i % 7 == 0 else (i % 10, 9)[r] for i in range(40) for r in range(2)]
    assert found.column("predicted").to_pylist() == wanted
    assert found.column("predicted").type == pa.int16()
    assert found.column("class")[3].as_py() == "Edge-on with Bulge"
    assert found.column("mag").type == pa.float32()


def test_a_row_without_a_class_has_its_reason_and_nothing_else(
    objects: Path, corner_reader: Any, asked: Asking
) -> None:
    rows = answers_to(objects, corner_reader, asked).to_pylist()
    for row in (rows[0], rows[1], rows[14]):
        assert (row["predicted"], row["status"], row["class"], row["set"]) == (-1, "refused", None, None)
        assert row["p0"] is row["p9"] is row["calibrated_p0"] is row["strangeness"] is None
    assert rows[0]["reason"] == "the row names no picture"
    assert "leads out" in rows[14]["reason"]
    assert (rows[2]["status"], rows[2]["reason"]) == ("ok", None)
    assert sum(rows[2][f"p{c}"] for c in range(10)) == pytest.approx(1, abs=1e-6)


def test_what_is_said_of_a_row_names_its_number_and_never_what_a_stranger_calls_it(
    objects: Path, corner_reader: Any, asked: Asking
) -> None:
    seen: list[str] = []
    shown: list[Any] = []
    answers_to(objects, corner_reader, asked, on_row=lambda row: seen.append(row["file"]), show=shown.append)
    assert list(dict.fromkeys(seen)) == [f"row {i}" for i in range(1, 41)]
    assert shown[0][0].file == "row 2"


def test_columns_say_what_they_are_and_what_is_none(asked: Asking) -> None:
    schema = answer_schema(pa.schema([("objid", pa.int64())]), asked)
    assert schema.names[:5] == ["objid", "run", "predicted", "class", "p0"]
    assert schema.names[13:16] == ["p9", "calibrated_p0", "calibrated_p1"]
    assert schema.names[24:] == ["set", "strangeness", "status", "reason"]
    assert said(schema.field("predicted"), "null") == "-1"
    assert said(schema.field("p5"), "description") == "probability of Barred Spiral"
    assert said(schema.field("class"), "ucd") == "src.morph.type;meta.modelled"


@pytest.mark.parametrize(
    ("carried", "prefix"),
    [
        (["objid"], ""),
        (["CLASS"], "galaxy_"),
        (["run", "p0"], "galaxy_"),
        (["run", "predicted", "galaxy_reason"], "galaxy_galaxy_"),
    ],
)
def test_a_carried_column_keeps_its_name_and_the_answers_make_way(
    asked: Asking, carried: list[str], prefix: str
) -> None:
    schema = answer_schema(pa.schema([(name, pa.string()) for name in carried]), asked)
    assert schema.names[: len(carried)] == carried
    assert schema.names[len(carried)] == f"{prefix}run"
    assert prefix_of(schema.names) == prefix


def test_a_calibrated_run_adds_its_probabilities_sets_and_strangeness(
    make_run: MakeRun, objects: Path, corner_reader: Any
) -> None:
    run = make_run("first", weights_sha256="ab" * 32, split_hash="cd")
    values = {"version": 1, "weights_sha256": "ab" * 32, "split_hash": "cd", "temperature": 9.0}
    sets = [{"coverage": 0.9, "threshold": 0.0}]
    novelty = {"energy": list(np.linspace(-100, -80, 50))}
    (run.path / "calibration.json").write_text(json.dumps({**values, "sets": sets, "novelty": novelty}))
    found = answers_to(objects, corner_reader, asking([run, make_run("second")])).to_pylist()
    of_first, of_second = found[2], found[3]
    assert of_first["calibrated_p1"] == pytest.approx(np.e / (np.e + 9), rel=1e-5)
    assert of_first["set"] == "0 1 2 3 4 5 6 7 8 9"
    assert of_first["strangeness"] == pytest.approx(1 - 2 / 51)  # beyond all 50
    assert of_second["calibrated_p9"] is of_second["set"] is None


def test_a_damaged_calibration_is_said_and_the_answers_go_on(make_run: MakeRun) -> None:
    run = make_run("first")
    (run.path / "calibration.json").write_text("{")
    asked = asking([run])
    assert asked.trusts == {}
    assert "first answers without its calibration" in asked.problems[0]


def test_a_file_of_answers_says_version_weights_calibration_and_licence_of_each_run(asked: Asking) -> None:
    told = about(asked, "objects.parquet")
    assert told["galaxy_core"]
    assert (told["run_2"], told["run_2_weights_sha256"]) == ("second", "ab" * 32)
    assert told["run_1_calibration"] == "none"
    assert told["run_1_licence"]
    assert all(isinstance(value, str) for value in told.values())


def test_names_of_a_folder_are_a_table_too_byte_for_byte(tmp_path: Path) -> None:
    for name in (b"a.png", b"bad\xff.png"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).touch()
    names = folder_inputs(tmp_path)
    ((batch, pictures),) = names.batches()
    write_table(tmp_path / "a.parquet", names.schema, [batch], {})
    table = pa.Table.from_batches(open_catalogue(tmp_path / "a.parquet").batches())
    assert table.column("file").to_pylist() == [b"a.png", b"bad\xff.png"]
    assert pictures[1].find() == tmp_path / "bad\udcff.png"
    assert list(names.names(1)) == ["bad\udcff.png"]
    pictures[1].find().unlink()
    assert folder_inputs(tmp_path).schema.field("file").type == pa.string()


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".fits", ".vot", ".ecsv"])
def test_the_same_answers_stand_in_every_format(
    tmp_path: Path, objects: Path, corner_reader: Any, asked: Asking, suffix: str
) -> None:
    wanted = answers_to(objects, corner_reader, asked)
    write_table(tmp_path / f"a{suffix}", wanted.schema, wanted.to_batches(), about(asked, "o"))
    table = open_catalogue(tmp_path / f"a{suffix}")
    assert (table.names, table.n_rows) == (wanted.schema.names, 80)
    assert table.metadata["run_1"] == "first"
    found = pa.Table.from_batches(table.batches(), table.schema)
    for name in ("objid", "run", "p3"):
        old, new = (one.column(name).cast(pa.string()).to_pylist() for one in (wanted, found))
        assert [v or "nan" for v in old] == [v or "nan" for v in new]
    predicted = [-1 if v is None else v for v in found.column("predicted").to_pylist()]
    assert predicted == wanted.column("predicted").to_pylist()


def test_memory_does_not_grow_with_the_rows(tmp_path: Path, corner_reader: Any, asked: Asking) -> None:
    import tracemalloc

    draw(tmp_path / "a.png", 50, 50)
    schema = pa.schema([("objid", pa.int64()), ("note", pa.string())])

    def rows(n: int) -> Any:
        for start in range(0, n, 100):
            pictures = [Picture("", partial(Path, tmp_path / "gone.png"))] * 100
            arrays = [pa.array(range(start, start + 100)), pa.array(["x" * 200] * 100)]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema), pictures

    def peak(n: int) -> int:
        tracemalloc.start()
        before, most, n_found = pa.total_allocated_bytes(), 0, 0
        for batch in answered(corner_reader, asked, rows(n), answer_schema(schema, asked)):
            n_found += batch.num_rows
            most = max(most, pa.total_allocated_bytes() - before)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert n_found == 2 * n
        return most + size

    peak(100)
    assert peak(2000) < peak(500) + 200_000  # 1,500 notes more are 300 kB, and twice that for two runs

"""Shards: all of them together are the table of one pass, and only what is the same is carried on with."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from galaxy_core.catalogues.formats import CSV, PARQUET, open_catalogue, write_table
from galaxy_core.errors import BadFileError, BadValueError, MissingError
from galaxy_core.images.fits_options import AS_THE_SURVEY
from galaxy_core.prediction.answer_table import Asking, about, answer_schema, answered, asking
from galaxy_core.prediction.inputs import Inputs, catalogue_inputs, folder_inputs
from galaxy_core.prediction.plan import (
    Plan,
    check_weights,
    plan_of,
    planned_inputs,
    read_plan,
    write_plan,
)
from galaxy_core.prediction.predict import predict_images, write_rows
from galaxy_core.prediction.shards import course, is_merged, left, merge, shard_path, write_shard
from galaxy_core.runs.run import Run

N = 23


@pytest.fixture
def asked(make_run: Callable[..., Run]) -> Asking:
    return asking([make_run(name, weights_sha256="ab" * 32) for name in ("first", "second")])


@pytest.fixture(autouse=True)
def one_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Twenty-three files: each fifth is no picture, one has a line break in its name, one a name that is no text."""
    folder = tmp_path / "pictures"
    (folder / "below").mkdir(parents=True)
    for i in range(N - 2):
        path = folder / ("below" if i % 3 else "") / f"{i:02d}.png"
        draw(path, i) if i % 5 else path.write_bytes(b"no picture")
    draw(folder / "a\nb, c.png", 3)
    draw(Path(os.fsdecode(os.fsencode(folder) + b"/bad\xff.png")), 4)
    return folder


def draw(path: Path, i: int) -> None:
    image = np.full((256, 256, 3), (25 * (i % 10), 225, 0), np.uint8)
    image[108:148, 108:148] = 255
    with path.open("wb") as file:
        Image.fromarray(image).save(file, "png")


@pytest.fixture
def objects(pictures: Path, tmp_path: Path) -> pa.Table:
    names = [f"{i:02d}.png" if i % 4 else None for i in range(N)]
    values = {"objid": [2**60 + i for i in range(N)], "file": names, "p0": np.arange(N, dtype="f4")}
    return pa.table(values)


def planned(work: Path, inputs: Inputs, asked: Asking, kind: str, size: int = 5) -> Plan:
    work.mkdir()
    plan = plan_of(
        *(inputs, asked.runs),
        kind=kind,
        image=None,
        spreadsheet_safe=False,
        fits=AS_THE_SURVEY,
        shard_size=size,
    )
    return write_plan(work, plan, inputs)


def answer(work: Path, plan: Plan, lineup: Any, asked: Asking, numbers: list[int]) -> None:
    for number in numbers:
        # as a process of its own would
        write_shard(work, read_plan(work), number, lineup, asked, planned_inputs(work, plan))


def test_the_csv_of_a_folder_in_shards_is_that_of_one_pass(
    pictures: Path, tmp_path: Path, corner_reader: Any, asked: Asking
) -> None:
    inputs = folder_inputs(pictures)
    names = list(inputs.names())
    assert (len(names), inputs.n, inputs.is_text) == (N, N, False)
    write_rows(tmp_path / "once.csv", predict_images(corner_reader, names, pictures))
    work, out = tmp_path / "work", tmp_path / "answers.csv"
    plan = planned(work, inputs, asked, CSV)
    assert plan.n_shards == 5
    answer(work, plan, corner_reader, asked, [4, 1, 0])
    assert left(work, plan) == [2, 3]
    answer(work, plan, corner_reader, asked, left(work, plan))
    now = course(work, plan)
    refused = (tmp_path / "once.csv").read_text(errors="surrogateescape").count("refused")
    assert (now.n_done, now.n_inputs_done, now.n_refused) == (5, N, refused)
    assert now.n_answers == 2 * (N - refused)
    merge(work, plan, out, asked, inputs, overwrite=False)
    assert out.read_bytes() == (tmp_path / "once.csv").read_bytes()
    assert json.loads((tmp_path / "answers.csv-metadata.json").read_text())["url"] == "answers.csv"
    assert not work.exists()


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".fits"])
@pytest.mark.parametrize("of", [".csv", ".parquet", ".fits"])
def test_a_catalogue_in_shards_is_the_table_of_one_pass_in_any_format(
    pictures: Path, objects: pa.Table, tmp_path: Path, corner_reader: Any, asked: Asking, of: str, suffix: str
) -> None:
    path, kind = tmp_path / f"objects{of}", CSV if suffix == ".csv" else PARQUET
    write_table(path, objects.schema, objects.to_batches(), {})
    inputs = catalogue_inputs(path, pictures, None, keeps_text=kind == CSV)
    schema, said = answer_schema(inputs.schema, asked), about(asked, path.name)
    once, out, work = tmp_path / f"once{suffix}", tmp_path / f"a{suffix}", tmp_path / "work"
    write_table(once, schema, answered(corner_reader, asked, inputs.batches(), schema), said)
    plan = planned(work, inputs, asked, kind)
    answer(work, plan, corner_reader, asked, [3, 0, 4, 2, 1])
    merge(work, plan, out, asked, planned_inputs(work, plan), overwrite=False)
    if suffix != ".parquet":
        assert out.read_bytes() == once.read_bytes()
    merged, whole = (pq.read_table(p) if kind != CSV and suffix == ".parquet" else None for p in (out, once))
    assert merged is None or merged.equals(whole, check_metadata=True)


def test_a_shard_numbers_its_rows_as_the_whole_does(
    pictures: Path, objects: pa.Table, tmp_path: Path, corner_reader: Any, asked: Asking
) -> None:
    pq.write_table(objects, tmp_path / "objects.parquet", row_group_size=4)
    inputs = catalogue_inputs(tmp_path / "objects.parquet", pictures, None, keeps_text=False)
    plan = planned(tmp_path / "work", inputs, asked, PARQUET)
    seen: list[str] = []
    write_shard(
        tmp_path / "work", plan, 1, corner_reader, asked, inputs, lambda row: seen.append(row["file"])
    )
    assert list(dict.fromkeys(seen)) == [f"row {i}" for i in range(6, 11)]
    assert open_catalogue(shard_path(tmp_path / "work", plan, 1)).n_rows == 10


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".fits", ".ecsv"])
def test_rows_of_a_catalogue_are_read_from_any_row_to_any_other(
    objects: pa.Table, tmp_path: Path, suffix: str
) -> None:
    write_table(tmp_path / f"o{suffix}", objects.schema, objects.to_batches(), {})
    if suffix == ".parquet":
        pq.write_table(objects, tmp_path / "o.parquet", row_group_size=4)
    table = open_catalogue(tmp_path / f"o{suffix}")
    for start, stop in ((0, 5), (4, 8), (7, 22), (20, None), (23, None), (5, 5)):
        found = [v for batch in table.batches(["objid"], 3, start, stop) for v in batch.column(0).to_pylist()]
        assert found == [2**60 + i for i in range(N)[start:stop]]


def test_who_carries_on_with_something_else_is_told_with_what_it_was_begun(
    pictures: Path, tmp_path: Path, asked: Asking
) -> None:
    plan = planned(tmp_path / "work", folder_inputs(pictures), asked, CSV)
    again = planned(tmp_path / "again", folder_inputs(pictures), asked, CSV)
    assert plan.difference(again) is None
    other = replace(again, weights={**again.weights, "second": "cd" * 32})
    assert "other weights of second (abababababab, and now they are cdcdcdcdcdcd)" in str(
        plan.difference(other)
    )
    assert "the runs 'first', 'second', and these are 'first'" in str(
        plan.difference(replace(again, weights={"first": "ab" * 32}))
    )
    assert "shard size 5, and this is 7" in str(plan.difference(replace(again, shard_size=7)))
    assert "version" in str(plan.difference(replace(again, version="9")))
    (pictures / "01.png").write_bytes(b"another")
    changed = planned(tmp_path / "changed", folder_inputs(pictures), asked, CSV)
    assert "another input" in str(plan.difference(changed))
    with pytest.raises(BadValueError, match="begin anew"):
        check_weights(other, asked.runs)
    with pytest.raises(BadValueError, match="shard 5 is none of the 5"):
        plan.border(5)


def test_a_plan_that_is_gone_or_damaged_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="there is no plan"):
        read_plan(tmp_path)
    for text in ("{", "[]", '{"n": 1}'):
        (tmp_path / "_plan.json").write_text(text)
        with pytest.raises(BadFileError, match="is damaged"):
            read_plan(tmp_path)


def test_a_merge_that_was_cut_before_it_was_cleared_is_known_again(
    pictures: Path, tmp_path: Path, corner_reader: Any, asked: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, out, inputs = tmp_path / "work", tmp_path / "a.csv", folder_inputs(pictures)
    plan = planned(work, inputs, asked, CSV)
    answer(work, plan, corner_reader, asked, left(work, plan))
    assert not is_merged(work, out)
    monkeypatch.setattr("galaxy_core.prediction.shards.clear", lambda work: None)
    merge(work, plan, out, asked, inputs, overwrite=False)
    assert is_merged(work, out)
    out.write_text("mine")
    with pytest.raises(BadValueError, match="exists already"):
        merge(work, plan, out, asked, inputs, overwrite=False)
    assert out.read_text() == "mine"


def test_the_speed_is_that_of_the_time_in_which_somebody_worked(
    pictures: Path, tmp_path: Path, corner_reader: Any, asked: Asking
) -> None:
    work = tmp_path / "work"
    plan = planned(work, folder_inputs(pictures), asked, CSV)
    assert course(work, plan).inputs_per_second is None
    answer(work, plan, corner_reader, asked, [0, 1, 2])
    # two at once for ten seconds, and another after a night
    for number, ended in ((0, 1000.0), (1, 1000.0), (2, 50_000.0)):
        path = shard_path(work, plan, number)
        path = path.with_name(f"_{path.stem}.json")
        path.write_text(json.dumps({"n_answers": 10, "n_refused": 0, "seconds": 10.0, "ended": ended}))
    now = course(work, plan)
    assert now.inputs_per_second == 15 / 20
    assert now.seconds_left(plan) == pytest.approx(8 / 0.75)

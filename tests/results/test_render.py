"""CSV, Markdown and text say what the rows say, and no spreadsheet executes them."""

import csv
import dataclasses
import io
import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_core.files.spreadsheet import DANGEROUS_STARTS, inert
from galaxy_core.results import render
from galaxy_core.results.table import PAPER_COLUMNS, TableRow, seed_summary
from galaxy_core.runs.run import Run

MakeRun = Callable[..., Run]
ROW = TableRow(
    "r",
    "transfer_frozen",
    "imagenet",
    20,
    80,
    0,
    1.0,
    0.6,
    0.9,
    1 / 3,
    0.3,
    0.4,
    0.31,
    0.79,
    0.22,
    0.44,
    paper_train_loss=0.36,
    paper_train_accuracy=0.87,
    paper_test_loss=0.6,
)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_read_back_gives_every_digit() -> None:
    (row,) = read(render.as_csv([ROW]))
    assert float(row["test_accuracy"]) == 1 / 3
    assert row["run"] == "r"


def test_csv_leaves_unknown_numbers_empty() -> None:
    (row,) = read(render.as_csv([dataclasses.replace(ROW, test_loss=None, seed=None)]))
    assert row["test_loss"] == row["seed"] == ""


HOSTILE = st.text(st.sampled_from("=+-@;\t\r\n\"' a,") | st.characters(codec="utf-8"))


@given(HOSTILE, st.sampled_from(["", *DANGEROUS_STARTS]))
def test_no_text_column_begins_like_a_formula(text: str, start: str) -> None:
    hostile = (start + text).replace("\x00", "").replace("\r", "\t")
    row = dataclasses.replace(ROW, run=hostile, source=hostile, policy=hostile)
    (found,) = read(render.as_csv([row]))
    for column in ("run", "source", "policy"):
        assert not found[column].startswith(DANGEROUS_STARTS)
        assert found[column].replace("'", "") == hostile.replace("'", "")


@given(HOSTILE, st.sampled_from(";\t"))
def test_no_part_of_a_text_begins_like_a_formula_where_fields_end_at_semicolons_or_tabs(
    text: str, separator: str
) -> None:
    row = dataclasses.replace(ROW, run=text.replace("\x00", "").replace("\r", " "))
    for field in re.split(rf"[{separator}\n]", render.as_csv([row]))[1:]:
        assert not field.lstrip(' "\t').startswith(("=", "+", "@"))


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a\t@x", "a\t'@x"),
        ('a;"-2', "a;\"'-2"),
        ("a\n=1", "a\n'=1"),
        ("a; +1;=2", "a; '+1;'=2"),
        ("a;b=c-d", "a;b=c-d"),
    ],
)
def test_a_formula_after_a_semicolon_or_a_tab_gets_its_own_apostrophe(text: str, safe: str) -> None:
    assert inert(text) == safe


@given(HOSTILE)
def test_a_text_made_inert_is_the_text_with_apostrophes_and_stays_so(text: str) -> None:
    assert inert(text).replace("'", "") == text.replace("'", "")
    assert inert(inert(text)) == inert(text)


def test_negative_numbers_stay_numbers() -> None:
    assert "-0.5" in render.as_csv([dataclasses.replace(ROW, test_loss=-0.5)])


def test_markdown_has_a_cell_for_every_column_whatever_the_name() -> None:
    text = render.as_markdown([dataclasses.replace(ROW, run="a|b\nc")], ["Tested on 40."])
    lines = text.splitlines()
    assert lines[0].count("|") == lines[1].count("|") == len(render.MARKDOWN_COLUMNS) + 1
    assert lines[2].startswith("| a\\|b c |")
    assert lines[-1] == "- Tested on 40."


def test_text_shows_the_paper_beside_ours_and_names_the_reference() -> None:
    text = render.as_text([ROW], ["Tested on 40."], width=140)
    assert "0.333 [0.79]" in text
    assert "1.000 [0.36]" in text
    assert "0.300–0.400" in text
    assert "Tested on 40." in text
    assert "0.89" in text
    assert "Hui et al. 2022" in text
    assert "at most 99.7 % (99.6–99.7 %) of the labels" in text


@pytest.mark.parametrize("width", [40, 110, 200])
def test_text_is_no_wider_than_asked(width: int) -> None:
    text = render.as_text([ROW], width=width)
    notes = [*render.references(ROW.classes), render.NARROW]
    table = [line for line in text.splitlines() if line not in notes]
    assert max(len(line) for line in table) <= width


def test_rich_markup_in_a_name_is_shown_and_not_obeyed() -> None:
    assert "[red]x" in render.as_text([dataclasses.replace(ROW, run="[red]x")], width=200)


def test_seeds_are_shown_only_where_there_are_several(make_run: MakeRun) -> None:
    one = seed_summary([ROW])
    assert render.seeds_text(one) == ""
    two = seed_summary([ROW, dataclasses.replace(ROW, seed=1, test_accuracy=0.5)])
    assert "0.417" in render.seeds_text(two)


def test_markdown_has_all_four_numbers_of_the_paper_and_both_intervals() -> None:
    heading, _, line = render.as_markdown([ROW]).splitlines()
    cells = dict(zip(heading.strip("| ").split(" | "), line.strip("| ").split(" | "), strict=True))
    printed = [
        cells[f"paper_{name}"] for name in ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
    ]
    assert printed == ["0.360", "0.870", "0.600", "0.790"]
    assert [cells[name] for name in ("test_low", "test_high")] == ["0.300", "0.400"]
    assert [cells[name] for name in ("balanced_low", "balanced_high")] == ["0.220", "0.440"]
    bare = dataclasses.replace(ROW, **dict.fromkeys(PAPER_COLUMNS))
    assert "| – | densenet121 | – | – | – |" in render.as_markdown([bare])


def test_the_interval_of_the_balanced_accuracy_stands_beside_it_where_there_is_room() -> None:
    assert "0.220–0.440" in render.as_text([ROW], width=140)
    assert "0.220–0.440" not in render.as_text([ROW], width=110)
    assert "0.300–0.400" in render.as_text([ROW], width=110)


def test_both_statistics_of_batch_normalisation_are_shown_with_their_difference(make_run: MakeRun) -> None:
    run = make_run("one")
    metrics = run.metrics()
    metrics["batch_norm"] = {"keras": {"accuracy": 0.25}, "re-estimated": {"accuracy": 0.5}}
    (run.path / "metrics.json").write_text(json.dumps(metrics))
    text = render.batch_norm_text([run])
    assert "0.250" in text
    assert "0.500*" in text
    assert "+0.250" in text
    assert render.batch_norm_text([]) == ""

"""The table of evidence, on runs made by hand and a line-up whose answers are known."""

import csv
import json
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import typer
from known_answers import CornerPointer

from galaxy_core.cli import app
from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.data.split import Split
from galaxy_core.errors import BadFileError, BadValueError, DiskFullError, MissingError
from galaxy_core.results.comparison import compare_runs
from galaxy_core.runs.run import Run
from galaxy_core.studies.evidence import Outcome, answer_all, caveats
from galaxy_core.studies.evidence_table import COLUMNS, EvidenceTable
from galaxy_core.studies.focus import study_focus
from galaxy_core.studies.registry import all_studies, chosen, get_study, names
from galaxy_core.studies.sources.forecast import DepthScore, Forecast
from galaxy_core.studies.study import Asked, Progress, Row, framed, refused_in_words
from galaxy_core.studies.transferability import depth_rows, rank_rows

MakeRun = Callable[..., Run]


@pytest.fixture(scope="module")
def galaxies() -> Galaxies:
    """60 bright discs in the middle of a dark sky, of the classes in turn."""
    y, x = np.mgrid[-128:128, -128:128]
    rng = np.random.default_rng(0)
    images = rng.integers(0, 12, (60, 256, 256, 3), dtype=np.uint8)
    images[:, x**2 + y**2 < 40**2] = 200
    nothing, scale = np.full(60, np.nan), np.full(60, 0.262)
    labels = np.arange(60) % 10
    return Galaxies(images, labels, nothing, nothing, nothing, scale, "ab" * 32, "mock", Path("g.h5"))


@contextmanager
def no_bar(title: str) -> Iterator[Progress]:
    yield lambda done, total: None


def asked_of(runs: Sequence[Run], galaxies: Galaxies, data: str = "g.h5", **more: object) -> Asked:
    return Asked(
        tuple(runs), tuple(run.name for run in runs), galaxies, data, lineup_of=CornerPointer, **more
    )


def answered(asked: Asked, path: Path, only: str) -> list[Outcome]:
    """The outcomes; every command in the table is one that `galaxy` knows, with all its options."""
    outcomes = list(answer_all(chosen(only), asked, EvidenceTable(path, names()), no_bar))
    for command in {row["command"] for row in table_of(path)}:
        require_known(command)
    return outcomes


def require_known(command: str) -> None:
    program, verb, *words = shlex.split(command)
    assert program == "galaxy"
    typer.main.get_command(app).commands[verb].make_context(verb, words)  # raises for an option it has not


def table_of(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def on_its_first(n: int, *runs: Run) -> list[Run]:
    """The runs with the first n of their test galaxies alone."""
    split = Split.of(np.arange(0, 20), np.arange(20, 30), np.arange(30, 30 + n), seed=0)
    for run in runs:
        (run.path / "split.json").write_text(json.dumps(split.to_json()))
        (run.path / "card.json").write_text(json.dumps({**run.card(), "split_hash": split.hash}))
    return list(runs)


@pytest.fixture
def pair(make_run: MakeRun) -> list[Run]:
    return [make_run("a", 20, n_right=28), make_run("b", 80, n_right=10)]


def test_a_row_holds_the_number_that_the_core_gives(
    pair: list[Run], galaxies: Galaxies, tmp_path: Path
) -> None:
    answered(asked_of(pair, galaxies), tmp_path / "r.csv", "difference,accuracy")
    rows = table_of(tmp_path / "r.csv")
    assert tuple(rows[0]) == COLUMNS
    (found,) = compare_runs(pair)
    difference = next(row for row in rows if row["score"] == "difference in test accuracy")
    assert difference["run or pair"] == "20 % minus 80 %"
    numbers = tuple(float(difference[name]) for name in ("value", "low", "high"))
    assert numbers == (found.difference, found.low, found.high)
    assert numbers[0] == pytest.approx(18 / 30)
    assert difference["command"] == "galaxy study difference a b"
    (accuracy,) = (r for r in rows if (r["run or pair"], r["score"]) == ("a", "test accuracy"))
    assert float(accuracy["low"]) < float(accuracy["value"]) == 28 / 30 < float(accuracy["high"])


def test_heat_in_a_corner_is_said_to_miss_the_galaxy(
    pair: list[Run], galaxies: Galaxies, tmp_path: Path
) -> None:
    runs = on_its_first(10, *pair)
    answered(asked_of(runs, galaxies), tmp_path / "r.csv", "focus,agreement")
    rows = {(row["run or pair"], row["score"]): row for row in table_of(tmp_path / "r.csv")}
    energy = study_focus(runs, galaxies, n_shifted=0, lineup_of=CornerPointer)[0].scores["energy_galaxy"]
    assert float(rows["a", "energy_galaxy"]["value"]) == energy.value < 0.1
    assert float(rows["a", "energy_galaxy minus that of the gaussian"]["high"]) < 0
    assert ("a", 'paper, "on the galaxy and of its size": undecided') in rows  # of ten galaxies
    same = rows["a and b", "rank correlation of maps of two settings"]
    assert float(same["value"]) == pytest.approx(1)
    assert same["command"] == "galaxy study agreement a b --data g.h5"


def test_cues_of_a_run_that_looks_at_nothing_are_worth_nothing(
    pair: list[Run], galaxies: Galaxies, tmp_path: Path
) -> None:
    answered(asked_of(on_its_first(10, *pair), galaxies), tmp_path / "r.csv", "cues")
    rows = table_of(tmp_path / "r.csv")
    whole = [float(row["value"]) for row in rows if row["score"] == "test accuracy on whole images"]
    assert whole == [0.1, 0.1]
    lost = [float(row["value"]) for row in rows if row["score"].startswith("test accuracy lost")]
    assert lost == [0.0] * 8
    assert any(row["score"].startswith('paper, "a little transfer') for row in rows)


def test_a_forecast_is_ranked_against_the_runs_that_took_the_source_over(
    make_run: MakeRun, galaxies: Galaxies
) -> None:
    runs = [make_run(f"s-{p:03d}-s0", p, n_right=n) for p, n in ((20, 28), (60, 19), (100, 8))]
    depths = [
        DepthScore(cut, "relu", 1024, share, 0.0, 1.0, 1 - share, 0.0, 1.0, 0.5, 0.5)
        for cut, share in ((0.2, 0.9), (0.6, 0.6), (1.0, 0.3))
    ]
    found = Forecast(tuple(depths), None, 20, 30)
    rows = list(depth_rows("imagenet", found))
    assert ("5 neighbours at a cut of 60 %", 0.6, 0.0, 1.0) in [row[1:5] for row in rows]
    ranks = list(rank_rows("imagenet against x", found, runs))
    taus = {row.score: row.value for row in ranks if row.score.startswith("Kendall")}
    assert taus == {
        "Kendall's tau of 5 neighbours with the accuracy of 3 rows": pytest.approx(1),
        "Kendall's tau of linear probe with the accuracy of 3 rows": pytest.approx(-1),
    }
    asked, study = asked_of(runs, galaxies), get_study("transferability")
    for command in set(framed([*rows, *ranks], asked, lambda names: study.command(asked, names)).command):
        require_known(command)


def test_a_source_that_is_another_one_by_now_is_not_compared_with(
    make_run: MakeRun, galaxies: Galaxies, tmp_path: Path
) -> None:
    make_run("origin", 100)
    run = make_run("a", card={"source": {"name": "origin", "sha256": "01" * 32}})
    (outcome,) = answered(asked_of([run], galaxies), tmp_path / "r.csv", "similarity")
    assert outcome.sentences[0].startswith("a was begun from other weights than origin has now")
    assert outcome.n_rows == 0


def test_mocks_and_faithfulness_are_measured_as_their_commands_say(
    make_run: MakeRun, galaxies: Galaxies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # ROAD's linear systems are solved in full by its own test
    monkeypatch.setattr("galaxy_core.maps.faithfulness.ROAD_SIDE", 32)
    runs = on_its_first(2, make_run("a"))
    outcomes = answered(
        asked_of(runs, galaxies, options={"mocks": 30}), tmp_path / "r.csv", "elements,faithfulness"
    )
    assert [outcome.sentences for outcome in outcomes] == [(), ()]
    rows = table_of(tmp_path / "r.csv")
    sky = next(row for row in rows if row["score"] == "heat over area: sky of Barred Spiral")
    assert float(sky["value"]) > 1
    assert sky["command"] == "galaxy study elements a --set mocks=30"
    scores = {row["score"] for row in rows if row["question"] == "faithfulness"}
    assert {"deletion", "road minus that of a random map"} <= scores


def test_what_was_answered_is_kept_until_it_is_asked_anew(
    pair: list[Run], galaxies: Galaxies, tmp_path: Path
) -> None:
    path = tmp_path / "r.csv"
    answered(asked_of(pair, galaxies), path, "accuracy,difference")
    path.write_text(path.read_text().replace(f"a,test accuracy,{28 / 30!r}", "a,test accuracy,0.125"))
    (kept,) = answered(asked_of(pair, galaxies), path, "accuracy")
    assert kept.seconds is None
    assert "0.125" in path.read_text()
    (anew,) = answered(asked_of(pair, galaxies, is_anew=True), path, "accuracy")
    assert anew.seconds is not None
    assert "test accuracy,0.125" not in path.read_text()
    assert {row["question"] for row in table_of(path)} == {"accuracy", "difference"}


@pytest.mark.parametrize("change", ["weights", "galaxies", "rows", "marks"])
def test_an_answer_of_something_else_is_not_kept(
    pair: list[Run], galaxies: Galaxies, tmp_path: Path, change: str
) -> None:
    path = tmp_path / "r.csv"
    answered(asked_of(pair, galaxies), path, "accuracy")
    if change == "weights":
        card = {**pair[0].card(), "weights_sha256": "01" * 32}
        (pair[0].path / "card.json").write_text(json.dumps(card))
    elif change == "galaxies":
        galaxies = Galaxies(**{**vars(galaxies), "sha256": "01" * 32})
    elif change == "rows":
        path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    else:
        (tmp_path / "r.made.json").write_text("[")
    (outcome,) = answered(asked_of(pair, galaxies), path, "accuracy")
    assert outcome.seconds is not None
    assert len(table_of(path)) == outcome.n_rows


def test_a_run_whose_weights_have_no_mark_is_always_measured(
    make_run: MakeRun, galaxies: Galaxies, tmp_path: Path
) -> None:
    asked = asked_of([make_run("a", card={"weights_sha256": None})], galaxies)
    for _ in range(2):
        (outcome,) = answered(asked, tmp_path / "r.csv", "accuracy")
        assert outcome.seconds is not None


def test_a_question_that_cannot_be_asked_stops_no_other(
    make_run: MakeRun, galaxies: Galaxies, tmp_path: Path
) -> None:
    run = make_run("a", 0, policy="scratch", card={"source": None})
    asked = asked_of([run], galaxies)
    outcomes = answered(asked, tmp_path / "r.csv", "accuracy,difference,agreement,similarity,transferability")
    told = {outcome.study.name: outcome for outcome in outcomes}
    assert told["accuracy"].n_rows > 0
    assert "two rows or more" in told["difference"].sentences[0]
    assert "two runs or more" in told["agreement"].sentences[0]
    assert told["similarity"].sentences == told["transferability"].sentences
    assert "took layers from a source" in told["similarity"].sentences[0]
    assert {row["question"] for row in table_of(tmp_path / "r.csv")} == {"accuracy"}


def test_a_full_disk_is_no_question_left_out() -> None:
    with pytest.raises(DiskFullError), refused_in_words([]):
        raise DiskFullError("the disk is full")


def test_a_stored_calibration_is_read_only_for_the_weights_it_is_of(
    make_run: MakeRun, galaxies: Galaxies, tmp_path: Path
) -> None:
    run = make_run("a")
    asked = asked_of([run], galaxies)
    answered(asked, tmp_path / "r.csv", "calibration")
    stored = json.loads((run.path / "calibration.json").read_text())

    def temperature(**change: object) -> float:
        values = {**stored, "split_hash": run.card()["split_hash"], "weights_sha256": "ef" * 32, **change}
        (run.path / "calibration.json").write_text(json.dumps(values))
        (tmp_path / "r.made.json").unlink()
        answered(asked, tmp_path / "r.csv", "calibration")
        return float(next(r["value"] for r in table_of(tmp_path / "r.csv") if r["score"] == "temperature"))

    assert temperature(temperature=7.5) == 7.5
    for change in ({"weights_sha256": "01" * 32}, {"sets": None}):
        assert temperature(**{"temperature": 7.5, **change}) == stored["temperature"]


def test_the_audit_says_which_intervals_are_ranges_and_names_the_split(
    pair: list[Run], galaxies: Galaxies, tmp_path: Path
) -> None:
    answered(asked_of(pair, galaxies, data="mine.h5"), tmp_path / "r.csv", "audit")
    rows = table_of(tmp_path / "r.csv")
    assert {row["run or pair"] for row in rows} == {"mine.h5"}
    assert all("range over" in row["score"] for row in rows if row["low"])
    (split,) = (row for row in rows if row["score"].startswith("split hash"))
    assert (len(split["score"].split()[-1]), split["value"]) == (64, "")


def test_a_spreadsheet_executes_no_field_and_numbers_stay_numbers(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    row = Row("=1+1", "a;=2", -0.5, None, 0.5, "@x")
    EvidenceTable(path, ("q",)).put("q", [row], None)
    before = path.read_text()
    assert before.splitlines()[1] == "q,'=1+1,a;'=2,-0.5,,0.5,'@x"
    EvidenceTable(path, ("q",)).put("other", [row], None)
    assert path.read_text().startswith(before)


class Unwritable:
    def __str__(self) -> str:
        raise ValueError("cut short")


def test_rows_never_stand_under_the_mark_of_others(tmp_path: Path) -> None:
    results, row = EvidenceTable(tmp_path / "r.csv", ()), Row("a", "b", 0.5, None, None, "c")
    results.put("q", [row], {"of": 1})
    assert EvidenceTable(tmp_path / "r.csv", ()).has("q", {"of": 1})
    with pytest.raises(ValueError, match="cut short"):
        results.put("q", [row._replace(value=Unwritable())], {"of": 2})
    for mark in ({"of": 1}, {"of": 2}):
        assert not EvidenceTable(tmp_path / "r.csv", ()).has("q", mark)


@pytest.mark.parametrize(
    "text", ["", "name,price\na,1\n", f"{','.join(COLUMNS)}\nq,a,b,many,,,c\n", f"{','.join(COLUMNS)}\nq,a\n"]
)
def test_another_table_is_refused_and_left_as_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(text)
    with pytest.raises(BadFileError, match=r"prices.csv is no table of evidence"):
        EvidenceTable(path, ())
    assert path.read_text() == text


def test_a_folder_that_is_not_there_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="does not exist"):
        EvidenceTable(tmp_path / "gone" / "r.csv", ())


def test_an_unknown_question_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadValueError, match=r"no question 'fokus'; there are accuracy, .*similarity"):
        chosen("difference,fokus")
    assert [question.name for question in chosen("focus, difference")] == ["difference", "focus"]
    assert chosen(None) == list(all_studies())


def test_other_galaxies_than_the_runs_own_are_said_to_be_so(make_run: MakeRun, galaxies: Galaxies) -> None:
    own, other = make_run("own"), make_run("other", card={"data": {"sha256": "01" * 32}})
    (sentence,) = caveats(asked_of([own, other], galaxies))
    assert "not the file that other was trained on" in sentence


def test_faithfulness_of_other_galaxies_is_another_answer(pair: list[Run], galaxies: Galaxies) -> None:
    few, more = (asked_of(pair, galaxies, options={"galaxies": n}) for n in (2, 3))
    slow, other = get_study("faithfulness"), get_study("cues")
    assert few.mark(slow) != more.mark(slow)
    assert few.mark(other) == more.mark(other)


def test_maps_that_are_too_coarse_are_left_out_with_a_sentence_and_the_others_are_studied(
    make_run: MakeRun, galaxies: Galaxies, tmp_path: Path
) -> None:
    fine, coarse = make_run("first-020-s0"), make_run("first-040-s0", 40, crop=96, image_size=96)
    asked = asked_of([fine, coarse], galaxies)
    (outcome,) = answered(asked, tmp_path / "results.csv", "focus")
    assert outcome.sentences == (
        "the maps of first-040-s0 have 3 × 3 cells, too coarse to speak of: to say where a network looks takes 6 × 6, "
        "a view of 192 px",
    )
    assert {row["run or pair"] for row in table_of(tmp_path / "results.csv")} == {"first-020-s0"}
    (none,) = answer_all(
        chosen("elements"), asked_of([coarse], galaxies), EvidenceTable(tmp_path / "b.csv", names()), no_bar
    )
    assert (none.n_rows, len(none.sentences)) == (0, 1)

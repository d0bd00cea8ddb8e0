"""The report as a whole, on runs made by hand."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from known_answers import CornerPointer
from page_reader import Page

from galaxy_core.errors import BadFileError, MissingError
from galaxy_core.report.document import Written, write_report
from galaxy_core.results.records import CUES, VERSIONS, keep
from galaxy_core.runs.run import Run

MakeRun = Callable[..., Run]
NO_FILE = "The galaxies of these runs are not here."
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;\0\ud800"


def reported(runs: list[Run], path: Path) -> tuple[Written, Page]:
    written = write_report(runs, path, NO_FILE, lineup_of=CornerPointer)
    return written, Page(path)


@pytest.fixture
def sweep(make_run: MakeRun) -> list[Run]:
    return [make_run(f"first-{p:03d}-s0", p, n_right=n) for p, n in ((0, 10), (20, 29), (100, 5))]


def test_the_report_names_every_run_and_the_papers_numbers(sweep: list[Run], tmp_path: Path) -> None:
    written, page = reported(sweep, tmp_path / "report.html")
    assert written.n_runs == 3
    for words in (*(run.name for run in sweep), "0.967 (0.833–0.994)", "Hui et al."):
        assert words in page.words
    assert "0.360.870.600.79" in page.words  # all that the paper printed at 20 %
    assert "1.220.561.260.48" in page.words
    assert "Tested on 30 rendered (mock) galaxies of galaxies.h5" in page.words
    assert "beats" in page.words


def test_the_report_loads_nothing_and_its_tags_are_balanced(sweep: list[Run], tmp_path: Path) -> None:
    _, page = reported(sweep, tmp_path / "report.html")
    assert page.unbalanced == []
    assert page.open == []
    assert not {name for name, _ in page.elements} & {"link", "iframe", "object", "base"}
    for _, attributes in page.elements:
        assert (attributes.get("src") or "data:").startswith(
            "data:image/jpeg;base64,"
        ) or "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
        assert not [name for name in attributes if name.startswith("on")]
    assert not [attributes for name, attributes in page.elements if name == "script" and attributes]
    policy = next(meta for meta in page.named("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"].startswith(
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src"
    )


def test_figures_of_studies_bring_their_script_once_and_no_other_may_run(
    sweep: list[Run], tmp_path: Path
) -> None:
    estimate = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 30}
    drops = dict.fromkeys(("texture", "colour", "outline", "outline minus texture"), estimate)
    for run in sweep:
        keep(run, CUES, {"accuracy": estimate, "drops": drops, "without": drops})
    _, page = reported(sweep, tmp_path / "report.html")
    places = {one["aria-label"].split("?")[0]: one for one in page.named("div") if "data-figure" in one}
    assert "Which rows differ by more than chance" in places
    figure = json.loads(places["Contours and shapes, or advanced features"]["data-figure"])
    assert [trace["y"] for trace in figure["data"]] == [[0.5] * len(sweep)] * 3
    policy = next(meta for meta in page.named("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    scripts = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]
    assert len(hashes) == 2
    assert policy["content"].split("script-src ")[1] == " ".join(f"'sha256-{one}'" for one in hashes)
    assert 'src="http' not in page.text


def test_every_picture_and_chart_has_words(sweep: list[Run], tmp_path: Path) -> None:
    _, page = reported(sweep, tmp_path / "report.html")
    pictures = page.named("img")
    assert len(pictures) == 1 + 10 * (1 + 2 * len(sweep))
    assert all(picture["alt"] for picture in pictures)
    charts = [chart for chart in page.named("div") if "data-figure" in chart]
    assert len(charts) == 3  # accuracy, learning, difference
    assert all(chart["aria-label"] and chart["role"] == "img" for chart in charts)


def test_every_entry_of_the_contents_leads_to_a_section(sweep: list[Run], tmp_path: Path) -> None:
    _, page = reported(sweep, tmp_path / "report.html")
    places = {section["id"] for section in page.named("section")}
    assert {link["href"] for link in page.named("a")} <= {f"#{place}" for place in places}
    assert len(places) == len(page.named("section"))


def test_text_of_a_run_folder_cannot_act(make_run: MakeRun, tmp_path: Path) -> None:
    card = {
        "source": {"name": HOSTILE, "sha256": HOSTILE},
        "data": {"file": HOSTILE, "sha256": HOSTILE, "origin": HOSTILE},
        "environment": {HOSTILE: HOSTILE},
        "weights_sha256": HOSTILE,
    }
    run = make_run("first-020-s0", 20, card=card, preset=HOSTILE, source=HOSTILE)
    run.path.rename(run.path.with_name("<b onclick=x>"))
    run = Run(run.path.with_name("<b onclick=x>"))
    (run.path / "focus.json").write_text(
        json.dumps(
            {"sentence": HOSTILE, "maps": HOSTILE, "scores": HOSTILE, "version": VERSIONS["focus.json"]}
        )
    )
    (run.path / "cues.json").write_text(
        json.dumps({"accuracy": HOSTILE, "drops": {HOSTILE: HOSTILE}, "version": VERSIONS["cues.json"]})
    )
    _, page = reported([run], tmp_path / "report.html")
    assert page.unbalanced == []
    assert not [attributes for _, attributes in page.elements if {"onerror", "onclick"} & set(attributes)]
    assert "b" not in {name for name, _ in page.elements}
    assert "<b onclick=x>" in page.words
    assert "<script>alert(1)</script>" in page.words


def test_of_the_path_of_the_galaxies_only_the_name_is_shown(sweep: list[Run], tmp_path: Path) -> None:
    _, page = reported(sweep, tmp_path / "report.html")
    assert "galaxies.h5" in page.words
    assert "somebody" not in page.text


def test_a_section_without_anything_is_left_out_with_a_sentence(sweep: list[Run], tmp_path: Path) -> None:
    written, page = reported(sweep[:1], tmp_path / "report.html")
    reasons = " ".join(written.left_out)
    assert "A comparison needs two rows or more, got 1" in reasons
    assert "No run has kept these scores; `galaxy study focus` measures them." in reasons
    for sentence in written.left_out:
        assert sentence.split(": ", 1)[1] in page.words


def test_a_run_that_is_not_finished_is_named_and_left_out(
    sweep: list[Run], make_run: MakeRun, tmp_path: Path
) -> None:
    written, page = reported([*sweep, make_run("second-020-s0", done=False)], tmp_path / "report.html")
    assert written.n_runs == 3
    assert written.left_out[0] == "second-020-s0 is not in the report: it is not finished."
    assert written.left_out[0] in page.words


def test_without_a_finished_run_nothing_is_written(make_run: MakeRun, tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="of 1 run none is a finished classifier"):
        reported([make_run("first-020-s0", done=False)], tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_a_damaged_run_leaves_the_report_that_was_there(sweep: list[Run], tmp_path: Path) -> None:
    reported(sweep, tmp_path / "report.html")
    before = (tmp_path / "report.html").read_bytes()
    (sweep[0].path / "metrics.json").write_text("{")
    with pytest.raises(BadFileError):
        reported(sweep, tmp_path / "report.html")
    assert (tmp_path / "report.html").read_bytes() == before
    assert not list(tmp_path.glob(".*.tmp"))

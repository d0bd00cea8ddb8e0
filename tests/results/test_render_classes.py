"""Classes and confusion below the table: all of them, as text and as Markdown."""

from collections.abc import Callable

from galaxy_core.results.render_classes import classes_markdown, classes_text, measured_classes
from galaxy_core.runs.run import Run

MakeRun = Callable[..., Run]


def test_classes_and_confusion_of_a_run_are_shown_under_its_name(make_run: MakeRun) -> None:
    text = classes_text(measured_classes([make_run("a")]))
    assert text.startswith("\na\n")
    for words in ("Edge-on with Bulge", "0.750", "true class down"):
        assert words in text


def test_what_was_never_tested_is_left_out(make_run: MakeRun) -> None:
    loaded = make_run("loaded")
    (loaded.path / "metrics.json").write_text("{}")
    assert measured_classes([loaded, make_run("half", done=False)]) == []
    assert classes_markdown([]) == classes_text([]) == ""


def test_the_confusion_in_markdown_is_that_of_the_run(make_run: MakeRun) -> None:
    run = make_run("a")
    lines = classes_markdown(measured_classes([run])).splitlines()
    assert lines[1] == "### a"
    counts = [
        [0 if cell == "·" else int(cell) for cell in line.strip("| ").split(" | ")[1:]]
        for line in lines[-10:]
    ]
    assert counts == run.metrics()["confusion"]


def test_a_mean_over_seeds_keeps_its_fraction_and_no_count_becomes_a_power_of_ten() -> None:
    text = classes_markdown([("a", [], [[1234.5, 0.0], [2.0, 4]])])
    assert "| 0 | 1234.5 | · |" in text
    assert "| 1 | 2 | 4 |" in text

"""The first page in each of its states, as a visitor without a browser sees it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from made_runs import N_GALAXIES, held_elsewhere, make_run, make_shipped_folds, make_sweep
from samples import mock_galaxy

from galaxy_core.metrics.measure import write_predictions
from galaxy_core.runs.run import Run
from galaxy_core.runs.status import is_stop_requested

OpenPage = Callable[..., Any]


def texts(page: Any) -> str:
    """Everything that is written on the page."""
    kinds = (page.title, page.header, page.markdown, page.caption, page.error, page.warning, page.info)
    drawn = [element.body for element in page.get("html")]
    return "\n".join([element.value for kind in kinds for element in kind] + drawn)


def metric(page: Any, label: str) -> str:
    return next(metric.value for metric in page.metric if metric.label == label)


def png(size: tuple[int, int] = (300, 200)) -> bytes:
    image = np.zeros((*size, 3), np.uint8)
    cv2.circle(image, (size[1] // 2, size[0] // 2), 40, (200, 220, 255), -1)
    return cv2.imencode(".png", image)[1].tobytes()


def galaxy_png() -> bytes:
    """A picture that looks like the training images: a mock galaxy."""
    return cv2.imencode(".png", mock_galaxy(5, 0)[..., ::-1])[1].tobytes()


def test_without_a_run_the_page_offers_the_quick_experiment_and_starts_nothing(
    open_page: OpenPage, runs: Path
) -> None:
    page = open_page()
    assert "no trained network" in texts(page)
    assert page.button(key="start").label == "Start the quick experiment"
    assert [path for path in runs.iterdir() if path.is_dir() or path.suffix == ".log"] == []


def test_without_a_run_the_slider_already_moves_the_cut(open_page: OpenPage, runs: Path) -> None:
    page = open_page()
    page.select_slider(key="cut").set_value(60).run()
    assert "conv4_block17_1_conv" in texts(page)


def test_the_first_screen_shows_an_answer_with_its_map_and_the_door_to_ones_own(
    open_page: OpenPage, sweep: Path
) -> None:
    page = open_page()
    assert "name the shape of a galaxy and show where they looked" in texts(page)
    assert texts(page).count('alt="Left: galaxy ') == 1
    assert "The network (20 % taken over and frozen) says" in texts(page)
    assert page.button(key="to_predict").label == "Classify my galaxy"


def test_a_run_of_ones_own_does_not_take_the_place_of_a_fuller_sweep(
    open_page: OpenPage, own_sweep: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    make_sweep(own_sweep, {40: weights[40]}, mock_file, "a-mine")
    page = open_page()
    assert page.selectbox(key="sweep").value == "first"
    page.selectbox(key="sweep").set_value("a-mine").run()
    assert not page.select_slider
    assert "have their cut at **40 %**" in texts(page)
    (chart,) = [c for c in page.get("plotly_chart") if c.proto.alt.startswith("Test accuracy over")]
    assert json.loads(chart.proto.spec)["layout"]["xaxis"]["range"] == [-5, 105]


def test_a_failed_run_is_told_behind_a_small_button_and_the_results_stay(
    open_page: OpenPage, own_sweep: Path, mock_file: Path
) -> None:
    (own_sweep / "first-020-s0").rename(own_sweep / "kept")
    make_run(own_sweep, 20, mock_file, state="failed", sentence="no room on the disk").rename(
        own_sweep / "lost"
    )
    (own_sweep / "kept").rename(own_sweep / "first-020-s0")
    page = open_page()
    assert [one.value for one in page.error] == ["**lost** failed: no room on the disk"]
    assert [one.proto.popover.label for one in page.get("popover")] == ["1 not finished"]
    assert metric(page, "Taken over") == "20 %"


def test_under_make_explore_an_experiment_that_is_alive_is_shown_as_starting(
    open_page: OpenPage, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GALAXY_AUTOSTART", "1")
    with held_elsewhere(runs / ".first.lock"):
        page = open_page()
    assert "Starting" in texts(page)
    assert not [button for button in page.button if button.key == "start"]


def test_an_experiment_that_died_says_its_last_words(open_page: OpenPage, runs: Path) -> None:
    (runs / "first.log").write_text("rendering\nno room on the disk for 60 MB; free some\n")
    assert "no room on the disk" in texts(open_page())


def test_the_finished_sweep_opens_at_the_papers_best_cut(open_page: OpenPage, sweep: Path) -> None:
    page = open_page()
    assert metric(page, "Taken over") == "20 %"
    assert metric(page, "Trainable fraction") == "80 %"
    assert metric(page, "Boundary layer") == "conv3_block5_1_bn"
    assert "<b>9 %</b> of the 7.0 million parameters" in texts(page)
    assert "<b>52 %</b> of the multiply-adds" in texts(page)


def test_the_page_says_on_how_many_mock_galaxies_the_run_was_trained(
    open_page: OpenPage, sweep: Path
) -> None:
    assert "Trained on 40 mock galaxies" in texts(open_page())


def test_the_table_has_the_papers_columns_beside_ours(open_page: OpenPage, sweep: Path) -> None:
    table = open_page().dataframe[0].value
    assert list(table["imagenet_percent"]) == [0, 20, 40, 60, 80, 100]
    assert list(table["paper_test_accuracy"]) == pytest.approx([65, 79, 73, 76, 67, 48])
    ours = json.loads((sweep / "first-020-s0" / "metrics.json").read_text())["accuracy"]
    assert table["test_accuracy"][1] == 100 * ours


def test_moving_the_slider_changes_the_run_and_the_address(open_page: OpenPage, sweep: Path) -> None:
    page = open_page()
    page.select_slider(key="cut").set_value(80).run()
    assert metric(page, "Taken over") == "80 %"
    assert page.query_params["run"] == "first-080-s0"


def test_an_address_opens_the_run_and_the_class_it_names(open_page: OpenPage, sweep: Path) -> None:
    page = open_page(run="first-060-s0", **{"class": "Merging"})
    assert metric(page, "Boundary layer") == "conv4_block17_1_conv"
    assert page.selectbox(key="class").value == "Merging"


def test_an_address_of_a_run_that_is_not_here_says_so(open_page: OpenPage, sweep: Path) -> None:
    assert "no run named “elsewhere”" in texts(open_page(run="elsewhere"))


def test_a_galaxy_of_each_class_is_of_the_runs_own_test_part(open_page: OpenPage, sweep: Path) -> None:
    page = open_page()
    assert texts(page).count('alt="Left: a galaxy') == 10
    assert "test part of mock.h5" in texts(page)


def test_without_the_data_file_rendered_galaxies_are_shown_and_called_so(
    open_page: OpenPage, runs: Path, weights: dict[int, Path]
) -> None:
    make_run(runs, 20, Path("/nowhere/survey.h5"), weights=weights[20])
    page = open_page()
    assert "**rendered mock galaxies**" in texts(page)
    assert "survey.h5" in texts(page)


def test_a_run_under_way_shows_its_progress_beside_the_finished_ones(
    open_page: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    make_run(runs, 0, mock_file, weights=weights[0])
    at_work = make_run(runs, 20, mock_file, state="running", sentence="epoch 4 of 5", n_epochs=3)
    with held_elsewhere(at_work / "lock"):
        page = open_page(run="first-000-s0")
        assert "Training now" in texts(page)
        assert "about 25 s left" in texts(page)
        bars = [bar.proto.text for bar in page.get("progress")]
        assert any("epoch 4 of 5" in bar for bar in bars)
        assert page.dataframe[0].value["test_accuracy"].notna().tolist() == [True, False]


def test_the_stop_button_asks_the_training_to_stop(open_page: OpenPage, runs: Path, mock_file: Path) -> None:
    at_work = make_run(runs, 20, mock_file, state="running", sentence="epoch 4 of 5", n_epochs=3)
    with held_elsewhere(at_work / "lock"):
        page = open_page()
        page.button(key="stop").click().run()
        assert is_stop_requested(at_work)
        assert "Stopping after this batch" in texts(page)


def test_a_failed_run_shows_its_sentence(open_page: OpenPage, runs: Path, mock_file: Path) -> None:
    make_run(runs, 40, mock_file, state="failed", sentence="no room on the disk; free 30 MB", n_epochs=1)
    page = open_page()
    assert page.error[0].value == "**first-040-s0** failed: no room on the disk; free 30 MB"
    assert metric(page, "Test accuracy") == "–"


def test_a_run_whose_process_is_gone_can_be_carried_on(
    open_page: OpenPage, runs: Path, mock_file: Path
) -> None:
    make_run(runs, 40, mock_file, state="running", sentence="epoch 2 of 5", n_epochs=1)
    page = open_page()
    assert "process is gone" in page.warning[0].value
    assert page.button(key="carry_on_first").label == "Carry on"


def test_a_damaged_folder_costs_one_sentence_and_nothing_else(open_page: OpenPage, own_sweep: Path) -> None:
    (own_sweep / "first-040-s0" / "config.json").write_text('{"data": "mo')
    (own_sweep / "first-060-s0" / "metrics.json").write_text("[]")
    page = open_page()
    assert [w.value.split(":")[0] for w in page.warning] == ["Not shown", "Not shown"]
    assert list(page.dataframe[0].value["imagenet_percent"]) == [0, 20, 80, 100]


def test_damaged_weights_are_named_and_the_other_maps_are_drawn(open_page: OpenPage, own_sweep: Path) -> None:
    damaged = own_sweep / "first-040-s0" / "weights.safetensors"
    damaged.unlink()
    damaged.write_bytes(b"\x10\0\0\0\0\0\0\0{}")
    page = open_page()
    assert any("first-040-s0" in warning.value for warning in page.warning)
    assert texts(page).count('alt="Left: a galaxy') == 10


def test_an_upload_is_predicted_by_every_network_of_the_sweep(open_page: OpenPage, sweep: Path) -> None:
    page = open_page()
    n_pictures = len(page.image)
    page.file_uploader(key="upload").upload("mine.png", galaxy_png(), "image/png").run()
    assert [error.message for error in page.exception] == []
    assert len(page.image) == n_pictures + 1 + 6
    assert texts(page).count("**  \nsays ") == 6


def test_of_an_upload_unlike_the_training_images_no_class_is_named_loudly(
    open_page: OpenPage, sweep: Path
) -> None:
    page = open_page()
    page.file_uploader(key="upload").upload("mine.png", png(), "image/png").run()
    assert "do not trust the answers" in texts(page)
    assert "No class is named" in texts(page)
    assert "**  \nsays " not in texts(page)
    assert texts(page).count("not to be believed (") == 6


def test_a_refused_upload_gets_one_sentence_that_names_it(open_page: OpenPage, sweep: Path) -> None:
    page = open_page()
    page.file_uploader(key="upload").upload("broken.png", png()[:200], "image/png").run()
    assert [error.message for error in page.exception] == []
    assert len(page.error) == 1
    assert page.error[0].value.startswith("broken.png")


def test_the_confusion_and_the_scores_of_every_class_are_those_of_the_run(
    open_page: OpenPage, sweep: Path
) -> None:
    page = open_page()
    rows = next(one.body for one in page.get("html") if "purity" in one.body).split("<tr>")[2:]
    stored = json.loads((sweep / "first-020-s0" / "metrics.json").read_text())["per_class"]
    for row, item in zip(rows, stored, strict=True):
        assert f">{item['n']}</td>" in row
        assert f">{100 * item['completeness']:.0f} %</td>" in row
    assert "Which classes it finds, at 20 %" in texts(page)


def test_a_run_of_loaded_weights_opens_without_test_numbers(
    open_page: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    loaded = make_run(runs, 20, mock_file, weights=weights[20], n_epochs=0)
    (loaded / "metrics.json").write_text("{}")
    (loaded / "predictions.csv").unlink()
    (loaded / "split.json").unlink()
    card = json.loads((loaded / "card.json").read_text())
    (loaded / "card.json").write_text(json.dumps({**card, "data": {"origin": "imported"}}))
    page = open_page()
    assert [error.value for error in page.error] == []
    assert "nothing is known of its galaxies" in texts(page)
    assert "?" not in next(text for text in texts(page).splitlines() if "nothing is known" in text)
    assert "it is not known which classes it finds" in texts(page)
    assert texts(page).count('alt="Left: a galaxy') == 10
    assert len(page.get("file_uploader")) == 1


def test_an_accuracy_of_nothing_right_keeps_its_interval(
    open_page: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    metrics = make_run(runs, 20, mock_file, weights=weights[20]) / "metrics.json"
    values = {**json.loads(metrics.read_text()), "accuracy": 0.1, "accuracy_low": 0.0, "accuracy_high": 0.2}
    metrics.write_text(json.dumps(values))
    (chart,) = [c for c in open_page().get("plotly_chart") if c.proto.alt.startswith("Test accuracy over")]
    bars = json.loads(chart.proto.spec)["data"][0]["error_y"]
    assert (bars["array"], bars["arrayminus"]) == ([pytest.approx(0.1)], [pytest.approx(0.1)])


def test_the_table_leads_to_the_question_which_rows_really_differ(open_page: OpenPage, sweep: Path) -> None:
    (link,) = links(open_page())
    assert link.proto.label == "Which other rows differ by more than chance?"
    assert link.proto.query_string == "sweep=first"


def test_the_chosen_row_is_compared_with_the_best_of_the_others_in_one_sentence(
    open_page: OpenPage, own_sweep: Path
) -> None:
    for percent, every in ((0, 9), (20, 1), (40, 9), (60, 2), (80, 9), (100, 9)):
        answer_rightly(own_sweep / f"first-{percent:03d}-s0", every=every)
    page = open_page()
    assert "<b>20 % is ahead of 60 % by" in texts(page)
    page.select_slider(key="cut").set_value(60).run()
    assert "<b>20 % is ahead of 60 % by" in texts(page)
    page.select_slider(key="cut").set_value(40).run()
    assert "<b>20 % is ahead of 40 % by" in texts(page)


def test_rows_of_different_galaxies_are_not_compared_and_the_page_stays(
    open_page: OpenPage, own_sweep: Path
) -> None:
    card = own_sweep / "first-040-s0" / "card.json"
    values = json.loads(card.read_text())
    card.write_text(json.dumps({**values, "data": {**values["data"], "sha256": "0" * 64}}))
    page = open_page()
    assert "Not compared: " in texts(page)
    assert not page.error
    assert metric(page, "Taken over") == "20 %"


def answer_rightly(run: Path, *, every: int) -> None:
    """Let the run be right about every so many of its test galaxies, and wrong about all others."""
    told = Run(run).predictions()
    is_right = np.arange(len(told.labels)) % every == 0
    answers = np.where(is_right, told.labels, (told.labels + 1) % 10)
    write_predictions(run / "predictions.csv", told.index, told.labels, np.eye(10)[answers])


def test_one_tested_row_leads_to_no_comparison(
    open_page: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    make_run(runs, 20, mock_file, weights=weights[20])
    make_run(runs, 40, mock_file, state="stopped", n_epochs=1)
    assert links(open_page()) == []


def links(page: Any) -> list[Any]:
    """The links to the page Evidence that say of what."""
    return [one for one in page.get("page_link") if one.proto.page == "evidence" and one.proto.query_string]


def test_the_folds_that_ship_with_the_rows_are_on_the_page_and_the_way_to_the_paper_too(
    open_page: OpenPage, own_folders: Path, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    make_shipped_folds(own_folders / "models", weights, mock_file)
    page = open_page(run="fractions-020-s0")
    assert list(page.dataframe[0].value["run"]) == [
        *("fractions-folds-020-s0", "fractions-folds-040-s0", "fractions-020-s0", "fractions-040-s0")
    ]
    metrics = {one.label: one.value for one in page.metric}
    pooled = page.dataframe[0].value["test_accuracy"][0]
    assert metrics["Accuracy in folds"] == f"{pooled:.1f} %"
    assert metrics["On its test part"] == f"{page.dataframe[0].value['test_accuracy'][2]:.1f} %"
    assert "In folds, every galaxy tested once: " in texts(page)
    assert f"with {N_GALAXIES} galaxies" in texts(page)
    assert "Transferability exploration of weight" in texts(page)

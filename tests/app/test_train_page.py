"""The page Train in each of its states, as a visitor without a browser sees it."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from foreign_files import lively, of_torch, places, write_safetensors
from made_runs import held_elsewhere, make_run

from galaxy_core.files.lock import Holder
from galaxy_core.files.owner import Owner
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.pack import pack_run
from galaxy_core.runs.run import Run, find_run
from galaxy_core.runs.status import Heartbeat, beat, is_stop_requested
from galaxy_core.runs.waiting import waiting_for_workers

DENSENET = get_backbone("densenet121")

OpenPage = Callable[..., Any]


@pytest.fixture
def open_train(open_page: OpenPage) -> OpenPage:
    """The page Train, opened by that address."""

    def opened(data: Path | None = None, **address: str) -> Any:
        return open_page("train", state={"new_data": str(data)} if data else None, **address)

    return opened


def texts(page: Any) -> str:
    """Everything that is written on the page."""
    kinds = (page.title, page.header, page.markdown, page.caption, page.error, page.warning)
    more = (page.info, page.success, page.code)
    drawn = [element.body for element in page.get("html")]
    return "\n".join([element.value for kind in (*kinds, *more) for element in kind] + drawn)


def metric(page: Any, label: str) -> str:
    return next(metric.value for metric in page.metric if metric.label == label)


def bars(page: Any) -> list[str]:
    return [bar.proto.text for bar in page.get("progress")]


def test_without_a_run_the_page_says_what_a_training_would_do(open_train: OpenPage, runs: Path) -> None:
    page = open_train()
    assert metric(page, "Layers that train") == "342 of 427"
    assert metric(page, "Parameters that train") == "6,312,714"
    assert metric(page, "Galaxies an epoch") == "280"
    assert "no NVIDIA graphics card" in texts(page)
    assert "There is none yet" in texts(page)


def test_the_slider_and_the_policy_change_what_will_train(open_train: OpenPage, runs: Path) -> None:
    page = open_train()
    page.select_slider(key="new_cut").set_value(100).run()
    assert metric(page, "Layers that train") == "0 of 427"
    assert metric(page, "Parameters that train") == "10,250"
    page.selectbox(key="new_policy").set_value("scratch").run()
    assert metric(page, "Layers that train") == "427 of 427"
    assert "no source is needed" in texts(page)


def test_a_preset_fills_in_the_numbers_and_a_change_afterwards_stays(
    open_train: OpenPage, runs: Path
) -> None:
    page = open_train()
    page.selectbox(key="new_preset").set_value("paper").run()
    assert page.number_input(key="new_image_size").value == 256
    page.number_input(key="new_epochs").set_value(3).run()
    page.select_slider(key="new_cut").set_value(40).run()
    assert page.number_input(key="new_epochs").value == 3


def test_start_makes_the_run_that_was_asked_for_and_shows_it(
    open_train: OpenPage, runs: Path, mock_file: Path, started: list[list[str]]
) -> None:
    page = open_train(mock_file)
    page.selectbox(key="new_policy").set_value("random_frozen").run()
    page.select_slider(key="new_cut").set_value(100).run()
    page.number_input(key="new_epochs").set_value(2)
    page.number_input(key="new_image_size").set_value(32)
    page.text_input(key="new_name").set_value("mine")
    page.button(key="start_training").click().run()
    assert [error.message for error in page.exception] == []
    config = find_run("mine").config
    assert (config.data, config.policy, config.cut) == (str(mock_file), "random_frozen", 1.0)
    assert (config.epochs, config.image_size, config.source) == (2, 32, "none")
    assert started == [["train", "--run", "mine"]]
    assert page.query_params["run"] in ("mine", ["mine"])
    assert bars(page) == ["**mine**: starting"]


def test_a_name_that_is_taken_is_refused_in_a_sentence(
    open_train: OpenPage, runs: Path, mock_file: Path, started: list[list[str]]
) -> None:
    make_run(runs, 20, mock_file, "mine")
    page = open_train(mock_file)
    page.text_input(key="new_name").set_value("mine-020-s0")
    page.button(key="start_training").click().run()
    assert "mine-020-s0 exists" in page.error[0].value
    assert started == []


def test_a_file_that_is_not_there_is_refused_before_a_folder_is_made(
    open_train: OpenPage, runs: Path, started: list[list[str]]
) -> None:
    page = open_train(Path("/nowhere/galaxies.h5"))
    assert metric(page, "Takes roughly") == "not known"
    page.button(key="start_training").click().run()
    assert "there is no file /nowhere/galaxies.h5" in page.error[0].value
    assert list(runs.iterdir()) == []
    assert started == []


def test_a_run_under_way_shows_curves_log_and_time_left(
    open_train: OpenPage, runs: Path, mock_file: Path
) -> None:
    at_work = make_run(runs, 20, mock_file, "mine", state="running", sentence="epoch 4 of 5", n_epochs=3)
    (at_work / "log.txt").write_text("epoch 3 of 5, loss 1.234\n")
    with held_elsewhere(at_work / "lock"):
        page = open_train()
        assert bars(page) == ["**mine-020-s0**: epoch 4 of 5"]
        assert "about 25 s left" in texts(page)
        assert "loss 1.234" in texts(page)
        assert "learning curve yet" not in texts(page)


def test_stop_asks_the_run_to_stop_and_then_offers_to_end_it(
    open_train: OpenPage, runs: Path, mock_file: Path
) -> None:
    at_work = make_run(runs, 20, mock_file, "mine", state="running", sentence="epoch 4 of 5", n_epochs=3)
    with held_elsewhere(at_work / "lock"):
        page = open_train()
        page.button(key="stop_mine-020-s0").click().run()
        assert is_stop_requested(at_work)
        assert "Stopping after this batch" in texts(page)
        assert page.button(key="end_mine-020-s0").label == "End it now"


def test_a_second_run_says_for_what_it_waits(open_train: OpenPage, runs: Path, mock_file: Path) -> None:
    first = make_run(runs, 20, mock_file, "mine", state="running", sentence="epoch 4 of 5", n_epochs=3)
    sentence = "waiting for mine-020-s0 to finish; one training at a time on this machine"
    second = make_run(runs, 40, mock_file, "other", state="queued", sentence=sentence, n_epochs=0)
    with held_elsewhere(first / "lock", second / "lock"):
        page = open_train(run="other-040-s0")
        assert f"**other-040-s0**: {sentence}" in bars(page)
        assert "There is no learning curve yet" in texts(page)


def test_trainings_of_workers_on_other_machines_are_shown_as_they_run_and_as_they_wait(
    open_train: OpenPage, runs: Path, mock_file: Path
) -> None:
    first = make_run(runs, 20, mock_file, "mine", state="running", sentence="epoch 4 of 5", n_epochs=3)
    beat(first, Heartbeat(epoch=4, batch=5, n_batches=20))
    elsewhere = Holder(Owner("node-7", 7, 7), "node-7", time.time(), "mine-020-s0", "0123456789ab")
    (first / "lock").write_text(json.dumps(asdict(elsewhere)))
    second = make_run(runs, 40, mock_file, "mine", state="stopped", sentence="not started", n_epochs=0)
    with waiting_for_workers([Run(second)]):
        page = open_train(run="mine-020-s0")
        assert any("**mine-020-s0**: epoch 4 of 5, batch 5 of 20" in bar for bar in bars(page))
        assert "**mine-040-s0**: waiting for a worker" in bars(page)


def test_a_failed_run_says_why_and_can_be_carried_on(
    open_train: OpenPage, runs: Path, mock_file: Path, started: list[list[str]]
) -> None:
    make_run(runs, 40, mock_file, "mine", state="failed", sentence="no room on the disk", n_epochs=1)
    page = open_train(run="mine-040-s0")
    assert page.error[0].value == "**mine-040-s0** failed: no room on the disk"
    page.button(key="carry_on_one").click().run()
    assert started == [["train", "--run", "mine-040-s0"]]


def test_a_finished_run_says_how_it_did(open_train: OpenPage, sweep: Path) -> None:
    page = open_train(run="first-020-s0")
    ours = json.loads((sweep / "first-020-s0" / "metrics.json").read_text())["accuracy"]
    assert f"**first-020-s0** is done: {100 * ours:.1f} % of the test galaxies right." in texts(page)


def test_an_address_of_a_run_that_is_not_here_says_so(open_train: OpenPage, sweep: Path) -> None:
    assert "no run named “elsewhere”" in texts(open_train(run="elsewhere"))


def test_a_run_is_renamed_and_then_deleted_by_a_second_click(open_train: OpenPage, own_sweep: Path) -> None:
    page = open_train(run="first-040-s0")
    page.text_input(key="new_name_of_first-040-s0").set_value("mine")
    page.button(key="rename_now").click().run()
    assert (own_sweep / "mine").is_dir()
    assert "Delete **mine** with its weights" in texts(page)
    page.button(key="delete_now").click().run()
    assert not (own_sweep / "mine").exists()
    assert [error.message for error in page.exception] == []


def test_weights_that_do_not_fit_are_refused_in_a_sentence(open_train: OpenPage, runs: Path) -> None:
    page = open_train()
    page.file_uploader(key="checkpoint").upload("mine.weights.h5", b"dear network", "").run()
    submit = next(button for button in page.button if button.label == "Load it")
    submit.click().run()
    assert [error.message for error in page.exception] == []
    assert page.error[0].value.startswith("mine.weights.h5 is no whole weights file")
    assert list(runs.iterdir()) == []


def test_weights_that_keras_saved_become_a_run(open_train: OpenPage, runs: Path) -> None:
    from io import BytesIO

    import h5py

    from galaxy_core.networks.policy import initial_tensors

    tensors = initial_tensors(DENSENET, 10, "scratch", 0.0, 0, None)
    buffer = BytesIO()
    with h5py.File(buffer, "w") as file:
        for name, path in places().items():
            file[path] = tensors[name]
        file["optimizer/vars/0"] = 1.0
    page = open_train()
    page.file_uploader(key="checkpoint").upload("mine.weights.h5", buffer.getvalue(), "").run()
    next(button for button in page.button if button.label == "Load it").click().run()
    assert [error.message for error in page.exception] == []
    assert find_run("mine").is_whole
    assert "**mine** is loaded" in texts(page)
    assert "only training needs it: the optimizer (1 tensors)" in texts(page)


def test_weights_of_others_become_a_source_or_a_classifier_of_ones_own_classes(
    open_train: OpenPage, runs: Path, tmp_path: Path
) -> None:
    data = write_safetensors(tmp_path / "theirs.safetensors", of_torch(lively(n_classes=3))).read_bytes()
    page = open_train()
    page.file_uploader(key="checkpoint").upload("theirs.safetensors", data, "").run()
    page.radio(key="load_kind").set_value("source").run()
    page.selectbox(key="load_scaling").set_value("0-1")
    next(button for button in page.button if button.label == "Load it").click().run()
    assert [error.message for error in page.exception] == []
    assert find_run("theirs").network.preprocessing.name == "0-1"
    assert "Taken as DenseNet of PyTorch (safetensors) of DenseNet-121, values divided by 255" in texts(page)
    page.file_uploader(key="checkpoint").upload("theirs.safetensors", data, "").run()
    page.radio(key="load_kind").set_value("classifier").run()
    page.text_input(key="load_name").set_value("own")
    submit = next(button for button in page.button if button.label == "Load it")
    submit.click().run()
    assert "tells 3 classes apart and does not name them" in page.error[0].value
    page.text_input(key="load_names").set_value("spiral, ring, star")
    next(button for button in page.button if button.label == "Load it").click().run()
    assert [error.message for error in page.exception] == []
    assert list(find_run("own").classes) == ["spiral", "ring", "star"]


def test_a_packed_run_is_loaded_under_the_name_one_gives_it(
    open_train: OpenPage, own_sweep: Path, tmp_path: Path
) -> None:
    packed = pack_run(find_run("first-020-s0"), tmp_path / "packed.zip").read_bytes()
    page = open_train()
    page.file_uploader(key="checkpoint").upload("packed.zip", packed, "application/zip").run()
    page.text_input(key="packed_name").set_value("copy")
    next(button for button in page.button if button.label == "Load it").click().run()
    assert [error.message for error in page.exception] == []
    assert [error.value for error in page.error] == []
    assert find_run("copy").is_whole
    assert "**copy** is loaded" in texts(page)


def test_a_zip_that_is_no_run_is_refused_in_a_sentence(open_train: OpenPage, runs: Path) -> None:
    page = open_train()
    page.file_uploader(key="checkpoint").upload("packed.zip", b"dear network", "application/zip").run()
    next(button for button in page.button if button.label == "Load it").click().run()
    assert [error.message for error in page.exception] == []
    assert "packed.zip" in page.error[0].value
    assert list(runs.iterdir()) == []


def test_a_damaged_run_can_be_chosen_and_deleted(open_train: OpenPage, own_sweep: Path) -> None:
    (own_sweep / "first-040-s0" / "config.json").write_text('{"data": "mo')
    page = open_train(run="first-040-s0")
    assert page.selectbox(key="managed").value == "first-040-s0"
    page.button(key="delete_now").click().run()
    assert not (own_sweep / "first-040-s0").exists()


def test_the_batch_under_way_moves_the_bar_and_tells_the_time_in_the_first_epoch(
    open_train: OpenPage, runs: Path, mock_file: Path
) -> None:
    at_work = make_run(runs, 20, mock_file, "mine", state="running", sentence="epoch 1 of 5", n_epochs=0)
    with held_elsewhere(at_work / "lock"):
        assert "known after its first batches" in texts(open_train())
        beat(at_work, Heartbeat(1, 5, 20, 2.25, 0.1, 0.5))
        page = open_train()
        assert bars(page) == [
            "**mine-020-s0**: epoch 1 of 5, batch 5 of 20, so far loss 2.25 and accuracy 10 %"
        ]
        assert [bar.proto.value for bar in page.get("progress")] == [5]  # percent of the whole run
        assert "about 50 s left" in texts(page)


@pytest.fixture
def no_imagenet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The ImageNet weights are neither here nor to be fetched."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("GALAXY_IMAGENET_URL", (tmp_path / "nowhere.h5").as_uri())


def test_where_no_source_is_to_be_had_a_training_is_refused_before_a_folder_is_made(
    open_train: OpenPage, runs: Path, mock_file: Path, started: list[list[str]], no_imagenet: None
) -> None:
    page = open_train(mock_file)
    assert page.selectbox(key="new_source").value == "auto"
    page.button(key="start_training").click().run()
    assert page.error[0].value.startswith("There is no source of weights here")
    assert list(runs.iterdir()) == []
    assert started == []


def test_without_imagenet_the_stand_in_is_the_source_one_finds(
    open_train: OpenPage,
    runs: Path,
    weights: dict[int, Path],
    mock_file: Path,
    started: list[list[str]],
    no_imagenet: None,
) -> None:
    make_run(runs, 0, mock_file, weights=weights[0]).rename(runs / "mock-source")
    page = open_train(mock_file)
    assert page.selectbox(key="new_source").value == "mock-source"
    page.text_input(key="new_name").set_value("mine")
    page.button(key="start_training").click().run()
    assert [error.value for error in page.error] == []
    assert find_run("mine").config.source == "mock-source"


def test_a_config_names_the_source_that_auto_found(
    open_train: OpenPage,
    runs: Path,
    weights: dict[int, Path],
    mock_file: Path,
    started: list[list[str]],
    no_imagenet: None,
) -> None:
    shipped = make_run(runs.parent / "models", 0, mock_file, "shapes", weights=weights[0])
    card = json.loads((shipped / "card.json").read_text())
    (shipped / "card.json").write_text(json.dumps({**card, "kind": "source"}))
    page = open_train(mock_file)
    assert page.selectbox(key="new_source").value == "auto"
    page.text_input(key="new_name").set_value("mine")
    page.button(key="start_training").click().run()
    assert [error.value for error in page.error] == []
    assert find_run("mine").config.source == shipped.name


def test_a_name_that_is_taken_is_refused_before_mock_galaxies_are_rendered(
    open_train: OpenPage, runs: Path, mock_file: Path, started: list[list[str]]
) -> None:
    make_run(runs, 20, mock_file, "mine")
    page = open_train()
    page.text_input(key="new_name").set_value("mine-020-s0")
    page.button(key="start_training").click().run()
    assert "mine-020-s0 exists" in page.error[0].value
    assert list((runs.parent / "cache").glob("*mock*")) == []


@pytest.mark.parametrize("path", ["~nobody-of-this-name/galaxies.h5", "/" + "x" * 300])
def test_a_path_that_the_system_refuses_is_refused_in_a_sentence(
    open_train: OpenPage, runs: Path, started: list[list[str]], path: str
) -> None:
    page = open_train(Path(path))
    if not page.error:
        page.button(key="start_training").click().run()
    assert [error.message for error in page.exception] == []
    assert len(page.error) == 1
    assert started == []


def test_a_tensor_of_the_wrong_shape_is_refused_by_its_name(open_train: OpenPage, runs: Path) -> None:
    from io import BytesIO

    import h5py

    buffer = BytesIO()
    with h5py.File(buffer, "w") as file:
        for name, path in places().items():
            shape = DENSENET.tensor_shapes(10)[name]
            file[path] = np.zeros((*shape[:-1], shape[-1] + (name == "conv3_block1_1_conv/kernel")), "f4")
    page = open_train()
    page.file_uploader(key="checkpoint").upload("mine.weights.h5", buffer.getvalue(), "").run()
    next(button for button in page.button if button.label == "Load it").click().run()
    assert page.error[0].value.startswith("tensor conv3_block1_1_conv/kernel of mine.weights.h5 has shape")
    assert list(runs.iterdir()) == []


def test_corrections_are_offered_where_there_are_some_and_learned_where_that_is_chosen(
    open_train: OpenPage, runs: Path, mock_file: Path, tmp_path: Path, started: list[list[str]]
) -> None:
    from galaxy_core.data.cache import file_sha256
    from galaxy_core.data.corrections import DOUBTFUL, Correction, ledger_of

    data = tmp_path / "own.h5"
    data.write_bytes(mock_file.read_bytes())
    assert "new_corrections" not in open_train(data).session_state
    ledger_of(data, file_sha256(data)).add("3", Correction(DOUBTFUL))
    page = open_train(data)
    assert page.toggle(key="new_corrections").label == "Learn the corrections: 1 doubtful"
    page.toggle(key="new_corrections").set_value(True)
    page.text_input(key="new_name").set_value("corrected")
    page.selectbox(key="new_policy").set_value("scratch").run()
    page.button(key="start_training").click().run()
    assert find_run("corrected").config.corrections

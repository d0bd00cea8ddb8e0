"""Weights of full size, as a graphics machine sends them home, loaded by way of a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import pytest
from foreign_files import places

from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.run import Run

DENSENET = get_backbone("densenet121")

pytestmark = pytest.mark.browser
WAIT = 60_000
NAME = "from-elsewhere"


@pytest.fixture
def on_train(window: Any, explorer: Any) -> Iterator[Any]:
    """The page Train; what is loaded there is deleted afterwards."""
    import shutil

    window.page.goto(f"{explorer.address}/train")
    window.page.get_by_role("heading", name="Train a network").wait_for(timeout=WAIT)
    window.wait_until_drawn()
    yield window
    shutil.rmtree(explorer.runs / NAME, ignore_errors=True)


def weights_file(folder: Path, wrong: str = "") -> Path:
    """Weights as Keras saves them, float32 and whole; the tensor `wrong` has one value too many a row."""
    path, tensors = folder / f"{NAME}.weights.h5", initial_tensors(DENSENET, 10, "scratch", 0.0, 0, None)
    with h5py.File(path, "w") as file:
        for name, place in places().items():
            values = tensors[name]
            file[place] = values if name != wrong else values.repeat(2, axis=-1)
    return path


def load(window: Any, file: Path) -> None:
    """Drop the file and press the button of the form that appears."""
    chooser = window.page.locator(".st-key-checkpoint").locator('input[type="file"]')
    chooser.set_input_files(file)
    window.page.get_by_role("button", name="Load it").click(timeout=WAIT)


def test_weights_of_full_size_are_loaded_and_shown_among_the_results(
    on_train: Any, explorer: Any, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    file = weights_file(tmp_path)
    assert file.stat().st_size > 27e6
    load(on_train, file)
    expect(on_train.page.get_by_text(f"{NAME} is loaded")).to_be_visible(timeout=WAIT)
    assert Run(explorer.runs / NAME).is_whole
    on_train.page.goto(f"{explorer.address}/?run={NAME}")
    expect(on_train.page.get_by_text("nothing is known of its galaxies")).to_be_visible(timeout=WAIT)
    expect(on_train.page.locator('img[alt^="Left: a galaxy of class"]')).to_have_count(10, timeout=WAIT)
    assert on_train.complaints == on_train.strangers == []


def test_a_tensor_of_the_wrong_shape_is_refused_on_the_page_by_its_name(
    on_train: Any, explorer: Any, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    load(on_train, weights_file(tmp_path, wrong="conv4_block3_1_conv/kernel"))
    alert = on_train.page.get_by_role("alert").filter(has_text="tensor conv4_block3_1_conv/kernel")
    expect(alert).to_contain_text("expected (1, 1, 320, 128)", timeout=WAIT)
    assert not (explorer.runs / NAME).exists()
    assert on_train.complaints == []

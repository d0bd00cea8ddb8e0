"""What a visitor does on the pages, with a keyboard and a file."""

import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np

SECONDS_TO_START_TENSORFLOW = 180


def fill(window: Any, label: str, value: str) -> None:
    """Type into a field and let the page follow."""
    field = window.page.get_by_label(label, exact=True)
    field.fill(value)
    field.press("Enter")
    window.page.wait_for_timeout(300)
    window.wait_until_drawn()


def choose(window: Any, label: str, option: str) -> None:
    """Pick an option of a picker by its whole name, as one does on a keyboard.

    The page is scrolled there first: the list of options closes when what lies under it moves.
    """
    field = window.page.get_by_role("combobox", name=re.compile(label)).first
    field.scroll_into_view_if_needed()
    window.page.wait_for_timeout(300)
    field.fill(option)
    window.page.get_by_role("option").first.wait_for()
    window.page.wait_for_timeout(300)
    field.press("Enter")
    window.page.wait_for_timeout(300)
    window.wait_until_drawn()


def move_the_slider(window: Any, key: str) -> None:
    """Press a key on the first slider of the page."""
    window.page.get_by_role("slider").first.focus()
    window.page.keyboard.press(key)
    window.page.wait_for_timeout(300)
    window.wait_until_drawn()


def ask_for_a_small_training(window: Any, data: Path, name: str) -> None:
    """Random features of 32 px mock galaxies, only the ten class scores learned: epochs of a moment."""
    choose(window, "Policy", "random_frozen")
    choose(window, "Galaxies", str(data))
    move_the_slider(window, "End")
    fill(window, "Epochs", "5000")
    fill(window, "Image size (px)", "32")
    fill(window, "Name", name)
    window.page.get_by_role("button", name="Start training").click()


def end_all(runs: Path, names: str) -> None:
    """End the trainings whose names match the pattern."""
    from galaxy_core.runs.launch import stop
    from galaxy_core.runs.run import Run

    # those that wait first: they would begin when the one before them ends
    started = [Run(path) for path in sorted(runs.glob(names), reverse=True) if path.is_dir()]
    for run in started:
        if run.status().is_active:
            stop(run)


def galaxy_file(
    folder: Path, name: str, tilt: int = 30, colour: tuple[int, int, int] = (200, 220, 255)
) -> Path:
    """An inclined disc on a dark sky with its noise, 300 x 400 px: nothing that a page doubts."""
    image = np.full((300, 400, 3), 32, np.uint8)
    cv2.ellipse(image, (200, 150), (60, 20), tilt, 0, 360, colour, -1)
    noise = np.random.default_rng(0).normal(0, 6, image.shape)
    cv2.imwrite(str(folder / name), (image + noise).clip(0, 255).astype(np.uint8))
    return folder / name

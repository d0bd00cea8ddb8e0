"""A file of galaxies that one browser has opened: said wrong while it is typed, known after a restart, to it alone."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import real_server

pytestmark = pytest.mark.browser
TYPED = "… or type the path of another file on this computer"
WAIT = 60_000


def open_page(window: Any, address: str, title: str) -> None:
    window.page.goto(address)
    window.page.get_by_role("heading", name=title).wait_for(timeout=WAIT)
    window.wait_until_drawn()


def test_a_file_is_looked_at_while_it_is_typed_and_known_after_a_restart_to_the_same_browser_alone(
    explorer: Any, open_window: Any, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    file = Path(shutil.copy(explorer.runs.parent / "mock.h5", tmp_path / "mine.h5"))
    mine = open_window(explorer)
    with real_server.served(explorer.runs.parent) as first:
        open_page(mine, f"{first.address}/data", "The galaxies")
        field = mine.page.get_by_label(TYPED, exact=True)
        field.press_sequentially(str(tmp_path / "min"), delay=20)
        expect(mine.page.get_by_text(f"{tmp_path} has no min")).to_be_visible(timeout=WAIT)
        field.press_sequentially("e.h5", delay=20)
        expect(mine.page.get_by_text("60 galaxies in 10 classes")).to_be_visible(timeout=WAIT)
        mine.wait_until_drawn()
    with real_server.served(explorer.runs.parent) as second:
        open_page(mine, f"{second.address}/train", "Train a network")
        expect(mine.page.get_by_role("combobox", name="Galaxies").first).to_have_value(str(file))
        other = open_window(second)
        open_page(other, f"{second.address}/data?file={file}", "The galaxies")
        expect(other.page.get_by_text("a link cannot")).to_be_visible(timeout=WAIT)
        assert other.page.get_by_role("combobox", name="Galaxies").first.input_value() != str(file)

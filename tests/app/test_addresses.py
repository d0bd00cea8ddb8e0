"""Whatever an address says, its page is drawn: with what it names, or with what is shown to one who names nothing."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import addresses
import pytest

OpenPage = Callable[..., Any]
NONSENSE = (
    "", ["", ""], "nothing of this name", "\0", "![x](http://127.0.0.1:9/x.png)", "-1", "1e400", "nan", "9" * 40,
    "x" * 5000, ["a", "b"], "none", "1.5", "../../etc/passwd",
)  # fmt: skip
N_MIXED = 2
PLAIN: dict[str, Any] = {}


def titles(page: Any) -> list[str]:
    return [title.value for title in page.header]


@pytest.fixture
def plain_pages(open_page: OpenPage) -> OpenPage:
    """Each page as an address without parameters shows it, drawn once for all tests."""

    def opened(view: str) -> Any:
        if view not in PLAIN:
            PLAIN[view] = open_page(view)
        return PLAIN[view]

    return opened


def test_the_parameters_are_found_in_the_code() -> None:
    assert {"run", "file", "sweep", "source", "extent", "class", "number", "section", "left", "page"} <= (
        addresses.parameters()
    )


@pytest.mark.parametrize("value", ["", NONSENSE[2]], ids=["empty", "unknown"])
@pytest.mark.parametrize("view", addresses.PAGES)
def test_an_address_whose_every_parameter_is_nonsense_shows_what_none_would_show(
    open_page: OpenPage, plain_pages: OpenPage, sweep: Path, view: str, value: str
) -> None:
    page = open_page(view, **dict.fromkeys(addresses.parameters(), value))
    assert [error.value for error in page.error] == []
    assert titles(page) == titles(plain_pages(view))


@pytest.mark.parametrize("seed", range(N_MIXED))
@pytest.mark.parametrize("view", addresses.PAGES)
def test_an_address_of_some_nonsense_draws_its_page(
    open_page: OpenPage, sweep: Path, view: str, seed: int
) -> None:
    draw = random.Random(f"{view} {seed}")
    names = sorted(addresses.parameters())
    address = {name: draw.choice(NONSENSE) for name in draw.sample(names, draw.randint(1, len(names)))}
    page = open_page(view, **address)
    assert page.title
    assert [error.value for error in page.error] == []


@pytest.mark.parametrize(
    ("view", "address"),
    [
        ("gallery", {"extent": ""}), ("gallery", {"page": "0", "galaxies": "Merging"}), ("compare", {"number": "-1"}),
        ("predict", {"images": "a mock galaxy", "number": "1e400", "coverage": ""}), ("results", {"run": ["", ""]}),
    ],
)  # fmt: skip
def test_one_odd_parameter_among_sound_ones_draws_the_page(
    open_page: OpenPage, sweep: Path, view: str, address: dict[str, Any]
) -> None:
    page = open_page(view, **address)
    assert [error.value for error in page.error] == []
    assert len(page.caption) > 1

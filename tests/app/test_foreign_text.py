"""Text that others wrote stands on every page as it was written, and does nothing there."""

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import addresses
import pytest
from foreign import _APART, Markdown, fill, joined, label, link, of_chart, plain, quoted, told
from hostile_runs import CANARY, make_hostile
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from parts.evidence import section_of
from test_predict_page import png

from galaxy_core.studies.registry import all_studies

OpenPage = Callable[..., Any]

ACTIVE = (
    "![c](", "[Your session expired](", "http://127", "https://evil", ":material/home:", ":red[c", ":smile:", "$c$",
    "www.evil", "a@evil", "<b>c", "**c**", "~~c~~",
)  # fmt: skip
"""What of it must not be found in any text that a page renders."""
SKIP_LINK = re.compile(r'<a href="#(table|classes|galaxies|upload)">')
"""Of ours, in Results."""
RENDERED = ("label", "body", "help", "text", "caption", "delta")
LETTERS = st.text(st.sampled_from("ab 1.)(-+=#*_~`[]!<>&;:/\\$|{}^@\n\"'") | st.characters(), max_size=60)
READER = MarkdownIt("commonmark").enable(["strikethrough", "table"])


def read(markdown: str) -> str:
    """What a reader sees of a text of which nothing may act."""
    paragraphs = READER.parse(markdown)
    inside = [token for paragraph in paragraphs for token in paragraph.children or ()]
    assert {token.type for token in paragraphs} <= {"paragraph_open", "inline", "paragraph_close"}
    assert {token.type for token in inside} <= {"text", "text_special", "code_inline"}
    return "".join(token.content for token in inside).replace(_APART, "")


@given(LETTERS)
def test_a_quoted_text_is_read_letter_by_letter(text: str) -> None:
    assert read(quoted(text)) == plain(text)
    assert not re.search(r":[a-z+]|:/|www\.|@\w", quoted(text), re.IGNORECASE)


@given(LETTERS)
def test_of_a_sentence_only_what_stands_between_backticks_is_code(text: str) -> None:
    assert read(told(text)).replace("`", "").split() == plain(text, 900).replace("`", "").split()


@given(LETTERS)
def test_a_filled_place_changes_nothing_of_the_sentence(text: str) -> None:
    filled = fill("**x{name}x** lies in `x{name}` since {n:,} s.", name=text, n=1234)
    tokens = [token for part in READER.parse(filled) for token in part.children or ()]
    acting = [token.type for token in tokens if not token.type.startswith("text")]
    if not re.search(r"`[^`]+`", text):
        assert acting == ["strong_open", "strong_close", "code_inline"]
    assert filled.endswith("since 1,234 s.")


def test_a_name_that_is_nothing_but_a_name_is_left_as_it_is() -> None:
    for name in ("first-020-s0", "my_run.2", "Galaxy10_DECals.h5", "20 %", "–0.5 to +1.5 (95 %)", "C:"):
        assert quoted(name) == name


def test_a_command_that_is_copied_from_a_page_stays_one_command() -> None:
    name = shlex.quote("a`; rm b`' c")
    assert (
        shlex.split(fill("`galaxy audit --data {name}`", name=name).strip("`"))[3] == "a\u02cb; rm b\u02cb' c"
    )


def test_what_is_ours_is_not_escaped_twice() -> None:
    assert told(quoted("a*b")) == quoted("a*b") == joined(", ", [Markdown("a\\*b")])


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "https://a.org/?x=1) **b**", "http://a.org/", "https://a.org/\n", "//a.org/", ""],
)
def test_an_address_that_is_more_than_a_plain_one_is_no_link(address: str) -> None:
    assert link("there", address) == ""
    assert link("there", "https://a.org/v?ra=1.50&dec=-2") == "[there](https://a.org/v?ra=1.50&dec=-2)"


def test_letters_that_are_not_seen_or_turn_the_text_are_shown_as_such() -> None:
    assert plain("a\u202egpj.exe\x00b\u200b") == "a�gpj.exe�b�"
    assert plain("a\n  b\t") == "a b"


@pytest.mark.parametrize("n", [0, 1, 199, 200, 201, 500, 10**6])
def test_a_text_is_never_longer_than_its_bound(n: int) -> None:
    assert plain("x" * n) == "x" * n if n <= 200 else len(plain("x" * n)) == 200


def test_a_chart_shows_html_and_places_as_letters() -> None:
    figure = {
        "name": "<a href='x'>c</a> & %{y}",
        "x": ["<b>"],
        "hovertemplate": "<b>%{x}</b>",
        "y": [1.5, None],
    }
    assert of_chart(figure) == {
        "name": "&lt;a href='x'&gt;c&lt;/a&gt; &amp; %&#123;y}",
        "x": ["&lt;b&gt;"],
        "hovertemplate": "<b>%{x}</b>",
        "y": [1.5, None],
    }
    assert label("%{y}<extra>") == "%&#123;y}&lt;extra&gt;"


def rendered(page: Any) -> Iterator[tuple[str, str]]:
    """Every text that a page renders as Markdown, HTML or a label of a chart, and what it is part of."""
    for node in page:
        proto = getattr(node, "proto", None)
        if proto is None:
            continue
        kind = type(proto).__name__
        if kind == "PlotlyChart":
            yield kind, proto.spec
        for field in () if kind in ("Code", "Arrow") else getattr(proto, "DESCRIPTOR", proto).fields:
            value = getattr(proto, field.name)
            if field.name in RENDERED and isinstance(value, str):
                yield kind, value if kind == "Html" else re.sub(r"(?<!\\)`[^`]+`", "", value)
        for image in proto.imgs if kind == "ImageList" else ():
            yield kind, image.caption


def acting(page: Any) -> list[tuple[str, str]]:
    """Texts of the page in which something of the canary acts; the page itself was drawn without an error."""
    assert [error.message for error in page.exception] == []
    texts = ((kind, SKIP_LINK.sub("", text)) for kind, text in rendered(page))
    return [(kind, text) for kind, text in texts if any(one in text for one in active_in(kind))]


def active_in(kind: str) -> tuple[str, ...]:
    """Markup is all that HTML and charts know."""
    return ("<b>c", "<a") if kind in ("Html", "PlotlyChart") else ACTIVE


@pytest.fixture
def hostile(runs: Path, weights: dict[int, Path], mock_file: Path) -> Path:
    """Runs of which every text that others could have written is the canary."""
    make_hostile(runs, weights, mock_file)
    return runs


def is_there(page: Any) -> bool:
    return any("evil" in text for _, text in rendered(page))


@pytest.mark.parametrize("view", addresses.PAGES)
def test_no_text_of_a_card_a_status_or_a_name_of_a_folder_acts_on_any_page(
    open_page: OpenPage, hostile: Path, view: str
) -> None:
    page = open_page(view)
    assert acting(page) == []
    assert is_there(page) or view in ("predict", "data", "evidence")


@pytest.mark.parametrize("section", [section_of(study.name) for study in all_studies() if study.is_shown])
def test_no_text_of_a_card_acts_in_any_section_of_the_evidence(
    open_page: OpenPage, hostile: Path, section: str
) -> None:
    assert acting(open_page("evidence", section=section)) == []


@pytest.mark.parametrize("view", addresses.PAGES)
def test_no_parameter_of_an_address_acts_on_any_page(open_page: OpenPage, sweep: Path, view: str) -> None:
    page = open_page(view, **dict.fromkeys(addresses.parameters(), CANARY))
    assert acting(page) == []
    assert is_there(page) or view == "evidence"


@pytest.mark.parametrize(
    ("view", "key"), [("results", "upload"), ("compare", "own_galaxy"), ("predict", "own")]
)
@pytest.mark.parametrize("content", [png(), b"dear network"], ids=["a picture", "none"])
def test_no_name_of_a_dropped_file_acts(
    open_page: OpenPage, sweep: Path, view: str, key: str, content: bytes
) -> None:
    page = open_page(view, state={"galaxy": "my own image"} if view == "compare" else {})
    page.file_uploader(key=key).upload(f"{CANARY}.png", content, "image/png").run()
    assert acting(page) == []
    assert is_there(page) or (view == "results" and content != b"dear network")


@pytest.mark.parametrize("kind", ["zip", "h5"])
def test_no_name_of_a_dropped_checkpoint_acts(open_page: OpenPage, runs: Path, kind: str) -> None:
    page = open_page("train")
    page.file_uploader(key="checkpoint").upload(f"{CANARY}.{kind}", b"PK", "").run()
    next(button for button in page.button if "Load" in button.label).click().run()
    assert acting(page) == []
    assert page.error

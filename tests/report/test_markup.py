"""Elements, escaping and numbers."""

import math

import pytest

from galaxy_core.report.markup import element, joined, number, paragraphs, with_interval


@pytest.mark.parametrize("text", ["<b>", 'a" onclick="x', "a&b", "it's"])
def test_text_is_escaped_as_child_and_as_attribute(text: str) -> None:
    made = element("p", text, title=text)
    assert not any(sign in made.removeprefix("<p").removesuffix("</p>").replace("=", "", 1) for sign in "<'")
    assert made.count('"') == 2


def test_letters_that_are_not_seen_or_turn_the_text_are_shown_as_such() -> None:
    assert element("p", "a\u202egpj\x1b\0\u200b\ud800\n") == "<p>a�gpj���?\n</p>"


def test_an_element_inside_another_stays_one() -> None:
    assert element("p", element("b", "x"), None, 1, class_="a") == '<p class="a"><b>x</b>1</p>'
    assert joined([paragraphs(["<"])]) == "<p>&lt;</p>"


def test_what_joins_escaped_and_plain_text_is_escaped_again() -> None:
    assert element("p", "see " + element("b", "x")) == "<p>see &lt;b&gt;x&lt;/b&gt;</p>"


@pytest.mark.parametrize("value", [None, "1", True, math.nan, math.inf, [], {}])
def test_what_is_no_number_is_a_dash(value: object) -> None:
    assert number(value) == "–"
    assert with_interval(value, 0.1, 0.2) == "–"


def test_an_interval_is_shown_where_both_ends_are_known() -> None:
    assert with_interval(0.79, 0.755, 0.821) == '0.790 <span class="interval">(0.755–0.821)</span>'
    assert with_interval(0.79, None, 0.821) == "0.790"
    assert with_interval(-0.1, -0.2, 0.0, 1) == '−0.1 <span class="interval">(−0.2 to 0.0)</span>'
    assert number(-0.0001, 2) == "0.00"

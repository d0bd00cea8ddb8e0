"""Classes are names in an order, each once, and nothing that a page or a file could take for more than text."""

import pytest

from galaxy_core.data.classes import GALAXY10, LONGEST_SHORT, Classes
from galaxy_core.errors import BadValueError


def test_labels_are_numbers_into_the_names() -> None:
    three = Classes(["spiral", "elliptical", "merger"])
    assert (three[1], three.index("merger"), len(three)) == ("elliptical", 2, 3)
    assert list(three) == ["spiral", "elliptical", "merger"]
    assert (len(GALAXY10), GALAXY10[5]) == (10, "Barred Spiral")


def test_two_are_equal_where_their_names_and_their_order_are() -> None:
    assert Classes(["a", "b"]) == Classes(("a", "b"))
    assert Classes(["a", "b"]) != Classes(["b", "a"])
    assert len({Classes(["a", "b"]), Classes(("a", "b")), GALAXY10}) == 2


def test_each_has_a_short_name_and_a_colour() -> None:
    assert len(GALAXY10.short) == 10
    assert max(map(len, GALAXY10.short)) <= LONGEST_SHORT
    assert len(set(GALAXY10.short)) == 10


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "1 to 1000 classes, got 0"),
        ([f"class {i}" for i in range(1001)], "got 1001"),
        (["Spiral", "elliptical", "spiral"], "'spiral' twice"),
        (["edge-on", "edge on"], "'edge on' twice"),
        ([""], "letters, digits"),
        (["x" * 61], "1 to 60 letters"),
        ([3], "got 3"),
        (["<b>"], "letters, digits"),
        (["a\nb"], "letters, digits"),
        (["=1+1"], "letters, digits"),
        (["[a](http)"], "letters, digits"),
        (["$x$"], "letters, digits"),
        (["_a_"], "letters, digits"),
        (["spiral "], "letters, digits"),
        (["a\N{RIGHT-TO-LEFT OVERRIDE}b"], "letters, digits"),
    ],
)
def test_what_is_no_set_of_names_is_refused_with_the_rule(names: list[str], words: str) -> None:
    with pytest.raises(BadValueError, match=words):
        Classes(names)


def test_a_thousand_names_in_any_letters_are_welcome() -> None:
    assert len(Classes([f"Spirale à {i} bras" for i in range(1000)])) == 1000
    assert Classes(["渦巻銀河", "E0 (round)", "S/N 5+"])[0] == "渦巻銀河"

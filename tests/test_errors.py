"""What a stranger wrote stands in an error as at most a line, and moves no cursor."""

import numpy as np
import pytest

from galaxy_core.errors import LONGEST_QUOTE, LONGEST_SENTENCE, brief, one_line, printable, quoted


@pytest.mark.parametrize(
    "value",
    [
        "x" * 10**6,
        b"\x1b[2J" * 10**6,
        ["x" * 10**6] * 1000,
        {"\n" * 1000: {"a": [[[[1]]]]}},
        10**4000,
        10**5000,
        "\u202egnp.exe\x1b[2J\n\udcff",
        np.str_("\r" * 100),
    ],
    ids=type,
)
def test_a_value_of_any_size_and_kind_is_quoted_on_a_part_of_a_line(value: object) -> None:
    assert len(quoted(value)) <= LONGEST_QUOTE
    assert quoted(value).isprintable()


def test_a_plain_value_is_quoted_as_python_spells_it() -> None:
    assert [quoted(value) for value in ("Größe 3", 1.5, None, [1, "a"])] == [
        "'Größe 3'",
        "1.5",
        "None",
        "[1, 'a']",
    ]


def test_the_end_of_a_long_sentence_which_is_the_way_out_is_kept() -> None:
    error = ValueError("bad \x1b[2J " + "x" * 10**5 + "; get it again")
    assert len(one_line(error)) == LONGEST_SENTENCE
    assert one_line(error).startswith(r"bad \x1b[2J xxx")
    assert one_line(error).endswith("xxx; get it again")
    assert len(brief(error)) == 2 * LONGEST_QUOTE
    assert one_line(ValueError(" a\n b ")) == "a b"
    assert one_line(KeyboardInterrupt()) == "KeyboardInterrupt"


def test_characters_that_are_not_shown_as_themselves_are_spelt_out() -> None:
    assert (
        printable("Galaxien in Größe 3 × 4 – “ok” 星系\u00a0\\n")
        == "Galaxien in Größe 3 × 4 – “ok” 星系\u00a0\\n"
    )
    assert printable("\u202egnp.exe \udcff \x9b \r") == "\\u202egnp.exe \\udcff \\x9b \\r"

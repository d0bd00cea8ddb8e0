"""Pairs of rows on the same galaxies, as a picture of all and as a table."""

import dataclasses
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st
import words.evidence
from foreign import fill, joined

from parts import look

if TYPE_CHECKING:
    from galaxy_core.metrics.paired import Pair

MOST_IN_PICTURE = 16
"""Rows; with more the cells are too small for their numbers."""


def points(share: float) -> str:
    """A share as percentage points, with its sign."""
    return f"{100 * share:+.1f}"


def show_pairs(pairs: "Sequence[Pair]", file: str, name: str) -> None:
    """A line a pair, the file of them, and what must stand beside them."""
    from galaxy_core.results.comparison import comparison_csv, comparison_notes

    columns = _columns()
    st.dataframe(
        [_line(pair) for pair in pairs], column_config=columns, column_order=list(columns), hide_index=True,
        key=f"{file}_table", alt="Every pair of rows with its difference and its p-values.",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        look.offer_csv(file, lambda: comparison_csv(pairs), name)
        st.caption(joined(" ", comparison_notes(pairs)))


def show_picture(pairs: "Sequence[Pair]") -> None:
    """Every row against every other, as a plain table, which a screen reader reads cell by cell."""
    from galaxy_core.metrics.paired import in_words

    st.subheader(words.evidence.MATRIX_TITLE, anchor=False, help=words.evidence.MATRIX_HELP)
    names = [pairs[0].first, *(pair.second for pair in pairs if pair.first == pairs[0].first)]
    if len(names) > MOST_IN_PICTURE:
        st.caption(fill(words.evidence.MATRIX_TOO_LARGE, n=len(names)))
        return
    most = max(abs(pair.difference) for pair in pairs) or 1.0
    cells = {}
    for pair in pairs:
        said = in_words(pair)
        cells[pair.first, pair.second] = _cell(pair.difference, most, pair.is_distinguishable, said)
        cells[pair.second, pair.first] = _cell(-pair.difference, most, pair.is_distinguishable, said)
    alt = f"Differences between {len(names)} rows: {'; '.join(map(in_words, pairs))}."
    st.html(_table(names, cells, alt))


def _line(pair: "Pair") -> dict[str, Any]:
    from galaxy_core.metrics.paired import in_words

    in_points = {name: float(points(getattr(pair, name))) for name in ("difference", "low", "high")}
    derived = {"sentence": in_words(pair), "is_distinguishable": pair.is_distinguishable}
    return {**dataclasses.asdict(pair), **in_points, **derived}


def _columns() -> dict[str, Any]:
    number, in_points = st.column_config.NumberColumn, "%+.1f"
    said = words.evidence
    return {
        "sentence": st.column_config.TextColumn("pair", width="large"),
        "is_distinguishable": st.column_config.CheckboxColumn("distinguishable"),
        "difference": number("difference, points", format=in_points, help=said.DIFFERENCE_COLUMN_HELP),
        "low": number("from", format=in_points, help="Lower end of the 95 % interval of the difference."),
        "high": number("to", format=in_points, help="Upper end of the 95 % interval of the difference."),
        "only_first": number("right in the first only", help=said.ONLY_HELP),
        "only_second": number("right in the second only", help=said.ONLY_HELP),
        "p_value": number("p", format="%.2g", help=said.P_HELP),
        "p_corrected": number("p, corrected", format="%.2g", help=said.P_CORRECTED_HELP),
        "n_galaxies": number("galaxies", help="Test galaxies that both rows answered."),
    }


def _table(names: Sequence[str], cells: dict[tuple[str, str], str], alt: str) -> str:
    nothing = f'<td style="{_CELL}"></td>'
    heads = "".join(f'<th scope="col" style="{_HEAD}">{escape(name)}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row" style="{_NAME}">{escape(row)}</th>'
        f"{''.join(cells.get((row, column), nothing) for column in names)}</tr>"
        for row in names
    )
    return (
        f'<div style="overflow-x:auto"><table style="{_TABLE}" aria-label="{escape(alt)}">'
        f'<thead><tr><td style="{_HEAD}"></td>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _cell(difference: float, most: float, is_distinguishable: bool, said: str) -> str:
    """The difference in points; the larger the darker, grey where it cannot be told from chance."""
    background = GREY
    if is_distinguishable:
        tone = AHEAD if difference > 0 else BEHIND
        background = f"rgba({tone},{0.12 + 0.5 * abs(difference) / most:.2f})"
    return f'<td title="{escape(said)}" style="{_CELL}background:{background}">{points(difference)}</td>'


AHEAD, BEHIND = "47,119,176", "176,89,15"
"""As in `look`: a pair that all common colour deficiencies keep apart."""
GREY = "rgba(128,128,128,0.13)"
_TABLE = "border-collapse:separate;border-spacing:2px;font-size:0.9rem;"
_HEAD = "border:0;padding:0.2rem 0.5rem;font-weight:400;text-align:center;"
_NAME = "border:0;padding:0 0.6rem 0 0;text-align:right;font-weight:400;white-space:nowrap;"
_CELL = (
    "border:0;height:1.9rem;min-width:4rem;padding:0;text-align:center;border-radius:3px;"
    "font-variant-numeric:tabular-nums;"
)

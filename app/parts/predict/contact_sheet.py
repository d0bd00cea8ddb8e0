"""The contact sheet: small pictures with their answers, a page of them at a time, and all answers as a file."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
import words.many
from foreign import Markdown, fill, joined, plain, quoted

from galaxy_core.prediction.contact_sheet import (
    ORDERS,
    Answers,
    Card,
    Thumbnail,
    cards,
    read_answers,
    table_bytes,
    thumbnails,
)
from parts import look
from parts.maps import keep_among
from parts.picture import as_url
from parts.seen import sky_link

if TYPE_CHECKING:
    from galaxy_core.prediction.plan import Plan
    from galaxy_core.prediction.shards import Course
    from galaxy_core.prediction.sheets import Sheet

N_PER_PAGE = 24
SIDE = 160
"""Pixels: twenty-four such pictures are 150 kB of a page."""


def show_sheet(sheet: "Sheet", plan: "Plan", now: "Course") -> None:
    """Controls, one page of the answers that are there, and the table."""
    runs = list(plan.weights)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run = runs[0] if len(runs) == 1 else _one_of(words.many.NETWORK, runs, "sheet_run")
        answers = _answers(str(sheet.work), plan.made, now.n_done, run, plan)
        how = _one_of(words.many.ORDER, ORDERS, "sheet_order", help=words.many.ORDER_HELP)
        kind = _one_of(words.many.SHOW, answers.kinds, "sheet_kind")
    numbers = answers.numbers(how, kind)
    st.caption(_note(answers))
    if len(numbers):
        _show_page(sheet.work, plan, run, _turn_pages(numbers), len(numbers), len(answers.number))
    else:
        st.info(words.many.NONE_OF_KIND, icon=":material/search_off:")
    _offer_table(sheet, plan)


def _one_of(label: str, options: Sequence[str], key: str, help: str | None = None) -> str:
    keep_among(key, options)
    return st.selectbox(label, options, key=key, bind="query-params", width=230, help=help)


def _note(answers: Answers) -> str:
    return words.many.NOTE if np.isfinite(answers.strangeness).any() else words.many.NOTE_RAW


def _turn_pages(numbers: np.ndarray) -> np.ndarray:
    """The numbers on the page that is open."""
    n_pages = -(-len(numbers) // N_PER_PAGE)
    if st.session_state.get("sheet_page", 1) > n_pages:
        st.session_state["sheet_page"] = 1
    page = st.pagination(n_pages, key="sheet_page", bind="query-params")
    return numbers[(page - 1) * N_PER_PAGE :][:N_PER_PAGE]


def _show_page(work: Path, plan: "Plan", run: str, numbers: np.ndarray, n: int, n_there: int) -> None:
    st.caption(fill(words.many.COUNT, n=n, total=n_there))
    pictures = _thumbnails(str(work), plan.made, tuple(map(int, numbers)), plan)
    grid = st.grid("auto", min_column_width=150)
    for card, picture in zip(cards(work, plan, run, numbers), pictures, strict=True):
        with grid.container():
            said = _said(card, picture)
            if picture is None and not card.reason:
                st.caption(words.many.GONE)
            elif picture is not None:
                alt = plain(words.many.ALT.format(name=card.name, said=card.answer or card.reason), 400)
                st.image(as_url(picture.pixels), width="stretch", alt=alt)
            st.markdown(said)


def _said(card: Card, picture: Thumbnail | None) -> Markdown:
    """The lines below a picture: the answer, or in a low voice what would be said; the flags; its name."""
    name = Markdown(fill(":small[:gray[{name}]]", name=quoted(card.name, 60)) + sky_link(card.place))
    if card.reason:
        return joined("  \n", [_flag(fill(words.many.REFUSED, reason=card.reason)), name])
    flags = [words.many.STRANGE] if card.is_strange else []
    flags += [words.many.UNLIKE] if picture is not None and picture.is_unlike else []
    answer = fill(words.many.ANSWER, name=card.answer, share=card.probability)
    beside = [] if card.raw is None else [fill(words.many.RAW, raw=card.raw)]
    beside += [fill(words.many.SET, classes=card.classes)] if card.classes else []
    lines = [answer, *(fill(":small[{line}]", line=line) for line in beside)]
    if flags:
        lines = [*(_flag(fill(one)) for one in flags), *(fill(":gray[{line}]", line=line) for line in lines)]
    return joined("  \n", [*lines, name])


def _flag(sentence: Markdown) -> Markdown:
    return fill(":orange[:material/warning: {sentence}]", sentence=sentence)


def _offer_table(sheet: "Sheet", plan: "Plan") -> None:
    st.markdown(f"**{words.many.WHOLE}**")
    with st.container(horizontal=True, vertical_alignment="center"):
        csv, parquet = (partial(table_bytes, sheet.work, plan, suffix) for suffix in (".csv", ".parquet"))
        look.offer(words.many.CSV, csv, f"{sheet.name}.csv", "text/csv", "sheet_csv")
        kind = "application/vnd.apache.parquet"
        look.offer(words.many.PARQUET, parquet, f"{sheet.name}.parquet", kind, "sheet_parquet")
    st.caption(fill(words.many.WHOLE_NOTE, folder=sheet.work))


@st.cache_resource(max_entries=8, show_spinner=False)
def _answers(work: str, made: str, n_done: int, run: str, _plan: "Plan") -> Answers:
    return read_answers(Path(work), _plan, run)


@st.cache_resource(max_entries=32, show_spinner=False)
def _thumbnails(work: str, made: str, numbers: tuple[int, ...], _plan: "Plan") -> list[Thumbnail | None]:
    return thumbnails(Path(work), _plan, numbers, SIDE)

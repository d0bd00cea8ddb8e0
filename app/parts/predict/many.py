"""Any number of images on the Predict page: a folder or catalogue is named, answered in the background, and watched."""

from collections.abc import Sequence

import streamlit as st
import words.files
import words.many
from catalogue import Entry
from children import begin_answering
from foreign import Markdown, fill
from places import is_here, path_of

from galaxy_core.prediction.plan import Plan
from galaxy_core.prediction.shards import Course, clear
from galaxy_core.prediction.sheets import Asked, Sheet, list_sheets, new_sheet
from galaxy_core.runs.launch import end_work, is_at_work, last_words
from galaxy_core.runs.pace import in_words
from galaxy_core.runs.run import LOG
from parts.at_work import SECONDS_BETWEEN_LOOKS
from parts.files import what_is_missing
from parts.maps import keep_among
from parts.predict.contact_sheet import show_sheet
from parts.shield import plain_errors


def show_many(entries: Sequence[Entry]) -> None:
    """What is asked for, which of the sheets is looked at, how far it is, and the sheet as far as it is there."""
    st.caption(words.many.LEAD)
    with plain_errors():
        _ask(entries)
    sheets = {sheet.name: sheet for sheet in list_sheets()}
    if not sheets:
        st.info(words.many.NONE_YET, icon=":material/grid_view:")
        return
    keep_among("sheet", list(sheets))
    name = st.selectbox(
        words.many.SHEET,
        list(sheets),
        key="sheet",
        bind="query-params",
        width=340,
        help=words.many.SHEET_HELP,
    )
    sheet = sheets[name]
    st.caption(fill(words.many.OF, path=sheet.asked.path, runs=", ".join(sheet.asked.runs)))
    found = sheet.how_far()
    if is_at_work(sheet.place):
        _follow(sheet, 0 if found is None else found[1].n_done)
    else:
        _show_outcome(sheet, found)
    if found is not None and found[1].n_done:
        show_sheet(sheet, *found)


def _ask(entries: Sequence[Entry]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.text_input(
            words.many.PATH, key="many_path", width=560, placeholder=words.many.PATH_EXAMPLE,
            help=words.many.PATH_HELP, live=True,
        ).strip()  # fmt: skip
        if not typed:
            return
        path, pictures, image = path_of(typed), "", ""
        if is_here(path):
            pictures = st.text_input(
                words.many.PICTURES, key="many_pictures", width=340, placeholder=words.many.USUAL,
                help=words.many.PICTURES_HELP,
            ).strip()  # fmt: skip
            image = st.text_input(
                words.many.COLUMN, key="many_column", width=220, placeholder=words.many.USUAL,
                help=words.many.COLUMN_HELP,
            ).strip()  # fmt: skip
        is_wanted = st.button(
            words.many.BEGIN, type="primary", icon=":material/play_arrow:", key="many_begin"
        )
    if missing := what_is_missing(path):
        st.caption(fill(words.files.WRONG, wrong=missing))
    if is_wanted:
        runs = tuple(entry.name for entry in entries)
        folder = str(path_of(pictures)) if pictures else None
        sheet = new_sheet(Asked(str(path), runs, folder, image or None))
        begin_answering(sheet)
        st.session_state["sheet"] = sheet.name


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _follow(sheet: Sheet, n_drawn: int) -> None:
    """How far it is, until it is done; the page is drawn anew then, and when the first answers are there."""
    found = sheet.how_far()
    if not is_at_work(sheet.place) or (found is not None and found[1].n_done and not n_drawn):
        st.rerun()
    if found is None:
        st.progress(0.0, words.many.BEGINS)
    else:
        plan, now = found
        seconds = now.seconds_left(plan)
        left = words.many.NO_PACE if seconds is None else in_words(seconds)
        text = fill(words.many.AT_WORK, done=now.n_inputs_done, total=plan.n, left=left)
        st.progress(now.n_inputs_done / max(plan.n, 1), text)
    if st.button(words.many.STOP, icon=":material/stop:", key="many_stop", help=words.many.STOP_HELP):
        end_work(sheet.place)


def _show_outcome(sheet: Sheet, found: tuple[Plan, Course] | None) -> None:
    """What came of it; where it is not done, the way on."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if found is not None and found[1].n_done == found[0].n_shards:
            st.markdown(_what_came(*found), width="content")
        else:
            st.warning(_why_not_done(sheet, found), icon=":material/warning:")
            if st.button(words.many.CARRY_ON, icon=":material/play_arrow:", key="many_carry_on"):
                begin_answering(sheet)
                st.rerun()
        if st.button(
            words.many.REMOVE, icon=":material/delete:", type="tertiary", key="many_remove",
            help=words.many.REMOVE_HELP,
        ):  # fmt: skip
            clear(sheet.place)
            st.rerun()


def _what_came(plan: Plan, now: Course) -> Markdown:
    sentence = words.many.DONE if now.n_refused else words.many.DONE_ALL
    return fill(sentence, total=plan.n, refused=now.n_refused)


def _why_not_done(sheet: Sheet, found: tuple[Plan, Course] | None) -> Markdown:
    tail = last_words(sheet.place / LOG).removeprefix("galaxy: ") or words.many.NO_WORDS
    if found is None:
        return fill(words.many.NOT_BEGUN, tail=tail)
    return fill(words.many.STOPPED, done=found[1].n_inputs_done, total=found[0].n, tail=tail)

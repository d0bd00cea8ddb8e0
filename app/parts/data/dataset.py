"""The file of galaxies that is looked at, and how many of each class it holds before and after oversampling."""

from pathlib import Path

import streamlit as st
import words.data
import words.files
import words.train
from catalogue import Catalogue
from foreign import Markdown, fill
from people import forget_opened, opened_files
from places import is_here, is_known, known_files, path_of

from galaxy_core.data.overview import Overview, counts_by_part, oversampled_counts
from galaxy_core.data.split import Split
from galaxy_core.training.stand_in import DATA_MOCK, mock_galaxies
from parts import look
from parts.files import choose_or_type_file, what_is_wrong


def choose_dataset(catalogue: Catalogue) -> Path | None:
    """The file; None while it is the mock one and not rendered, which is offered, and where it cannot be opened."""
    _follow_address(catalogue)
    file = choose_or_type_file(catalogue, "data_file")
    st.query_params["file"] = file
    if what_is_wrong(file):
        return None
    path = path_of(file)
    if str(path) in opened_files():
        st.button(
            words.files.FORGET, key="forget", type="tertiary", icon=":material/close:",
            on_click=_forget, args=(path,), help=words.files.FORGET_HELP,
        )  # fmt: skip
    if file == DATA_MOCK and not is_here(path):
        st.info(words.data.NOT_RENDERED, icon=":material/draw:")
        if st.button(words.data.RENDER, key="render"):
            with st.spinner(words.train.RENDERING):
                mock_galaxies()
            st.rerun()
        return None
    return path


def _forget(path: Path) -> None:
    forget_opened(str(path))
    st.session_state["data_file"] = DATA_MOCK
    st.session_state["data_file_typed"] = ""


def show_dataset(overview: Overview) -> None:
    """What kind of galaxies these are."""
    n, n_without = len(overview.labels), int((~overview.has_position).sum())
    without = fill(words.data.WITHOUT_POSITION, n=n_without) if n_without else ""
    text = fill(words.data.FACTS, n=n, origin=Markdown(words.data.ORIGINS[overview.origin]), without=without)
    is_mock = overview.origin == "mock"
    (st.warning if is_mock else st.success)(text, icon=":material/draw:" if is_mock else ":material/flare:")


def show_counts(overview: Overview, split: Split) -> None:
    """Bars a class: the file, the training part, and that part with the rare classes repeated."""
    st.header(words.data.COUNTS_TITLE, anchor=False)
    train = counts_by_part(overview.labels, split, len(overview.classes))["train"]
    blue, orange, green = look.series()[:3]
    kinds = (
        ("in the file", overview.counts, blue),
        ("to train on", train, green),
        ("after oversampling", oversampled_counts(train), orange),
    )
    bars = [look.bars(name, counts, list(overview.classes), colour) for name, counts, colour in kinds]
    layout = look.bar_layout(430, "galaxies", "group", rangemode="tozero")
    look.chart({"data": bars, "layout": layout}, alt=_in_words(overview, train), key="counts")
    st.caption(words.data.COUNTS_NOTE)


def _follow_address(catalogue: Catalogue) -> None:
    """At first the file the address names, or that of the run it names, or the first that a run here learned from."""
    if "data_file" in st.session_state:
        return
    entry = catalogue.find(st.query_params.get("run"))
    file = st.query_params.get("file")
    if file and not is_known(file, catalogue):
        st.info(fill(words.data.FILE_UNKNOWN, file=file), icon=":material/search_off:")
        file = None
    of_run = entry.config.data if entry and is_known(entry.config.data, catalogue) else None
    st.session_state["data_file"] = file or of_run or next(iter(known_files(catalogue)), DATA_MOCK)


def _in_words(overview: Overview, train: list[int]) -> str:
    most = max(train)
    rows = zip(overview.classes, overview.counts, train, strict=True)
    each = ", ".join(f"{name} {n} and {t}" for name, n, t in rows)
    return f"Galaxies in the file and in the training part: {each}. After oversampling {most} of each class."

"""What leaks from training into test in a file, and how much better a classifier looks for it: shown when asked for."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st
import words.data
import words.waiting
from foreign import fill, told
from places import sha256_of

from galaxy_core.data.overview import Overview
from galaxy_core.numerals import percent
from galaxy_core.results.curves import ticks
from parts import look, waiting
from parts.shield import plain_errors
from parts.waiting import Step

Report = Mapping[str, Any]

HONEST, INFLATED = "honest", "inflated"
ASKED = "leaks_of"
_PAIRS = {
    "kind": st.column_config.TextColumn("pairs of galaxies", help=words.data.PAIRS_HELP),
    "n_pairs": st.column_config.NumberColumn("in the file"),
    "n_two_labels": st.column_config.NumberColumn("with two labels", help=words.data.TWO_LABELS_HELP),
    "apart_by_split": st.column_config.NumberColumn("apart, our split", help=words.data.APART_HELP),
    "apart_by_chance": st.column_config.NumberColumn(
        "apart, naive split", format="%.1f", help=words.data.APART_NAIVE_HELP
    ),
}


@st.fragment
def show_leaks(overview: Overview) -> None:
    """The switch, and what it does to the same classifier; every image is read, so only once somebody asks."""
    st.header(words.data.LEAKS_TITLE, anchor=False)
    st.markdown(
        words.data.LEAKS_LEAD, help=fill(words.data.LEAKS_COMMAND, file=shlex.quote(str(overview.path)))
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        is_repeated = st.toggle(
            words.data.REPEAT_FIRST, key="repeat_first", on_change=_ask, args=(overview.path,),
            help=words.data.REPEAT_FIRST_HELP,
        )  # fmt: skip
        is_asked = st.session_state.get(ASKED) == str(overview.path)
        if not is_asked:
            st.button(
                words.data.LEAKS_MEASURE, key="measure_leaks", on_click=_ask, args=(overview.path,),
                icon=":material/search_insights:",
            )  # fmt: skip
    if not is_asked:
        st.caption(words.data.LEAKS_NOT_YET)
        return
    with plain_errors():
        _show_report(_report_of(overview.path), overview.path, is_repeated)


def _ask(path: Path) -> None:
    """For this file from now on; another file is measured when it is asked for."""
    st.session_state[ASKED] = str(path)


def _report_of(path: Path) -> Report:
    """Everything `galaxy audit` says, by the content of the file."""

    def make(step: Step) -> Report:
        from galaxy_core.data.audit import audit_galaxies
        from galaxy_core.data.galaxy10 import open_galaxies
        from galaxy_core.studies.inflation import inflations
        from galaxy_core.studies.leaks import leak_report

        galaxies = open_galaxies(path, progress=step(words.waiting.OPENING))
        found = audit_galaxies(galaxies, progress=step(words.data.LEAKS_READING))
        effects = inflations(found, galaxies.labels, progress=step(words.data.LEAKS_CLASSIFYING))
        return leak_report(galaxies, found, effects)

    return waiting.work(("leaks", sha256_of(path) or str(path)), make)


def _show_report(report: Report, path: Path, is_repeated: bool) -> None:
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _show_effect(report, is_repeated)
    with right:
        _show_pairs(report)
    st.markdown(fill(words.data.LABELS_ALLOW, sentence=report["labels_allow"]["in_words"]))
    with st.container(horizontal=True, vertical_alignment="center"):
        _offer(report, path)
        split = report["split"]
        st.caption(fill(words.data.LEAKS_SPLIT, **split), help=words.data.SPLIT_HASH_HELP)


def _show_effect(report: Report, is_repeated: bool) -> None:
    """Balanced accuracy of both ways, or of the honest one alone, with what that says in words."""
    from galaxy_core.studies.leaks import survey_effect

    effects, survey = report["inflation"], survey_effect(report)
    shown = {HONEST: look.TAKEN_OVER, **({INFLATED: look.LEARNED} if is_repeated else {})}
    layout = look.bar_layout(250, "balanced accuracy", "group", range=[0, 1], **ticks(".0%", 5))
    bars = [_bars(effects, key, colour) for key, colour in shown.items()]
    look.chart({"data": bars, "layout": layout}, alt=_in_words(effects, shown), key="inflation")
    if is_repeated:
        st.warning(fill(words.data.INFLATED, **survey), icon=":material/content_copy:")
        st.markdown("\n".join(f"- {told(sentence)}" for sentence in report["in_words"]))
    else:
        st.success(fill(words.data.DIVIDED_FIRST, **survey), icon=":material/call_split:")
    st.caption(words.data.INFLATION_NOTE)


def _show_pairs(report: Report) -> None:
    """Copies and neighbours, and how many of them two kinds of split leave on two sides."""
    st.dataframe(
        report["pairs"],
        column_config=_PAIRS,
        column_order=list(_PAIRS),
        hide_index=True,
        key="leaking_pairs",
        alt="Pairs of galaxies that are near on the sky or look alike, and how many a split leaves on two sides.",
    )
    st.caption(words.data.PAIRS_NOTE)


def _offer(report: Report, path: Path) -> None:
    from galaxy_core.studies.leaks import leaks_csv

    look.offer_csv("leaks.csv", lambda: leaks_csv(report), path.stem)
    look.offer(
        "leaks.json",
        lambda: json.dumps(report, indent=1, allow_nan=False),
        f"{path.stem}-leaks.json",
        "application/json",
        "leaks.json_file",
    )


def _bars(effects: list[dict[str, Any]], key: str, colour: str) -> dict[str, Any]:
    values, high, low = ([one[f"{key}{end}"] for one in effects] for end in ("", "_high", "_low"))
    ends = {
        "array": [top - value for top, value in zip(high, values, strict=True)],
        "arrayminus": [value - bottom for value, bottom in zip(values, low, strict=True)],
    }
    name = words.data.ORDERS[key]
    return look.bars(
        name,
        values,
        [words.data.FREQUENCIES[one["frequencies"]] for one in effects],
        colour,
        error_x={"type": "data", **ends, "thickness": 1.2, "width": 4},
        text=[percent(value) for value in values],
        textposition="inside",
        insidetextanchor="start",
        hovertemplate=f"%{{y}}, {name}: %{{text}}<extra></extra>",
    )


def _in_words(effects: list[dict[str, Any]], shown: Mapping[str, str]) -> str:
    said = [
        f"{words.data.FREQUENCIES[one['frequencies']]}, {words.data.ORDERS[key]}: {one[key]:.2f}, "
        f"from {one[f'{key}_low']:.2f} to {one[f'{key}_high']:.2f}"
        for one in effects
        for key in shown
    ]
    return f"Balanced accuracy of the same classifier. {'; '.join(said)}."

"""What the answers rest on: accuracy without texture, colour, outline; and the paper's thesis on what transfers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st
import words.studies
from catalogue import Entry, curves_of
from foreign import Markdown, fill

from parts.evidence import lines
from parts.evidence.studies import Study, found_of, show_all
from parts.shield import plain_errors

if TYPE_CHECKING:
    from galaxy_core.results.table import TableRow
    from galaxy_core.studies.cues import RunCues
    from galaxy_core.studies.record import Kept


def show_cues(entries: Sequence[Entry]) -> None:
    """The section, for the finished runs of a sweep."""
    from galaxy_core.studies.thesis import THESIS

    st.subheader(words.studies.CUES_TITLE, anchor=False)
    st.markdown(fill(words.studies.CUES_LEAD, thesis=THESIS))
    with plain_errors():
        found: dict[str, RunCues] = found_of(STUDY, entries)
        if found:
            _show([entry for entry in entries if entry.name in found], found)


def _show(entries: Sequence[Entry], found: "dict[str, RunCues]") -> None:
    from galaxy_core.studies.cues import COLUMNS

    curve = _choose_row(entries)
    _draw(curve, found)
    _show_thesis([found[entry.name] for entry in curve])
    show_all("cues", COLUMNS, (row for one in found.values() for row in one.rows()), entries[0].sweep)


def _choose_row(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Runs that differ in the cut only: four curves of one row can be told apart, of several they cannot."""
    curves = {lines.name_of(curve): curve for curve in curves_of(entries)}
    if len(curves) == 1:
        return next(iter(curves.values()))
    if st.session_state.get("cues_of") not in curves:
        st.session_state.pop("cues_of", None)
    return curves[
        st.selectbox(words.studies.OF_RUNS, list(curves), key="cues_of", bind="query-params", width=380)
    ]


def _draw(curve: Sequence[Entry], found: "dict[str, RunCues]") -> None:
    whole = lines.lines_of(curve, lambda entry: found[entry.name].accuracy)
    drawn = [replace(line, name=words.studies.CUES_WHOLE) for line in whole]
    for place, (cue, name) in enumerate(words.studies.CUES_WITHOUT.items(), start=1):
        own = lines.lines_of(curve, lambda entry, cue=cue: found[entry.name].without[cue])
        drawn += [replace(line, name=name, colour=place, dash=lines.DASHES[place - 1]) for line in own]
    what = f"Accuracy of {lines.name_of(curve)}, whole and without each cue,"
    lines.draw(drawn, "test accuracy", "cues_chart", tickformat=".0%", what=what)
    st.caption(fill(words.studies.CUES_NOTE, intervals=words.studies.INTERVALS))


def _show_thesis(cues: "Sequence[RunCues]") -> None:
    from galaxy_core.studies.thesis import CRITERION, THESIS, thesis_test

    test = thesis_test(cues)
    if test is None:
        st.caption(fill(words.studies.CUES_NO_THESIS, thesis=THESIS))
        return
    three = {"little": test.little, "much": test.much, "difference": test.difference}
    numbers = {name: lines.in_words(one, "+.1%") for name, one in three.items()}
    verdict = Markdown(words.studies.VERDICTS[test.verdict])
    st.markdown(fill(words.studies.CUES_THESIS, thesis=THESIS, verdict=verdict, **numbers))
    st.caption(fill(words.studies.CUES_CRITERION, criterion=CRITERION))


def _read(asked: "Sequence[tuple[Any, TableRow]]") -> "Kept[RunCues]":
    from galaxy_core.studies.cues import RunCues
    from galaxy_core.studies.record import CUES, kept_of

    return kept_of(asked, CUES, RunCues.from_json)


def _measure(runs: Sequence[Any], galaxies: Any, progress: Any) -> "dict[str, RunCues]":
    from galaxy_core.studies.cues import study_cues

    return {one.setting.run: one for one in study_cues(runs, galaxies, progress=progress)}


STUDY = Study("cues", "galaxy study cues {runs} --data {file}", _read, _measure)

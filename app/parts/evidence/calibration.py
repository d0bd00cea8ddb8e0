"""Can a single answer be trusted: reliability, calibration error, sets of classes, and the real sky, run by run."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st
import words.calibration
from catalogue import Entry
from foreign import fill

from parts import look
from parts.evidence.reliability import show_diagram
from parts.evidence.studies import found_of
from parts.shield import plain_errors

if TYPE_CHECKING:
    from galaxy_core.metrics.reweighting import Reweighted
    from galaxy_core.results.calibrated import Calibrated

    Found = Mapping[str, Calibrated]

RUN = "reliability"


def show_calibration(entries: Sequence[Entry]) -> None:
    """The section for these finished runs: the diagram of one of them, the numbers of all, and these as a file."""
    st.subheader(words.calibration.TITLE, anchor=False)
    st.markdown(words.calibration.LEAD)
    from galaxy_core.studies.registry import get_study

    with plain_errors():
        found: Found = found_of(get_study("calibration"), entries)
        if found:
            _show(found, entries[0].sweep)


def _show(found: "Found", sweep: str) -> None:
    from galaxy_core.results.calibrated import calibration_csv

    left, right = st.columns(2, gap="medium")
    with left:
        show_diagram(found[_choose(list(found))])
    with right:
        _show_sets(list(found.values()))
    _show_errors(list(found.values()))
    look.offer_csv("calibration.csv", lambda: calibration_csv(found.values()), sweep)


def _choose(names: Sequence[str]) -> str:
    """The run whose diagram is drawn; the address says which."""
    if st.session_state.get(RUN, names[0]) not in names:
        st.session_state.pop(RUN)
    return st.selectbox(
        words.calibration.RUN_LABEL, names, key=RUN, bind="query-params", width=300,
        help=words.calibration.RUN_HELP,
    )  # fmt: skip


def _show_errors(found: "Sequence[Calibrated]") -> None:
    """Calibration error before and after, and accuracy as on the sky: a row a run."""
    st.markdown(f"**{words.calibration.ERRORS_TITLE}**")
    st.dataframe(
        [_error_cells(one) for one in found],
        column_config={**_setting_columns(), **_error_columns()},
        hide_index=True,
        key="calibration_errors",
        alt="Calibration error of every run before and after scaling, and its accuracy at the survey's frequencies.",
    )
    st.caption(words.calibration.ERRORS_NOTE)


def _error_cells(one: "Calibrated") -> dict[str, Any]:
    return {
        **_setting(one),
        "temperature": one.temperature,
        "given": one.before.error,
        "given_interval": f"{one.before.low:.3f} – {one.before.high:.3f}",
        "after": one.after.error,
        "after_interval": f"{one.after.low:.3f} – {one.after.high:.3f}",
        "accuracy": one.before.accuracy,
        "survey": _share(one.plain),
        "prior": _share(one.shifted),
    }


def _show_sets(found: "Sequence[Calibrated]") -> None:
    """How often the sets of each promise hold the true class, and how large they are: a row a run."""
    st.markdown(f"**{words.calibration.SETS_TITLE}**")
    columns = _setting_columns()
    for promise in sorted({promise for one in found for promise in one.sets}):
        covered, size = _names_of(promise)
        covered_help = fill(words.calibration.COVERED_HELP, promise=promise)
        columns[covered] = st.column_config.TextColumn(help=covered_help)
        columns[size] = st.column_config.NumberColumn(format="%.1f", help=words.calibration.SIZE_HELP)
    st.dataframe(
        [_set_cells(one) for one in found],
        column_config=columns,
        hide_index=True,
        key="calibration_sets",
        alt="How often the sets of classes of every run hold the true class, and how many classes they have.",
    )
    st.caption(fill(words.calibration.SETS_NOTE, n_validation=found[0].n_validation, n_test=found[0].n_test))


def _set_cells(one: "Calibrated") -> dict[str, Any]:
    cells = _setting(one)
    for promise, measured in one.sets.items():
        covered, size = _names_of(promise)
        cells[covered] = f"{measured.covered:.0%} ({measured.low:.0%} – {measured.high:.0%})"
        cells[size] = measured.mean_size
    return cells


def _names_of(promise: float) -> tuple[str, str]:
    """The two columns of a promise: how many sets hold the true class, and how many classes they have."""
    return f"{promise:.0%}: held", f"{promise:.0%}: classes"


def _setting(one: "Calibrated") -> dict[str, Any]:
    row = one.row
    return {"percent": row.imagenet_percent, "policy": row.policy, "seed": row.seed, "run": row.run}


def _share(score: "Reweighted | None") -> str:
    return "–" if score is None else f"{score.accuracy:.1%} ({score.low:.0%} – {score.high:.0%})"


def _setting_columns() -> dict[str, Any]:
    return {
        "percent": st.column_config.NumberColumn("ImageNet %", format="%d"),
        "seed": st.column_config.NumberColumn(format="%d"),
    }


def _error_columns() -> dict[str, Any]:
    text, number, told = st.column_config.TextColumn, st.column_config.NumberColumn, words.calibration
    return {
        "temperature": number(format="%.2f"),
        "given": number("error as given", format="%.3f", help=told.ERROR_HELP),
        "given_interval": text("95 %", help=told.INTERVAL_HELP),
        "after": number("error calibrated", format="%.3f", help=told.ERROR_HELP),
        "after_interval": text("95 % ", help=told.INTERVAL_HELP),
        "accuracy": number("test accuracy", format="percent"),
        "survey": text("at the survey's frequencies", help=told.SURVEY_HELP),
        "prior": text("with them as prior", help=told.PRIOR_HELP),
    }

"""How far the maps of each two runs agree, as a picture, and how much of a difference is mere noise of the seeds."""

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st
import words.studies
from catalogue import Entry
from foreign import told

from parts.evidence import lines
from parts.evidence.studies import Study, found_of, show_all
from parts.run_choice import short_names
from parts.shield import plain_errors

if TYPE_CHECKING:
    import numpy as np

    from galaxy_core.metrics.resample import Estimate
    from galaxy_core.results.table import TableRow
    from galaxy_core.studies.agreement import Agreement
    from galaxy_core.studies.record import Kept


def show_agreement(entries: Sequence[Entry]) -> None:
    """The section, for the finished runs of a sweep."""
    st.subheader(words.studies.AGREEMENT_TITLE, anchor=False)
    st.markdown(words.studies.AGREEMENT_LEAD)
    if len(entries) < 2:
        st.caption(words.studies.AGREEMENT_ONE)
        return
    with plain_errors():
        found: dict[str, Agreement] = found_of(STUDY, entries)
        if found:
            _show(entries, next(iter(found.values())))


def _show(entries: Sequence[Entry], agreement: "Agreement") -> None:
    from galaxy_core.studies.agreement import COLUMNS

    left, right = st.columns([3, 2], gap="medium")
    with left:
        n = {"n": len(agreement.runs), "n_galaxies": agreement.n_galaxies}
        caption = words.studies.AGREEMENT_CAPTION.format(**n)
        names = short_names(entries)
        st.html(_picture([names[run] for run in agreement.runs], agreement.matrix(), caption))
        st.caption(told(caption))
    with right:
        _show_noise(agreement)
    show_all("agreement", COLUMNS, agreement.rows(), entries[0].sweep)


def _show_noise(agreement: "Agreement") -> None:
    """The correlation between seeds, between settings, and what is left; then each two seeds of a row."""
    st.markdown(told(agreement.sentence))
    if agreement.noise is None:
        st.caption(words.studies.AGREEMENT_NO_SEEDS)
        return
    for label, one, explanation in (
        ("seeds of one setting", agreement.noise, words.studies.AGREEMENT_NOISE_HELP),
        ("two settings", agreement.between, words.studies.AGREEMENT_BETWEEN_HELP),
        ("difference", agreement.difference, words.studies.AGREEMENT_DIFFERENCE_HELP),
    ):
        if one is not None:
            st.metric(told(label), told(lines.in_words(one)), help=told(explanation))
    if not agreement.of_seeds:
        return
    st.markdown(f"**{words.studies.AGREEMENT_SEEDS}**")
    st.dataframe(
        [
            _cells(pair.first.imagenet_percent, (pair.first.seed, pair.second.seed), pair.correlation)
            for pair in agreement.of_seeds
        ],
        hide_index=True,
        key="seeds_agree",
        alt="Rank correlation of the maps of each two seeds of a row.",
    )


def _cells(percent: int, seeds: tuple[int | None, int | None], one: "Estimate") -> dict[str, Any]:
    return {"ImageNet %": percent, "seeds": f"{seeds[0]} and {seeds[1]}", "correlation": lines.in_words(one)}


def _picture(names: Sequence[str], table: "np.ndarray", caption: str) -> str:
    """A plain table, which a screen reader reads cell by cell; blue is alike, orange opposed, darker is more."""
    heads = "".join(f'<th scope="col" style="{_HEAD}">{escape(name)}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row" style="{_NAME}">{escape(name)}</th>{"".join(map(_cell, row))}</tr>'
        for name, row in zip(names, table.tolist(), strict=True)
    )
    return (
        f'<table style="{_TABLE}" aria-label="{escape(caption)}"><thead><tr><td style="{_HEAD}"></td>{heads}</tr>'
        f"</thead><tbody>{rows}</tbody></table>"
    )


def _cell(value: float) -> str:
    if math.isnan(value):
        return f'<td style="{_CELL}">–</td>'
    colour = "47,119,176" if value >= 0 else "176,89,15"
    return f'<td style="{_CELL}background:rgba({colour},{0.04 + 0.6 * abs(value):.2f})">{value:.2f}</td>'


_TABLE = "border-collapse:separate;border-spacing:2px;width:100%;font-size:0.87rem;"
_HEAD = "border:0;padding:0.2rem;text-align:center;font-weight:400;overflow-wrap:anywhere;"
_NAME = "border:0;padding:0 0.5rem 0 0;text-align:right;font-weight:400;overflow-wrap:anywhere;"
_CELL = "border:0;height:1.9rem;padding:0 0.2rem;text-align:center;border-radius:3px;font-variant-numeric:tabular-nums;"


def _read(asked: "Sequence[tuple[Any, TableRow]]") -> "Kept[Agreement]":
    from galaxy_core.studies.agreement import kept_agreement

    return kept_agreement(asked)


def _measure(runs: Sequence[Any], galaxies: Any, progress: Any) -> "dict[str, Agreement]":
    from galaxy_core.studies.agreement import study_agreement

    return dict.fromkeys((run.name for run in runs), study_agreement(runs, galaxies, progress=progress))


STUDY = Study(
    "agreement",
    "galaxy study agreement {runs} --data {file}",
    _read,
    _measure,
    is_comparison=True,
    of_maps=True,
)

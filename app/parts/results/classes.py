"""Which classes a run finds and which it takes for one another: confusion, completeness, purity."""

from html import escape
from typing import Any

import streamlit as st
import words.results
from catalogue import Entry
from foreign import fill

from galaxy_core.data.classes import Classes
from galaxy_core.numerals import percent
from galaxy_core.results.downloads import classes_csv
from parts import look


def show_classes(entry: Entry) -> None:
    """The confusion matrix and the scores of each class on the test part; a line while there are none."""
    st.header(
        fill(words.results.CLASSES_TITLE, percent=entry.percent),
        anchor="classes",
        help=words.results.CLASSES_HELP,
    )
    if not entry.run.is_whole:
        st.caption(words.results.CLASSES_NOT_YET)
        return
    metrics = entry.run.metrics()
    if not metrics.get("confusion"):
        st.caption(words.results.CLASSES_NEVER)
        return
    st.html(_confusion(entry.classes, metrics))
    look.offer_csv("classes.csv", lambda: classes_csv(entry.run), entry.name)


_SCORES = {
    "galaxies": words.results.N_HELP,
    "completeness": words.results.COMPLETENESS_HELP,
    "purity": words.results.PURITY_HELP,
}


def _confusion(classes: Classes, metrics: dict[str, Any]) -> str:
    """A plain table, which a screen reader reads cell by cell and a browser redraws at once; darker is more."""
    counts, caption = metrics["confusion"], _in_words(metrics)
    columns = [*dict.fromkeys(classes, ""), *_SCORES]
    heads = "".join(
        f'<th scope="col" title="{escape(_SCORES.get(c, ""))}" style="{_HEAD}"><span style="{_UPRIGHT}">'
        f"{escape(c)}</span></th>"
        for c in columns
    )
    most, scores = max(map(max, counts)) or 1, metrics["per_class"]
    rows = "".join(
        _row(classes, name, row, most, own) for name, row, own in zip(classes, counts, scores, strict=True)
    )
    corner = f'<td style="{_HEAD}text-align:right;opacity:0.8;width:11rem">is ↓ &nbsp; called →</td>'
    return (
        f'<div tabindex="0" style="overflow-x:auto"><table style="{_TABLE}min-width:{11 + 2.2 * len(columns)}rem" '
        f'aria-label="{escape(caption)}"><thead><tr>{corner}{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _row(classes: Classes, name: str, counts: list[int], most: int, own: dict[str, Any]) -> str:
    cells = "".join(
        f'<td title="{n:d} galaxies that are {escape(name)} were called {escape(called)}" style="{_CELL}'
        f'background:rgba(47,119,176,{0.04 + 0.6 * n / most:.2f})">{f"{n:d}" if n else "·"}</td>'
        for called, n in zip(classes, counts, strict=True)
    )
    scores = (f"{own['n']:d}", *(percent(own[score]) for score in ("completeness", "purity")))
    cells += "".join(f'<td style="{_CELL}">{score}</td>' for score in scores)
    return f'<tr><th scope="row" style="{_NAME}">{escape(name)}</th>{cells}</tr>'


_TABLE = "border-collapse:separate;border-spacing:2px;width:100%;font-size:0.87rem;table-layout:fixed;"
_HEAD = "border:0;padding:0.2rem;vertical-align:bottom;font-weight:400;height:10.5rem;"
_UPRIGHT = "writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap;"
_NAME = "border:0;padding:0 0.5rem 0 0;text-align:right;font-weight:400;white-space:nowrap;"
_CELL = (
    "border:0;height:1.7rem;padding:0;text-align:center;border-radius:3px;font-variant-numeric:tabular-nums;"
)


def _in_words(metrics: dict[str, Any]) -> str:
    found = [f"{item['name']} {percent(item['completeness'])}" for item in metrics["per_class"] if item["n"]]
    return f"Confusion matrix on {metrics['n']} test galaxies; found of each class: {', '.join(found)}."

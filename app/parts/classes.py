"""Which classes a run finds and which it takes for one another: confusion, completeness, purity."""

from typing import Any

import streamlit as st
import words
from catalogue import Entry

from galaxy_core.data.published import CLASS_NAMES
from galaxy_core.evaluation.downloads import classes_csv
from parts import look


def show_classes(entry: Entry) -> None:
    """The confusion matrix and the scores of each class on the test part; a line while there are none."""
    st.subheader(words.CLASSES_TITLE.format(percent=entry.percent), anchor=False, help=words.CLASSES_HELP)
    if not entry.run.is_whole:
        st.caption(words.CLASSES_NOT_YET)
        return
    metrics = entry.run.metrics()
    left, right = st.columns([3, 2], gap="medium")
    with left:
        look.chart(_confusion(metrics["confusion"]), alt=_in_words(metrics), key="confusion")
    with right:
        st.dataframe(
            metrics["per_class"],
            column_order=["name", "n", "completeness", "purity"],
            column_config=_COLUMNS,
            hide_index=True,
            height="content",
            key="per_class",
            alt="Completeness and purity of every class on the test part.",
        )
        csv = classes_csv(entry.run)
        st.download_button(
            "classes.csv", csv, f"{entry.name}-classes.csv", "text/csv", icon=":material/download:"
        )


_COLUMNS = {
    "name": st.column_config.TextColumn("class"),
    "n": st.column_config.NumberColumn("galaxies", help="Test galaxies of this class."),
    "completeness": st.column_config.NumberColumn(format="percent", help=words.COMPLETENESS_HELP),
    "purity": st.column_config.NumberColumn(format="percent", help=words.PURITY_HELP),
}


def _confusion(counts: list[list[int]]) -> dict[str, Any]:
    cells = {
        "type": "heatmap",
        "x": CLASS_NAMES,
        "y": CLASS_NAMES,
        "z": counts,
        "text": counts,
        "texttemplate": "%{text}",
        "colorscale": "Cividis",
        "showscale": False,
        "hovertemplate": "%{z} galaxies that are %{y} were called %{x}<extra></extra>",
    }
    across = {"title": {"text": "predicted class"}, "tickangle": -40, "automargin": True}
    down = {"title": {"text": "true class"}, "autorange": "reversed", "automargin": True}
    return {"data": [cells], "layout": look.layout(520, xaxis=across, yaxis=down)}


def _in_words(metrics: dict[str, Any]) -> str:
    found = [f"{item['name']} {item['completeness']:.0%}" for item in metrics["per_class"] if item["n"]]
    return f"Confusion matrix on {metrics['n']} test galaxies; found of each class: {', '.join(found)}."

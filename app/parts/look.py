"""Colours that mean something, in both themes. Blue is taken over, orange is learned: a pair that all common
colour deficiencies keep apart.
"""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from foreign import of_chart, plain

TAKEN_OVER = "#2F77B0"
LEARNED = "#B0590F"
"""Mid tones: white text on them reaches 4.5 to one, and they reach three to one on both backgrounds."""

_LIGHT = ("#0072B2", "#B8520A", "#00795A", "#9C4F82", "#3F3F46", "#8A6D00")
_DARK = ("#6CB6EE", "#F0A04B", "#4FC9A4", "#DE97C6", "#C9CDD4", "#E6D36A")


def is_dark() -> bool:
    """Whether the reader sees the dark theme."""
    return st.context.theme.type == "dark"


def series() -> tuple[str, ...]:
    """Six colours for lines, distinguishable to all eyes (after Okabe & Ito), for the theme in use."""
    return _DARK if is_dark() else _LIGHT


def ink(opacity: float = 1.0) -> str:
    """The text colour of the theme with some opacity."""
    red, green, blue = (227, 232, 239) if is_dark() else (24, 32, 43)
    return f"rgba({red}, {green}, {blue}, {opacity})"


def chart(
    figure: dict[str, Any], *, alt: str, key: str, buttons: list[list[str]] | None = None
) -> list[dict[str, Any]]:
    """Show a plotly figure (plain dict) in the theme, with words for those who cannot see it; the points chosen on it.

    There is no tool bar, and nothing is chosen, unless these `buttons` of plotly stand on one. Its texts are shown as
    they were written; templates, which are ours, take foreign text through `foreign.label`.
    """
    figure = of_chart({**figure, "layout": _legible(figure["layout"])})
    bar = {"displayModeBar": bool(buttons), "modeBarButtons": buttons or [], "displaylogo": False}
    config = {**bar, "scrollZoom": False}
    shown = st.plotly_chart(
        figure, config=config, alt=alt, key=key, on_select="rerun" if buttons else "ignore"
    )
    return shown["selection"]["points"] if buttons else []


def _legible(layout: dict[str, Any]) -> dict[str, Any]:
    """The numbers and names of the axes, and notes, in the colour of text; Streamlit's theme has them at 3.6 to one."""
    colour = {"color": ink(0.85)}
    names = {"xaxis", "yaxis", *(key for key in layout if key[1:5] == "axis")}
    axes = {name: dict(layout.get(name, {})) for name in names}
    for axis in axes.values():
        axis["tickfont"] = {**colour, **axis.get("tickfont", {})}
        if "title" in axis:
            axis["title"] = {"font": colour, **axis["title"]}
    notes = [{**one, "font": {**colour, **one.get("font", {})}} for one in layout.get("annotations", ())]
    return {**layout, **axes, "annotations": notes}


def offer_csv(label: str, make: Callable[[], str | bytes], name: str) -> None:
    """A button that makes a CSV file; `name` begins the file's name."""
    offer(label, make, f"{name}-{label}", "text/csv", f"{label}_file")


def offer(label: str, make: Callable[[], str | bytes], name: str, kind: str, key: str, **more: Any) -> None:
    """A button that makes a file when it is pressed, and changes nothing else."""
    icon = ":material/download:"
    st.download_button(label, make, plain(name), kind, icon=icon, on_click="ignore", key=key, **more)


def bars(
    name: str, values: Sequence[float], rows: Sequence[str], colour: str | list[str], **more: Any
) -> dict[str, Any]:
    """Bars that lie, one a row."""
    about = {"hovertemplate": f"%{{y}}, {name}: %{{x}}<extra></extra>", "marker": {"color": colour}, **more}
    return {"type": "bar", "orientation": "h", "name": name, "x": values, "y": rows, **about}


def bar_layout(height: int, title: str, barmode: str, **xaxis: Any) -> dict[str, Any]:
    """What charts of bars share: the first row above, the legend in the order of the bars."""
    axis = {"title": {"text": title}, **xaxis}
    shared = layout(height, barmode=barmode, xaxis=axis, yaxis={"autorange": "reversed", "automargin": True})
    legend = {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "traceorder": "normal"}
    return {**shared, "legend": legend, "bargap": 0.25}


def layout(height: int, **more: Any) -> dict[str, Any]:
    """What all charts share: tight margins, a legend above, quiet grid."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 12, "t": 36, "b": 8},
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "xanchor": "left"},
        "hovermode": "closest",
        "font": {"size": 13},
        **more,
    }

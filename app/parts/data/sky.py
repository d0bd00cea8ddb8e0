"""Where the galaxies are on the sky, and which of them are neighbours there."""

import shlex
from typing import Any

import streamlit as st
import words.data
from foreign import fill
from state import duplicates_of

from galaxy_core.data.overview import Overview, SkyGroup
from parts import look
from parts.data.division import SEPARATION_ARCSEC

N_LISTED = 200
SEPARATIONS = (0.0, 2.0, 10.0, SEPARATION_ARCSEC)


def show_sky(overview: Overview) -> None:
    """Right ascension against declination, a colour a class, drawn by the graphics card where there are many."""
    st.header(words.data.SKY_TITLE, anchor=False)
    n = int(overview.has_position.sum())
    if not n:
        st.caption(words.data.SKY_NONE)
        return
    points = [_points(overview, label) for label in range(len(overview.classes))]
    layout = look.layout(
        440,
        xaxis={"title": {"text": "right ascension (°)"}, "range": [360, 0], "dtick": 60, "zeroline": False},
        yaxis={"title": {"text": "declination (°)"}, "zeroline": False},
        legend={"orientation": "h", "yanchor": "top", "y": -0.2, "x": 0, "font": {"size": 11}},
    )
    alt = f"Map of the sky with {n} galaxies by right ascension and declination, a colour a class."
    look.chart({"data": points, "layout": layout}, alt=alt, key="sky")
    st.caption(words.data.SKY_NOTE)


def show_duplicates(overview: Overview) -> None:
    """How many groups of neighbours there are, how many of them disagree on the class, and which."""
    st.header(words.data.DUPLICATES_TITLE, anchor=False)
    separation = st.select_slider(
        words.data.SEPARATION,
        SEPARATIONS,
        SEPARATION_ARCSEC,
        key="separation",
        format_func="{:.0f}″".format,
        help=words.data.DUPLICATES_HELP,
    )
    groups = duplicates_of(overview.path, separation)
    if not overview.has_position.all():
        st.caption(fill(words.data.COPIES, file=shlex.quote(str(overview.path))))
    if not groups:
        st.caption(fill(words.data.DUPLICATES_NONE, separation=separation))
        return
    n_different = sum(group.has_several_labels for group in groups)
    st.markdown(
        fill(words.data.DUPLICATES, n=len(groups), separation=separation, n_different=n_different),
        help=words.data.DUPLICATES_HELP,
    )
    st.dataframe(
        [_row(group) for group in groups[:N_LISTED]],
        hide_index=True,
        height=330,
        key="duplicates",
        alt="Groups of neighbouring galaxies with their classes and places.",
    )


def _points(overview: Overview, label: int) -> dict[str, Any]:
    rows = overview.has_position & (overview.labels == label)
    colours = look.series()
    return {
        "type": "scattergl" if len(overview.labels) > 2000 else "scatter",
        "mode": "markers",
        "name": overview.classes[label],
        "x": overview.ra[rows].tolist(),
        "y": overview.dec[rows].tolist(),
        "marker": {
            "size": 4 if len(overview.labels) > 2000 else 6,
            "opacity": 0.7,
            "color": colours[label % len(colours)],
            "symbol": "circle" if label < len(colours) else "diamond",
        },
        "hovertemplate": f"{overview.classes[label]}<br>RA %{{x:.3f}}°, Dec %{{y:.3f}}°<extra></extra>",
    }


def _row(group: SkyGroup) -> dict[str, Any]:
    return {
        "galaxies": ", ".join(map(str, group.rows)),
        "classes": ", ".join(dict.fromkeys(group.classes)),
        "RA (°)": round(group.ra, 4),
        "Dec (°)": round(group.dec, 4),
    }

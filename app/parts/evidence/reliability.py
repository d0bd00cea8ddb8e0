"""The reliability diagram of one run: how often it is right over how sure it is, as given and calibrated."""

from typing import TYPE_CHECKING, Any

import streamlit as st
import words.calibration
from foreign import Markdown, fill, label

from parts import look

if TYPE_CHECKING:
    from galaxy_core.results.calibrated import Calibrated, Confidence


def show_diagram(one: "Calibrated") -> None:
    """The diagram, and in a sentence what is to be read from it."""
    calibrated, as_given = look.series()[:2]
    data = [
        _perfect(),
        _points(one.before, words.calibration.GIVEN, as_given),
        _points(one.after, words.calibration.CALIBRATED, calibrated),
    ]
    axis = {"range": [0, 1], "tickformat": ".0%", "dtick": 0.2}
    layout = look.layout(
        430,
        xaxis={"title": {"text": "how sure the network is"}, **axis},
        yaxis={"title": {"text": "how often it is right"}, **axis},
    )
    look.chart({"data": data, "layout": layout}, alt=_in_words(one), key="reliability_diagram")
    st.markdown(_verdict(one))
    st.caption(words.calibration.DIAGRAM_NOTE)


def _points(confidence: "Confidence", name: str, colour: str) -> dict[str, Any]:
    bins = confidence.bins
    bars = {
        "array": [one.high - one.accuracy for one in bins],
        "arrayminus": [one.accuracy - one.low for one in bins],
    }
    return {
        "name": name,
        "x": [one.confidence for one in bins],
        "y": [one.accuracy for one in bins],
        "error_y": {"type": "data", **bars, "thickness": 1, "width": 3},
        "text": [f"{one.n} galaxies" for one in bins],
        "hovertemplate": f"{label(name)}: sure %{{x:.0%}}, right %{{y:.0%}} (%{{text}})<extra></extra>",
        "mode": "lines+markers",
        "line": {"color": colour, "width": 2},
        "marker": {"size": 7, "color": colour},
    }


def _perfect() -> dict[str, Any]:
    return {
        "name": words.calibration.PERFECT,
        "x": [0, 1],
        "y": [0, 1],
        "mode": "lines",
        "line": {"color": look.ink(0.6), "width": 1.2, "dash": "dash"},
        "hoverinfo": "skip",
    }


def _in_words(one: "Calibrated") -> str:
    kinds = {words.calibration.GIVEN: one.before, words.calibration.CALIBRATED: one.after}
    series = "; ".join(
        f"{name}: " + ", ".join(f"{each.confidence:.2f} {each.accuracy:.2f}" for each in confidence.bins)
        for name, confidence in kinds.items()
    )
    return words.calibration.DIAGRAM_IN_WORDS.format(name=one.row.run, series=series)


def _verdict(one: "Calibrated") -> Markdown:
    return fill(
        words.calibration.VERDICT,
        name=one.row.run,
        temperature=one.temperature,
        **_said(one.before, "given", one.n_test),
        **_said(one.after, "after", one.n_test),
    )


def _said(confidence: "Confidence", when: str, n_test: int) -> dict[str, Any]:
    is_more = confidence.is_beyond_chance
    against = words.calibration.BEYOND_CHANCE if is_more else words.calibration.WITHIN_CHANCE
    return {
        when: confidence.error,
        f"{when}_low": confidence.low,
        f"{when}_high": confidence.high,
        f"{when}_against": fill(against, n_test=n_test),
    }

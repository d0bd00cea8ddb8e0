"""What a source promised, as a figure, two tables and files: each depth, and how well the scores rank it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
import words.before
from catalogue import Entry, Fingerprint, fingerprint
from foreign import fill, label, plain, told

from galaxy_core.studies.sources.forecast import DepthScore, Forecast
from parts import look

Record = Mapping[str, Any]
Ranks = Mapping[str, Mapping[str, Any]]

_DEPTHS = {
    "percent": st.column_config.NumberColumn("below the cut", format="%d %%"),
    "layer": st.column_config.TextColumn("features after"),
    "neighbours": st.column_config.NumberColumn(
        "5 neighbours", format="percent", help=words.before.NEIGHBOURS_HELP
    ),
    "neighbours_range": st.column_config.TextColumn("95 % interval"),
    "probe": st.column_config.NumberColumn("linear probe", format="percent", help=words.before.PROBE_HELP),
    "probe_range": st.column_config.TextColumn("95 % interval "),
    "log_me": st.column_config.NumberColumn("LogME", format="%.3f", help=words.before.LOG_ME_HELP),
    "h_score": st.column_config.NumberColumn("H-score", format="%.2f", help=words.before.H_SCORE_HELP),
    "measured": st.column_config.NumberColumn(
        "measured after training", format="percent", help=words.before.MEASURED_HELP
    ),
}
_RANKS = {
    "score": st.column_config.TextColumn("score"),
    "tau": st.column_config.NumberColumn("tau", format="%.2f", help=words.before.TAU_HELP),
    "range": st.column_config.TextColumn("95 % range", help=words.before.RANGE_HELP),
    "p": st.column_config.NumberColumn("p", format="%.2f", help=words.before.P_HELP),
    "n": st.column_config.NumberColumn("rows"),
}


def show_forecast(record: Record, entries: Sequence[Entry]) -> None:
    """The scores of a kept record beside the measured accuracies of `entries`, and the order of both."""
    from galaxy_core.studies.sources.forecast import measured_accuracies
    from galaxy_core.studies.sources.forecast_record import forecast_of
    from galaxy_core.studies.sources.ranking import undertrained_in_words

    found = forecast_of(record)
    measured = measured_accuracies([entry.run for entry in entries])
    look.chart(_figure(found, entries), alt=_in_words(found, measured), key="forecast")
    sizes = {"n_train": found.n_train, "n_test": found.n_test}
    seen = {name: record.get(name) for name in ("source", "crop", "image_size")}
    st.caption(fill(words.before.SHOWN, data=entries[0].data().get("file"), **seen, **sizes))
    st.dataframe(
        [_cells(one, measured) for one in found.depths],
        column_config=_DEPTHS,
        column_order=list(_DEPTHS),
        hide_index=True,
        key="forecast_depths",
        alt=words.before.TABLE_ALT,
    )
    st.caption(words.before.NO_LEEP if found.leep is None else fill(words.before.LEEP, leep=found.leep))
    ranks = _ranks(fingerprint(entries), found, entries)
    _show_ranks(ranks)
    undertrained = undertrained_in_words(found.depths, [entry.run for entry in entries])
    if undertrained:
        st.warning(told(undertrained), icon=":material/hourglass_top:")
    _offer_files(record, found, measured, ranks)


@st.cache_data(max_entries=32, show_spinner=False)
def _ranks(runs: Fingerprint, found: Forecast, _entries: Sequence[Entry]) -> Ranks:
    from galaxy_core.studies.sources.ranking import ranked

    return ranked(found.depths, [entry.run for entry in _entries])


def _show_ranks(ranks: Ranks) -> None:
    from galaxy_core.studies.sources.ranking import NAMES, ranking_in_words

    st.markdown(f"**{words.before.RANK_TITLE}**")
    st.markdown(told(ranking_in_words(ranks)))
    st.dataframe(
        [{"score": NAMES[name], **rank, "range": _range(rank)} for name, rank in ranks.items()],
        column_config=_RANKS,
        column_order=list(_RANKS),
        hide_index=True,
        key="forecast_ranks",
        alt=words.before.RANK_ALT,
    )
    st.caption(words.before.RANK_NOTE)


def _range(rank: Mapping[str, Any]) -> str:
    return "" if rank["low"] is None else f"{rank['low']:+.2f} to {rank['high']:+.2f}"


def _offer_files(record: Record, found: Forecast, measured: Mapping[int, float], ranks: Ranks) -> None:
    from galaxy_core.studies.sources.forecast_record import forecast_csv

    name = str(record.get("source"))
    with st.container(horizontal=True):
        look.offer_csv("forecast.csv", lambda: forecast_csv(found, measured), name)
        st.download_button(
            "forecast.json",
            lambda: json.dumps({**record, "kendall": ranks}, indent=1, allow_nan=False),
            plain(f"{name}-forecast.json"),
            "application/json",
            icon=":material/download:",
            on_click="ignore",
            key="forecast.json_file",
        )


def _cells(one: DepthScore, measured: Mapping[int, float]) -> dict[str, Any]:
    percent = round(100 * one.cut)
    return {
        **vars(one),
        "percent": percent,
        "neighbours_range": f"{one.neighbours_low:.1%} – {one.neighbours_high:.1%}",
        "probe_range": f"{one.probe_low:.1%} – {one.probe_high:.1%}",
        "measured": measured.get(percent),
    }


def _figure(found: Forecast, entries: Sequence[Entry]) -> dict[str, Any]:
    """Two promises as lines, what training measured as points; all over the share taken over."""
    green, grey = look.series()[2], look.series()[4]
    layout = look.layout(
        340,
        xaxis={"title": {"text": "layers below the cut (%)"}, "range": [-5, 105], "dtick": 20},
        yaxis={"title": {"text": "accuracy on test galaxies"}, "range": [0, 1], "tickformat": ".0%"},
    )
    lines = [
        _line(found, "probe", "linear probe on frozen features", look.series()[0], "solid"),
        _line(found, "neighbours", "5 neighbours on frozen features", green, "dash"),
    ]
    return {"data": [*lines, _points(entries, grey)], "layout": layout}


def _line(found: Forecast, score: str, name: str, colour: str, dash: str) -> dict[str, Any]:
    depths = found.depths
    values = [getattr(one, score) for one in depths]
    return {
        "name": name,
        "x": [100 * one.cut for one in depths],
        "y": values,
        "error_y": {
            "type": "data",
            "array": [getattr(one, f"{score}_high") - getattr(one, score) for one in depths],
            "arrayminus": [getattr(one, score) - getattr(one, f"{score}_low") for one in depths],
            "thickness": 1.2,
            "width": 4,
        },
        "text": [one.layer for one in depths],
        "mode": "lines+markers",
        "line": {"color": colour, "width": 2, "dash": dash},
        "hovertemplate": f"{label(name)}, after %{{text}}: %{{y:.1%}}<extra></extra>",
    }


def _points(entries: Sequence[Entry], colour: str) -> dict[str, Any]:
    tested = [entry.row for entry in entries if entry.row.test_accuracy is not None]
    return {
        "name": "measured after training",
        "x": [row.imagenet_percent for row in tested],
        "y": [row.test_accuracy for row in tested],
        "error_y": {
            "type": "data",
            "array": [(row.test_high or row.test_accuracy) - row.test_accuracy for row in tested],
            "arrayminus": [row.test_accuracy - (row.test_low or row.test_accuracy) for row in tested],
            "thickness": 1.2,
            "width": 4,
        },
        "text": [row.run for row in tested],
        "mode": "markers",
        "marker": {"color": colour, "size": 10, "symbol": "diamond-open"},
        "hovertemplate": "%{text}: %{y:.1%}<extra></extra>",
    }


def _in_words(found: Forecast, measured: Mapping[int, float]) -> str:
    said = []
    for one in found.depths:
        percent = round(100 * one.cut)
        trained = f", measured {measured[percent]:.2f}" if percent in measured else ""
        said.append(f"{percent} %: neighbours {one.neighbours:.2f}, probe {one.probe:.2f}{trained}")
    return f"Accuracy promised by frozen features at each depth. {'; '.join(said)}."

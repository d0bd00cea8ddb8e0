"""What several networks say of images: ten probabilities each, how far they agree, all answers as a file."""

from collections.abc import Sequence
from typing import Any

import streamlit as st
import words.images
import words.predict
from catalogue import Entry
from state import probabilities_of

from galaxy_core.data.published import CLASS_NAMES
from parts import look
from parts.given import Given
from parts.run_choice import short_names
from parts.seen import Seen


def show_all(given: Given, entries: Sequence[Entry]) -> None:
    """A table of all answers where there are several images."""
    if len(given.names) < 2:
        return
    shares = probabilities_of(entries, given.images)
    st.subheader(words.predict.EVERYTHING, anchor=False)
    rows = [
        _row(name, {run: of_run[i] for run, of_run in shares.items()}, entries)
        for i, name in enumerate(given.names)
    ]
    st.dataframe(rows, hide_index=True, key="all", alt="The answer of every network on every image.")


def offer_answers(given: Given, entries: Sequence[Entry]) -> None:
    """All answers as a file."""
    from galaxy_core.evaluation.answers import answers_csv

    csv = answers_csv(given.files, probabilities_of(entries, given.images))
    st.download_button(
        "predictions.csv",
        csv,
        "predictions.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def show_answers(seen: Seen) -> None:
    """Ten probabilities from each network, and whether they agree."""
    from galaxy_core.evaluation.consensus import consensus

    st.subheader(words.predict.ANSWERS_TITLE, anchor=False)
    together = consensus(list(seen.shares.values()))
    votes = words.predict.VOTES.format(
        n_votes=together.n_votes,
        n_networks=together.n_networks,
        name=CLASS_NAMES[together.answer],
        bits=together.bits,
    )
    st.markdown(votes, help=words.predict.VOTES_HELP.format(most=together.most_bits))
    st.caption(words.images.UPLOAD_NOT_GALAXY)
    look.chart(_probability_table(seen), alt=_in_words(seen), key="probabilities")


def _row(name: str, shares: dict[str, Any], entries: Sequence[Entry]) -> dict[str, Any]:
    from galaxy_core.evaluation.consensus import consensus

    together = consensus(list(shares.values()))
    short = short_names(entries)
    said = {short[run]: f"{CLASS_NAMES[int(s.argmax())]}, {s.max():.0%}" for run, s in shares.items()}
    votes = f"{CLASS_NAMES[together.answer]} ({together.n_votes} of {together.n_networks})"
    return {"image": name, "together": votes, **said}


def _probability_table(seen: Seen) -> dict[str, Any]:
    """Classes down, networks across; the darker, the surer."""
    rows = [[float(seen.shares[run][c]) for run in seen.short] for c in range(len(CLASS_NAMES))]
    table = {
        "type": "heatmap",
        "x": list(seen.short.values()),
        "y": list(CLASS_NAMES),
        "z": rows,
        "text": [[f"{share:.0%}" for share in row] for row in rows],
        "texttemplate": "%{text}",
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, "rgba(47, 119, 176, 0.05)"], [1, "rgba(47, 119, 176, 0.65)"]],
        "textfont": {"color": look.ink(), "size": 14},
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
        "hovertemplate": "%{x} says %{y}: %{z:.1%}<extra></extra>",
    }
    layout = look.layout(
        400,
        xaxis={"side": "top", "type": "category", "fixedrange": True, "tickfont": {"size": 14}},
        yaxis={"autorange": "reversed", "showgrid": False, "automargin": True, "tickfont": {"size": 14}},
    )
    return {"data": [table], "layout": layout}


def _in_words(seen: Seen) -> str:
    said = [
        f"{text}: {CLASS_NAMES[seen.answer(run)]} {seen.shares[run].max():.0%}"
        for run, text in seen.short.items()
    ]
    return f"Ten probabilities from each network; the largest of each: {'; '.join(said)}."

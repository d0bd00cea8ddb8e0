"""What several networks say of images: probabilities of their classes, how far they agree, all answers as a file."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
import words.images
import words.predict
from catalogue import Entry
from foreign import fill, joined

from galaxy_core.data.classes import Classes
from galaxy_core.numerals import percent
from parts import look
from parts.own_images import is_unlike
from parts.predict.given import Given
from parts.run_choice import short_names
from parts.seen import Seen

if TYPE_CHECKING:
    from galaxy_core.prediction.trust import TrustedAnswer

    Answers = Mapping[str, Sequence[TrustedAnswer]]
    """By run, for the calibrated ones, what may be said of each image."""

Shares = Mapping[str, np.ndarray]
"""By run, the probabilities of its classes for each image (N, C)."""


def show_all(given: Given, entries: Sequence[Entry], shares: Shares, trusted: "Answers") -> None:
    """A table of all answers where there are several images."""
    if len(given.names) < 2:
        return
    st.header(words.predict.EVERYTHING, anchor=False)
    short = short_names(entries)
    classes = {short[entry.name]: entry.classes for entry in entries}
    rows = []
    for i, name in enumerate(given.names):
        doubted = {short[run] for run in _doubted(given.images[i], shares, trusted, i)}
        said = _row(name, {short[run]: of_run[i] for run, of_run in shares.items()}, classes, doubted)
        cells = _trusted_cells({short[run]: of_run[i] for run, of_run in trusted.items()}, doubted)
        rows.append({**said, **cells})
    st.dataframe(
        rows,
        column_config={
            words.predict.STRANGE_COLUMN.format(name=short[run]): st.column_config.NumberColumn(
                format="%.1f %%", help=words.predict.STRANGE_HELP
            )
            for run in trusted
        },
        hide_index=True,
        key="all",
        alt="The answer of every network on every image.",
    )


def offer_answers(given: Given, entries: Sequence[Entry], shares: Shares, trusted: "Answers") -> None:
    """All answers as a file; with set and strangeness where a network is calibrated."""
    from galaxy_core.prediction.answers import answers_csv
    from galaxy_core.prediction.trust import with_trust

    csv = answers_csv(given.files, shares, {entry.name: entry.classes for entry in entries})
    st.download_button(
        "predictions.csv",
        with_trust(csv, trusted) if trusted else csv,
        "predictions.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def show_answers(seen: Seen, key: str = "") -> None:
    """Probabilities from each network, and whether they agree; those that are doubted behind a lid.

    `key` tells the networks of other classes from the first.
    """
    believed = {seen.short[run]: shares for run, shares in seen.believed.items()}
    doubted = {seen.short[run]: seen.shares[run] for run in seen.short if run in seen.doubted}
    if believed:
        _say_votes(seen.classes, list(believed.values()))
        st.caption(words.images.UPLOAD_NOT_GALAXY)
        look.chart(
            probability_table(seen.classes, believed),
            alt=_in_words(seen.classes, believed),
            key=f"probabilities{key}",
        )
    if doubted:
        sentence = words.predict.NOT_COUNTED if believed else words.predict.NOT_BELIEVED
        st.markdown(fill(sentence, names=joined(", ", doubted)))
        with st.expander(words.predict.DOUBTED_LABEL):
            look.chart(
                probability_table(seen.classes, doubted),
                alt=f"{words.predict.DOUBTED_LABEL}. {_in_words(seen.classes, doubted)}",
                key=f"doubted{key}",
            )


def _say_votes(classes: Classes, shares: Sequence[np.ndarray]) -> None:
    from galaxy_core.metrics.consensus import consensus

    together = consensus(shares)
    name = classes[together.answer]
    if together.n_networks == 1:
        st.markdown(fill(words.predict.ONE_VOTE, name=name))
    else:
        st.markdown(
            fill(
                words.predict.VOTES,
                n_votes=together.n_votes,
                n_networks=together.n_networks,
                name=name,
                bits=together.bits,
            ),
            help=fill(words.predict.VOTES_HELP, most=together.most_bits),
        )


def probability_table(classes: Classes, shares: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Classes down, networks (by the name they have on the page) across; the darker, the surer."""
    rows = [[float(of_network[c]) for of_network in shares.values()] for c in range(len(classes))]
    table = {
        "type": "heatmap",
        "x": list(shares),
        "y": list(classes),
        "z": rows,
        "text": [[percent(share) for share in row] for row in rows],
        "texttemplate": "%{text}",
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, "rgba(47, 119, 176, 0.05)"], [1, "rgba(47, 119, 176, 0.65)"]],
        "textfont": {"color": look.ink(), "size": 14},
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
        "hovertemplate": "%{x} says %{y}: %{text}<extra></extra>",
    }
    layout = look.layout(
        max(400, 110 + 24 * len(classes)) if len(classes) > 10 else 110 + 29 * len(classes),
        xaxis={"side": "top", "type": "category", "fixedrange": True, "tickfont": {"size": 14}},
        yaxis={"autorange": "reversed", "showgrid": False, "automargin": True, "tickfont": {"size": 14}},
    )
    return {"data": [table], "layout": layout}


def _row(
    image: str, shares: Mapping[str, np.ndarray], classes: Mapping[str, Classes], doubted: Collection[str]
) -> dict[str, Any]:
    """One image: what the networks, by their short names, say together, and what each says; less of the doubted."""
    from galaxy_core.metrics.consensus import consensus

    believed = [of_network for name, of_network in shares.items() if name not in doubted]
    votes = words.predict.DOUBTED
    if len(set(classes.values())) > 1:
        votes = words.predict.NOT_TOGETHER
    elif believed:
        together, named = consensus(believed), next(iter(classes.values()))
        votes = f"{named[together.answer]} ({together.n_votes} of {together.n_networks})"
    said = {name: _said(classes[name], of_network, name in doubted) for name, of_network in shares.items()}
    return {"image": image, "together": votes, **said}


def _said(classes: Classes, shares: np.ndarray, is_doubted: bool) -> str:
    name = classes[int(shares.argmax())]
    return f"{words.predict.DOUBTED} ({name})" if is_doubted else f"{name}, {percent(shares.max())}"


def _doubted(image: np.ndarray, shares: Shares, trusted: "Answers", number: int) -> list[str]:
    """The runs whose answer on this image is not to be believed: all, or those that it is strange to."""
    if is_unlike(image):
        return list(shares)
    return [run for run in shares if run in trusted and trusted[run][number].is_strange]


def _trusted_cells(answers: "Mapping[str, TrustedAnswer]", doubted: Collection[str]) -> dict[str, Any]:
    """The set and the strangeness of each calibrated network, behind the answers of all."""
    cells: dict[str, Any] = {}
    for name, answer in answers.items():
        cells[words.predict.SET_COLUMN.format(name=name)] = (
            words.predict.DOUBTED if name in doubted else answer.classes
        )
        cells[words.predict.STRANGE_COLUMN.format(name=name)] = 100 * answer.as_strange
    return cells


def _in_words(classes: Classes, shares: Shares) -> str:
    said = [f"{name}: {classes[int(s.argmax())]} {percent(s.max())}" for name, s in shares.items()]
    return f"Probabilities from each network; the largest of each: {'; '.join(said)}."

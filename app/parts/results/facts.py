"""The chosen run in a few numbers, and the galaxies it learned from."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
import words.facts
import words.results
from catalogue import Entry
from foreign import fill, quoted, told

from galaxy_core.networks.cut import cut_at
from galaxy_core.networks.policy import get_policy, taken_in_words, taken_percent
from galaxy_core.numerals import percent
from galaxy_core.results.provenance import KINDS, mixture
from galaxy_core.results.table import TableRow
from galaxy_core.runs.run import list_runs
from galaxy_core.transfer.source import IMAGENET


def show_facts(entry: Entry, folds: TableRow | None = None) -> None:
    """Accuracy with its interval, the cut in the paper's words and in ours, what is learned.

    Where the row was tested in `folds`, what all of them say comes first.
    """
    cut, policy = cut_at(entry.config.network, entry.config.cut), get_policy(entry.row.policy)
    widths = [1.15, 0.9, 1.15, 2.1, 1.2]
    *first, accuracy, taken_over, trainable, boundary, learned = st.columns(
        [1.15, *widths] if folds else widths
    )
    if folds:
        _accuracy(first[0], "Accuracy in folds", folds, words.results.IN_FOLDS_HELP)
    _accuracy(
        accuracy, "On its test part" if folds else "Test accuracy", entry.row, words.results.ACCURACY_HELP
    )
    taken = taken_percent(policy, entry.percent)
    taken_over.metric(
        "Taken over", f"{taken:d} %", help=fill(words.results.TAKEN_HELP, source=source_in_words(entry))
    )
    trainable.metric(
        "Trainable fraction" if policy.freezes else "Above the cut",
        f"{entry.row.trainable_percent:d} %",
        help=fill(words.results.TRAINABLE_HELP, reading=policy.reading),
    )
    boundary.metric("Boundary layer", quoted(cut.boundary), help=words.results.BOUNDARY_HELP)
    n_learned = cut.n_trainable_parameters(len(entry.classes))
    learned.metric("Parameters above", f"{n_learned:,}", help=words.results.LEARNED_HELP)
    said = f"**{quoted(entry.row.policy)}**: {told(policy.sentence)} Known as: {told(policy.known_as)}."
    if taken:
        here = told(taken_in_words(policy, entry.percent))
        said += f" Here: {here}, from {quoted(source_in_words(entry))}."
    st.caption(said)


def source_in_words(entry: Entry) -> str:
    """Whose layers were taken over, with the number of classes that it told apart where that is known here."""
    if entry.row.source == IMAGENET:
        return "ImageNet: 1,000 classes"
    source = next((run for run in list_runs() if run.name == entry.row.source), None)
    n_classes = len(source.card().get("classes") or ()) if source and source.is_whole else 0
    return f"{entry.row.source}: {n_classes} classes" if n_classes else entry.row.source


def show_data(entry: Entry) -> None:
    """How many galaxies of which kind the run was trained and tested on, where the eye falls."""
    data = entry.data()
    if not data:
        st.badge(
            f"{quoted(entry.name)}: {words.results.STATES[entry.status.state]}",
            icon=":material/hourglass_top:",
            color="orange",
        )
        return
    is_real = data.get("origin") != "mock"
    st.badge(
        told(galaxies_in_words(data)),
        icon=":material/flare:" if is_real else ":material/draw:",
        color="green" if is_real else "orange",
    )


def galaxies_in_words(data: Mapping[str, object]) -> str:
    """What a card says of the galaxies: how many, real or mock, how many mock ones were added, on how many tested."""
    origin, n_train, n_test = str(data.get("origin")), data.get("n_train"), data.get("n_test")
    n_mocks = data.get("n_train_mock", 0)
    if not (isinstance(n_train, int) and isinstance(n_test, int) and isinstance(n_mocks, int)):
        return words.results.TRAINED_ELSEWHERE
    others = words.facts.OTHERS
    if n_mocks and origin in KINDS:
        others = words.facts.OTHERS_OF_KIND.format(kind=KINDS[origin])
    return words.facts.TRAINED_ON.format(
        mixture=mixture(origin, n_train, n_mocks), n_test=n_test, others=others
    )


def _accuracy(place: Any, label: str, row: TableRow, explanation: str) -> None:
    interval: dict[str, object] = {}
    if row.test_low is not None and row.test_high is not None:
        ends = f"{percent(row.test_low, 1)} to {percent(row.test_high, 1)}"
        interval = {"delta": ends, "delta_color": "off", "delta_arrow": "off"}
    place.metric(label, percent(row.test_accuracy, 1), help=explanation, **interval)

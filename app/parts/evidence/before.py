"""Cheap answers before training: what a source promised, kept beside it or measured here when somebody asks."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
import words.before
import words.waiting
from catalogue import Entry, is_no_sweep
from foreign import fill
from places import data_of
from state import is_imagenet_here

from galaxy_core.errors import BadValueError
from galaxy_core.networks.backbone import Backbone
from galaxy_core.results.table import NO_SOURCE
from galaxy_core.runs.run import list_runs
from galaxy_core.transfer.source import IMAGENET
from parts import waiting
from parts.shield import plain_errors
from parts.waiting import Step

Record = Mapping[str, Any]

CHOSEN = "before_source"


@dataclass(frozen=True)
class Asked:
    """A source, the runs of one policy that stand in its row, and the one whose galaxies and view are used."""

    source: str
    entries: tuple[Entry, ...]
    first: Entry

    @property
    def weights_sha256(self) -> str:
        """Of the source's weights, as the run remembers them; empty where it does not."""
        source = self.first.run.card().get("source")
        return str(source.get("sha256") or "") if isinstance(source, dict) else ""

    @property
    def data_sha256(self) -> str:
        """Of the galaxies the run learned from."""
        return str(self.first.data().get("sha256"))

    @property
    def view(self) -> tuple[int, int]:
        """Crop and size in pixels, as the run sees galaxies."""
        return self.first.config.crop, self.first.config.image_size

    @property
    def split_hash(self) -> str:
        """Of the split of the run, on which the scores are made."""
        return str(self.first.run.card().get("split_hash") or "")

    @property
    def seed(self) -> int:
        """That of the split, as on the command line."""
        return self.first.config.split_seed

    @property
    def key(self) -> waiting.Key:
        """What the scores depend on."""
        marks = (self.source, self.weights_sha256, self.data_sha256, self.split_hash)
        return "forecast", *marks, self.seed, *self.view


def show_before(entries: Sequence[Entry]) -> None:
    """The scores if they are kept, else how to get them; and how well each ranks the chosen runs."""
    st.subheader(words.before.TITLE, anchor=False)
    st.markdown(words.before.LEAD)
    asked = _choose(entries)
    if asked is None:
        st.info(words.before.NO_SOURCE, icon=":material/info:")
        return
    with plain_errors():
        record = _known(asked) or _ask(asked)
        if record is not None:
            from parts.evidence.before_shown import show_forecast

            show_forecast(record, asked.entries)


def _choose(entries: Sequence[Entry]) -> Asked | None:
    """One source; where the runs have several, the reader's choice."""
    whole = [entry for entry in entries if entry.run.is_whole and entry.data().get("sha256")]
    sources = list(dict.fromkeys(entry.source for entry in whole if entry.source != NO_SOURCE))
    if not sources:
        return None
    source = sources[0]
    if len(sources) > 1:
        if st.session_state.get(CHOSEN) not in sources:
            st.session_state.pop(CHOSEN, None)
        source = st.selectbox(
            words.before.SOURCE, sources, key=CHOSEN, bind="query-params", width=260,
            help=words.before.SOURCE_HELP,
        )  # fmt: skip
    first = next(entry for entry in whole if entry.source == source)
    return Asked(source, tuple(entry for entry in whole if _is_beside(entry, first)), first)


def _is_beside(entry: Entry, first: Entry) -> bool:
    """Whether it stands in the row of the other: its policy, its source or none, the same galaxies."""
    is_same_data = entry.data().get("sha256") == first.data().get("sha256")
    return is_same_data and entry.row.policy == first.row.policy and entry.source in (first.source, NO_SOURCE)


def _known(asked: Asked) -> Record | None:
    """From the folder of the source, or worked out here before."""
    from galaxy_core.studies.sources.forecast_record import kept_forecast

    marks = (asked.weights_sha256, asked.data_sha256, asked.split_hash)
    kept = kept_forecast(asked.source, *marks, asked.view, seed=asked.seed)
    return kept or waiting.known(asked.key)


def _ask(asked: Asked) -> Record | None:
    """How to get the scores; and, once the reader wants them, the scores in its place."""
    from galaxy_core.studies.sources.forecast_record import keep_forecast

    place = st.empty()
    with place.container():
        record = _offer(asked)
    if record is not None:
        place.empty()
        # what cannot be kept is shown all the same
        with plain_errors():
            keep_forecast(record)
    return record


def _offer(asked: Asked) -> Record | None:
    """The command, and the button that does the same, or why it cannot be done here."""
    st.markdown(fill(words.before.NOT_MEASURED, source=asked.source))
    path = data_of(asked.first)
    file = str(path or asked.first.data().get("file"))
    st.code(_command(asked, file), language="bash")
    if path is None:
        st.caption(fill(words.before.NO_GALAXIES, file=file))
    elif not _is_here(asked.source, asked.first.config.network):
        st.caption(fill(words.before.NO_WEIGHTS, source=asked.source))
    elif st.button(words.before.MEASURE, icon=":material/speed:", key="measure_forecast"):
        return waiting.work(asked.key, lambda step: _measured(asked, path, step))
    return None


def _command(asked: Asked, file: str) -> str:
    """The same on the command line, against the sweeps of the runs, or against the runs that are in none."""
    names = dict.fromkeys(entry.name if is_no_sweep(entry.sweep) else entry.sweep for entry in asked.entries)
    against = [word for name in names for word in ("--against", name)]
    seed = ["--seed", str(asked.seed)] if asked.seed else []
    return shlex.join(
        ["galaxy", "transferability", "--source", asked.source, "--data", file, *against, *seed]
    )


def _is_here(source: str, network: Backbone) -> bool:
    """Whether its weights can be had without fetching anything."""
    if source == IMAGENET:
        return is_imagenet_here(network)
    return any(run.name == source and run.is_whole for run in list_runs())


def _measured(asked: Asked, path: Path, step: Step) -> Record:
    from galaxy_core.data.galaxy10 import open_galaxies
    from galaxy_core.studies.sources.forecast_record import measured_forecast
    from galaxy_core.transfer.source import load_source

    source = load_source(asked.source, asked.first.config.network)
    if source is None or asked.weights_sha256 not in ("", source.sha256):
        raise BadValueError(words.before.OTHER_WEIGHTS.format(source=asked.source, run=asked.first.name))
    galaxies = open_galaxies(path, progress=step(words.waiting.OPENING))
    split = asked.first.run.split()
    looking, scoring = step(words.before.LOOKING), step(words.before.SCORING)
    return measured_forecast(
        source, galaxies, split, asked.view, seed=asked.seed, progress=looking, scored=scoring
    )

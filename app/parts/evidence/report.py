"""The report of the chosen runs: made when it is asked for, and never before; then a file to take home."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import streamlit as st
import words.evidence
import words.waiting
from catalogue import Entry, Fingerprint, fingerprint
from foreign import fill, plain
from samples import common_data
from state import loaded
from streamlit.delta_generator import DeltaGenerator

from galaxy_core.errors import BadFileError, GalaxyError, one_line
from galaxy_core.maps.heat_scale import THIS_MAP
from parts import waiting
from parts.paint import choose_scale
from parts.shield import plain_errors

if TYPE_CHECKING:
    from galaxy_core.data.galaxy10 import Galaxies
    from galaxy_core.runs.run import Run
    from galaxy_core.serving.lineup import Lineup
    from galaxy_core.studies.shown import OpenLineup

KEPT = "report_made"


@dataclass(frozen=True)
class Report:
    """The file, which runs and which scale of heat it is of, and a sentence for each that is not in it."""

    key: tuple[Fingerprint, str]
    html: bytes
    left_out: tuple[str, ...]


@st.fragment
def offer_report(entries: Sequence[Entry]) -> None:
    """A button that makes it, and once that is done one that hands it over; nothing else is drawn anew."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        is_wanted = st.button(
            words.evidence.REPORT,
            key="make_report",
            icon=":material/description:",
            help=words.evidence.REPORT_HELP,
        )
        scale = choose_scale(THIS_MAP)
        if is_wanted:
            with plain_errors():
                st.session_state[KEPT] = _make(entries, scale)
        report = st.session_state.get(KEPT)
        if report is not None and report.key == (fingerprint(entries), scale):
            _hand_over(report, entries[0].sweep)


def _hand_over(report: Report, sweep: str) -> None:
    st.download_button(
        "report.html", report.html, plain(f"{sweep}-report.html"), "text/html", icon=":material/download:",
        on_click="ignore", key="report_file",
    )  # fmt: skip
    if report.left_out:
        st.caption(fill(words.evidence.REPORT_LEFT_OUT, sentences=" ".join(report.left_out)))


def _make(entries: Sequence[Entry], scale: str) -> Report:
    from galaxy_core.report.document import write_report

    bar = st.progress(0.0, words.waiting.TURN)
    try:
        with waiting.turn(), TemporaryDirectory() as folder:
            galaxies = _galaxies(entries, bar)
            bar.progress(0.0, words.evidence.REPORT_TABLES)
            path = Path(folder) / "report.html"
            runs = [entry.run for entry in entries]
            lineup_of = _told_on(bar, entries)
            written = write_report(runs, path, galaxies, lineup_of=lineup_of, heat_scale=scale)
            return Report((fingerprint(entries), scale), path.read_bytes(), written.left_out)
    finally:
        bar.empty()


def _galaxies(entries: Sequence[Entry], bar: DeltaGenerator) -> "Galaxies | str":
    """Those the runs were tested on, or the sentence that says why there are none."""
    from galaxy_core.data.galaxy10 import open_galaxies

    path = common_data(entries)
    if path is None:
        return words.evidence.REPORT_WITHOUT

    def tell(done: int, total: int) -> None:
        bar.progress(min(1.0, done / total), words.evidence.REPORT_READING)

    try:
        return open_galaxies(path, progress=tell)
    except GalaxyError as error:
        return words.evidence.REPORT_UNREADABLE.format(reason=one_line(error))


def _told_on(bar: DeltaGenerator, entries: Sequence[Entry]) -> "OpenLineup":
    """Opens the networks that this server has loaded already where it can, and says on the bar how many look."""
    by_name = {entry.name: entry for entry in entries}
    seen: list[str] = []

    def open_them(runs: "Sequence[Run]") -> "Lineup":
        seen.extend(run.name for run in runs)
        text = fill(words.evidence.REPORT_LOOKING, n=len(seen), n_networks=len(entries))
        bar.progress(min(1.0, len(seen) / len(entries)), text)
        one = loaded([by_name[run.name] for run in runs])
        if one.refused:
            raise BadFileError(one.refused[0])
        return one.lineup

    return open_them

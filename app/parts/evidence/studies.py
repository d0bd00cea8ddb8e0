"""Studies on a page: those that run folders answer at once, what was kept of the others, and a button that measures
what is missing in a process of its own.

One at a time on this computer, whoever asks. The page only reads files afterwards: a click, a reload or a second window
changes nothing of it.
"""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
import words.studies
from catalogue import Entry, Fingerprint, fingerprint, is_no_sweep, read_catalogue
from foreign import fill, joined, plain, told
from samples import common_data

from galaxy_core.runs.launch import end_work, is_at_work, launch_work
from galaxy_core.runs.names import studies_folder
from galaxy_core.runs.run import LOG
from parts import look

if TYPE_CHECKING:
    from pandas import DataFrame

    from galaxy_core.runs.run import Run
    from galaxy_core.studies.study import Option, Study

MOST_RUNS = 12
"""At once: two sweeps, some 400 MB of networks."""
SECONDS_BETWEEN_LOOKS = 2
_COLUMNS = ("of", "score", "value", "low", "high")


def show_study(study: "Study", entries: Sequence[Entry]) -> None:
    """The section of one study for the finished runs of a sweep: sentence, chart, conditions, all numbers."""
    st.header(told(study.question), anchor=False)
    frame, sentences = _at_once(study, entries) if study.is_at_once else (_kept(study, entries), [])
    if frame is not None and not frame.empty:
        st.markdown(told(study.sentence(frame)))
        _draw(study, frame)
        for one in frame[frame.value.isna()].itertuples():
            st.markdown(f"- {told(one.of)}: {told(one.score)}")
    for sentence in sentences:
        st.markdown(f"- {told(sentence)}")
    if frame is not None and not frame.empty:
        bars = f"Bars: {study.bars}." if frame.low.notna().any() else ""
        st.caption(joined(" ", (study.note, bars)))
        _show_all(study, frame, entries[0].sweep)


def _at_once(study: "Study", entries: Sequence[Entry]) -> "tuple[DataFrame, list[str]]":
    """What the run folders say, with the options that the reader chose, and what must be said of them."""
    every = {entry.name: entry for entry in read_catalogue().entries if entry.run.is_finished}
    others = [entry.run for name, entry in every.items() if entry not in entries]
    shown = [every[run.name] for run in study.beside([entry.run for entry in entries], others)]
    chosen = _choose(study, [entry.run for entry in shown])
    return _measured(study.name, tuple(sorted(chosen.items())), fingerprint(shown), shown)


@st.cache_data(max_entries=32, show_spinner="Measuring …")
def _measured(
    name: str, options: "tuple[tuple[str, Option], ...]", key: Fingerprint, _entries: Sequence[Entry]
) -> "tuple[DataFrame, list[str]]":
    from galaxy_core.studies.registry import get_study

    return get_study(name).known_frame([entry.run for entry in _entries], dict(options))


def _choose(study: "Study", runs: "Sequence[Run]") -> "dict[str, Option]":
    """The options that make sense for these runs: of a text several values may be chosen, of a number one."""
    chosen: dict[str, Option] = {}
    for name, values in study.choices(runs).items():
        usual, key, label = study.options[name], f"{study.name}_{name}", words.studies.OPTIONS.get(name, name)
        if isinstance(usual, str) and values:
            chosen[name] = ",".join(map(str, st.multiselect(label, values, key=key, width=400)))
        elif len(values) > 1:
            nearest = min(values, key=lambda one: abs(int(one) - int(usual)))
            chosen[name] = st.select_slider(label, values, nearest, key=key, width=400)
    return chosen


def _kept(study: "Study", entries: Sequence[Entry]) -> "DataFrame | None":
    """What was kept of those runs that were measured; what is missing is offered to be measured."""
    assert study.kept
    if study.of_maps:
        entries = _fine_enough(entries)
    if not entries:
        return None
    kept = study.kept([(entry.run, entry.row) for entry in entries])
    missing = [entry for entry in entries if entry.name in kept.missing]
    for sentence in kept.unusable if missing or not kept.found else ():
        st.warning(told(sentence), icon=":material/warning:")
    if kept.beyond_test:
        names = ", ".join(kept.beyond_test)
        st.warning(fill(words.studies.BEYOND_TEST, names=names), icon=":material/warning:")
    if missing:
        _offer(study, entries, missing)
    return study.known_frame([entry.run for entry in entries if entry.name in kept.found])[0]


def _draw(study: "Study", frame: "DataFrame") -> None:
    """The study's own chart, or that of one score over the share taken over."""
    from galaxy_core.studies.charts import over_share
    from galaxy_core.studies.study import without_points

    single = without_points(frame)
    scores = list(dict.fromkeys(single.score[single.value.notna() & (single.curve != "")]))
    chosen = None
    if scores:
        chosen = st.selectbox(
            words.studies.SCORE, [None, *scores], key=f"{study.name}_score", format_func=_named
        )
    figure = over_share(single, {chosen: chosen}, chosen) if chosen else study.chart(frame)
    layout = look.layout(**figure["layout"])
    alt = f"{study.question} {study.sentence(frame)}"
    look.chart({**figure, "layout": layout}, alt=plain(alt), key=f"{study.name}_chart")


def _named(score: str | None) -> str:
    return plain(score or words.studies.OWN_CHART)


def _show_all(study: "Study", frame: "DataFrame", sweep: str) -> None:
    """All numbers in a table that is folded away, and as a file."""
    from galaxy_core.studies.study import crosswise, in_words

    with st.expander(words.studies.ALL_SCORES):
        heads, lines = crosswise(frame)
        table = [
            {
                "": plain(name),
                **{plain(head): one and in_words(one, ".3g") for head, one in zip(heads, cells, strict=True)},
            }
            for name, cells in lines.items()
        ]
        alt = f"All scores of the study {study.name} with their 95 % intervals."
        st.dataframe(table, hide_index=True, key=f"all_{study.name}", alt=alt)
        look.offer_csv("scores.csv", lambda: _csv(frame), f"{sweep}-{study.name}")


def _csv(frame: "DataFrame") -> str:
    from galaxy_core.files.csv_text import csv_text
    from galaxy_core.studies.study import rows_of

    return csv_text((*_COLUMNS, "command", "at"), rows_of(frame))


def _fine_enough(entries: Sequence[Entry]) -> list[Entry]:
    """Those whose maps can be studied; that the others cannot be is said in a sentence each number of cells."""
    from galaxy_core.maps.cells import coarse_in_words, is_coarse

    for sentence in coarse_in_words(entry.run for entry in entries):
        st.info(told(f"{sentence[0].upper()}{sentence[1:]}."), icon=":material/grid_off:")
    return [entry for entry in entries if not is_coarse(entry.config.view)]


def _arguments(study: "Study", entries: Sequence[Entry], file: Path | None) -> list[str]:
    """The command line with the runs and the file put in; a sweep is named as a whole."""
    is_sweep = not is_no_sweep(entries[0].sweep)
    runs = [entries[0].sweep] if is_sweep else [entry.name for entry in entries]
    data = ["--data", str(file) if file else "FILE"] if study.needs_galaxies else []
    return ["study", study.name, *runs, *data]


def _offer(study: "Study", entries: Sequence[Entry], missing: Sequence[Entry]) -> None:
    """Say what has not been measured and how it is; with a press of the button a process measures it."""
    file = common_data(missing) if study.needs_galaxies else None
    command = shlex.join(["galaxy", *_arguments(study, missing, file)])
    numbers = {"n": len(missing), "n_all": len(entries), "command": command, "most": MOST_RUNS}
    if file is None and study.needs_galaxies:
        name = str(missing[0].data().get("file") or Path(missing[0].config.data).name)[:100]
        st.info(fill(words.studies.MISSING_NO_DATA, file=name, **numbers), icon=":material/folder_off:")
    elif len(missing) > MOST_RUNS:
        st.info(fill(words.studies.MISSING_TOO_MANY, **numbers), icon=":material/terminal:")
    elif is_at_work(studies_folder()):
        _follow()
    else:
        st.info(fill(words.studies.MISSING, **numbers), icon=":material/straighten:")
        _say_why_it_failed(study)
        icon, help_ = ":material/play_arrow:", words.studies.MEASURE_HELP
        if st.button(words.studies.MEASURE, icon=icon, key=f"measure_{study.name}", help=help_):
            names = [entry.name for entry in missing]
            data = ["--data", str(file)] if file else []
            st.session_state[_ASKED] = study.name
            launch_work(["study", study.name, *names, *data], studies_folder())
            st.rerun()


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _follow() -> None:
    """What is being measured, until it is done; then the page is drawn anew."""
    if not is_at_work(studies_folder()):
        st.rerun()
    st.info(words.studies.AT_WORK, icon=":material/hourglass_top:")
    if st.button(words.studies.STOP, icon=":material/stop:", key="stop_study"):
        end_work(studies_folder())


def _say_why_it_failed(study: "Study") -> None:
    """The last words of the process that this visitor started, where it ended without a result."""
    log = studies_folder() / LOG
    if st.session_state.get(_ASKED) == study.name and log.is_file():
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        if lines and lines[-1].startswith("galaxy: "):
            st.warning(told(lines[-1].removeprefix("galaxy: ")), icon=":material/warning:")


_ASKED = "asked_study"

"""Studies of maps on a page: what run folders hold of them, and a button that measures what they lack.

One at a time on this computer, whoever asks. A run of one's own keeps the result in its folder; of a shipped run it is
held as long as its visitor stays.
"""

import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
import words.studies
from catalogue import SINGLE_RUNS, SOURCES, Entry, Fingerprint, fingerprint
from foreign import fill, told
from samples import common_data

from parts import look, waiting

if TYPE_CHECKING:
    from galaxy_core.data.galaxy10 import Galaxies
    from galaxy_core.results.table import TableRow
    from galaxy_core.runs.run import Run
    from galaxy_core.studies.record import Kept
    from galaxy_core.studies.shown import Progress

MOST_RUNS = 12
"""At once: two sweeps, some 400 MB of networks."""
HELD = "held_studies"
_WHOLE = ("imagenet_percent", "seed", "n", "first_percent", "second_percent", "is_same_setting")
_TEXT = ("run", "policy", "score", "class", "element", "without", "layer", "first", "second")


@dataclass(frozen=True)
class Study:
    """How a study is read from run folders and made of some runs; both give what was found by the name of the run.

    `command` makes it on the command line. A rendered one brings its own galaxies, so that `measure` gets None. In a
    comparison what is found of one run depends on all. One `of_maps` is made of runs alone whose maps are fine enough.
    """

    name: str
    command: str
    read: "Callable[[Sequence[tuple[Run, TableRow]]], Kept[Any]]"
    measure: "Callable[[Sequence[Run], Galaxies | None, Progress], dict[str, Any]]"
    is_rendered: bool = False
    is_comparison: bool = False
    of_maps: bool = False


def found_of(study: Study, entries: Sequence[Entry]) -> dict[str, Any]:
    """What was found of those runs that were measured, by name; what is missing is offered to be measured."""
    if study.of_maps:
        entries = _fine_enough(entries)
    if len(entries) < (2 if study.is_comparison else 1):
        return {}
    kept = study.read([(entry.run, entry.row) for entry in entries])
    here = {**_held(study, entries), **kept.found}
    missing = [entry for entry in entries if entry.name not in here]
    for sentence in kept.unusable if missing else ():
        st.warning(told(sentence), icon=":material/warning:")
    if kept.beyond_test:
        names = ", ".join(kept.beyond_test)
        st.warning(fill(words.studies.BEYOND_TEST, names=names), icon=":material/warning:")
    if missing:
        _offer(study, entries, missing)
    return {entry.name: here[entry.name] for entry in entries if entry.name in here}


def _fine_enough(entries: Sequence[Entry]) -> list[Entry]:
    """Those whose maps can be studied; that the others cannot be is said in a sentence each number of cells."""
    from galaxy_core.maps.cells import coarse_in_words, is_coarse

    for sentence in coarse_in_words(entry.run for entry in entries):
        st.info(told(f"{sentence[0].upper()}{sentence[1:]}."), icon=":material/grid_off:")
    return [entry for entry in entries if not is_coarse(entry.config.view)]


def command_of(command: str, entries: Sequence[Entry], file: Path | None) -> str:
    """The command line with the runs and the file put in; a sweep is named as a whole."""
    is_sweep = entries[0].sweep not in (SINGLE_RUNS, SOURCES)
    runs = shlex.join([entries[0].sweep] if is_sweep else [entry.name for entry in entries])
    return command.format(runs=runs, file=shlex.quote(str(file)) if file else "FILE")


def show_all(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], sweep: str) -> None:
    """All numbers of a study in a table that is folded away, and as a file."""
    from galaxy_core.files.csv_text import csv_text

    table = list(rows)
    with st.expander(words.studies.ALL_SCORES):
        st.dataframe(
            [dict(zip(columns, row, strict=True)) for row in table],
            column_config={column: _column(column) for column in columns},
            hide_index=True,
            key=f"all_{name}",
            alt=f"All scores of the study {name}, a row a run and score.",
        )
        look.offer_csv(f"{name}.csv", lambda: csv_text(columns, table), sweep)


def _column(name: str) -> Any:
    label = name.replace("_", " ")
    if name in _TEXT:
        return st.column_config.TextColumn(label)
    return st.column_config.NumberColumn(label, format="%d" if name in _WHOLE else "%.3f")


def _offer(study: Study, entries: Sequence[Entry], missing: Sequence[Entry]) -> None:
    """Say what has not been measured and how it is; with a press of the button it is, and the page drawn anew."""
    file = None if study.is_rendered else common_data(missing)
    command = command_of(study.command, missing, file)
    numbers = {"n": len(missing), "n_all": len(entries), "command": command, "most": MOST_RUNS}
    if file is None and not study.is_rendered:
        name = str(missing[0].data().get("file") or Path(missing[0].config.data).name)[:100]
        st.info(fill(words.studies.MISSING_NO_DATA, file=name, **numbers), icon=":material/folder_off:")
    elif len(missing) > MOST_RUNS:
        st.info(fill(words.studies.MISSING_TOO_MANY, **numbers), icon=":material/terminal:")
    else:
        st.info(fill(words.studies.MISSING, **numbers), icon=":material/straighten:")
        icon, help_ = ":material/play_arrow:", words.studies.MEASURE_HELP
        if st.button(words.studies.MEASURE, icon=icon, key=f"measure_{study.name}", help=help_):
            _measure(study, missing, file)


def _measure(study: Study, missing: Sequence[Entry], file: Path | None) -> None:
    from galaxy_core.data.galaxy10 import open_galaxies

    turn = waiting.turn()
    if not turn.acquire(blocking=False):
        st.warning(words.studies.BUSY, icon=":material/hourglass_top:")
        return
    try:
        bar = st.progress(0.0, words.studies.RENDERING if study.is_rendered else words.studies.READING)
        galaxies = open_galaxies(file, progress=_onto(bar, words.studies.READING)) if file else None
        runs = [entry.run for entry in missing]
        found = study.measure(runs, galaxies, _onto(bar, words.studies.MEASURING))
    finally:
        turn.release()
    held = st.session_state.setdefault(HELD, {})
    held.update({_key(study, entry, missing): found[entry.name] for entry in missing})
    st.rerun()


def _held(study: Study, entries: Sequence[Entry]) -> dict[str, Any]:
    """What this visitor has had measured, of the weights that the runs have now."""
    held = st.session_state.get(HELD, {})
    keys = {entry.name: _key(study, entry, entries) for entry in entries}
    return {name: held[key] for name, key in keys.items() if key in held}


def _key(study: Study, entry: Entry, compared: Sequence[Entry]) -> tuple[str, str, Fingerprint]:
    return study.name, entry.name, fingerprint(compared if study.is_comparison else [entry])


def _onto(bar: Any, text: str) -> "Progress":
    """Progress as a bar on the page."""
    return lambda done, total: bar.progress(min(1.0, done / total) if total else 1.0, text)

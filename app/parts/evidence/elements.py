"""Which element is looked at: heat on bulge, bar, arms and the rest over the share taken over, with ground truth."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st
import words.studies
from catalogue import Entry
from foreign import Markdown, fill

from galaxy_core.data.published import CLASS_NAMES
from parts.evidence import lines
from parts.evidence.studies import Study, found_of, show_all
from parts.shield import plain_errors

if TYPE_CHECKING:
    from galaxy_core.results.table import TableRow
    from galaxy_core.studies.elements import ElementHeat
    from galaxy_core.studies.record import Kept

Heats = dict[tuple[str, str], "ElementHeat"]
"""Of one run: by class (or `all`) and element."""
BARRED = ("Barred Spiral", "bar")


def show_elements(entries: Sequence[Entry]) -> None:
    """The section, for the finished runs of a sweep."""
    st.subheader(words.studies.ELEMENTS_TITLE, anchor=False)
    st.markdown(words.studies.ELEMENTS_LEAD)
    with plain_errors():
        found: dict[str, list[ElementHeat]] = found_of(STUDY, entries)
        if found:
            _show([entry for entry in entries if entry.name in found], found)


def _show(entries: Sequence[Entry], found: "dict[str, list[ElementHeat]]") -> None:
    from galaxy_core.studies.elements import COLUMNS

    heats = {name: {(one.class_name, one.element): one for one in of_run} for name, of_run in found.items()}
    _draw(entries, heats)
    _show_bar(entries, heats)
    show_all(
        "elements", COLUMNS, (one.row() for of_run in found.values() for one in of_run), entries[0].sweep
    )


def _draw(entries: Sequence[Entry], heats: dict[str, Heats]) -> None:
    from galaxy_core.maps.elements import PARTS
    from galaxy_core.studies.elements import ALL

    with st.container(horizontal=True):
        element = st.selectbox(
            words.studies.ELEMENT, PARTS, PARTS.index("bulge"), key="element", bind="query-params", width=220
        )
        group = st.selectbox(
            words.studies.ELEMENT_CLASS, [ALL, *CLASS_NAMES], key="element_of", bind="query-params", width=260
        )
    own = lines.lines_of(entries, lambda entry: _enrichment(heats[entry.name].get((group, element))))
    if not own:
        st.caption(words.studies.ELEMENT_NONE)
        return
    nulls = lines.null_lines(
        entries,
        lambda entry: _brightness(heats[entry.name].get((group, element))),
        words.studies.FOCUS_NULLS["brightness"],
    )
    what = f"Heat over area of the element {element}, galaxies of {group}"
    lines.draw([*own, *nulls], f"heat over area: {element}", "elements_chart", what=what)
    st.caption(fill(words.studies.ELEMENTS_NOTE, intervals=words.studies.INTERVALS))


def _enrichment(heat: "ElementHeat | None") -> Any:
    return heat and heat.enrichment


def _brightness(heat: "ElementHeat | None") -> float | None:
    return heat and heat.brightness.value


def _show_bar(entries: Sequence[Entry], heats: dict[str, Heats]) -> None:
    """The question with a known answer: the bar is what names a barred spiral."""
    bars = list(_of_bars(entries, heats))
    if bars:
        st.markdown(f"**{words.studies.BAR_TITLE}**")
        st.markdown("\n".join(bars))


def _of_bars(entries: Sequence[Entry], heats: dict[str, Heats]) -> Iterator[Markdown]:
    is_one_row = len({entry.percent for entry in entries}) == len(entries)
    for entry in entries:
        heat = heats[entry.name].get(BARRED)
        if heat:
            yield fill(
                words.studies.BAR_LINE,
                run=f"{entry.percent} %" if is_one_row else entry.name,
                value=lines.in_words(heat.enrichment),
                preference=Markdown(words.studies.VERDICTS[heat.preference]),
                beyond=Markdown(words.studies.VERDICTS[heat.beyond_brightness]),
            )


def _read(asked: "Sequence[tuple[Any, TableRow]]") -> "Kept[list[ElementHeat]]":
    from galaxy_core.studies.elements import heats_from
    from galaxy_core.studies.record import ELEMENTS, kept_of

    return kept_of(asked, ELEMENTS, heats_from)


def _measure(runs: Sequence[Any], galaxies: None, progress: Any) -> "dict[str, list[ElementHeat]]":
    from galaxy_core.studies.elements import study_elements

    found: dict[str, list[ElementHeat]] = {run.name: [] for run in runs}
    for heat in study_elements(runs, progress=progress):
        found[heat.setting.run].append(heat)
    return found


STUDY = Study(
    "elements",
    "galaxy study elements {runs}",
    _read,
    _measure,
    is_rendered=True,
    of_maps=True,
)

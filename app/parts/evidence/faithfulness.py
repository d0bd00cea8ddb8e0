"""Does the network rely on what its map points at: deletion, insertion, ROAD, average drop, and forgotten weights."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st
import words.studies
from catalogue import Entry
from foreign import Markdown, fill

from parts.evidence import lines
from parts.evidence.focus import verdicts_in_words
from parts.evidence.studies import Study, command_of, found_of, show_all
from parts.shield import plain_errors

if TYPE_CHECKING:
    from galaxy_core.metrics.resample import Estimate
    from galaxy_core.results.table import TableRow
    from galaxy_core.studies.faithfulness import RunFaithfulness
    from galaxy_core.studies.record import Kept

Layers = dict[str, "RunFaithfulness"]
"""What was found of one run, by layer."""
COMMAND = "galaxy study faithfulness {runs} --data {file}"


def show_faithfulness(entries: Sequence[Entry]) -> None:
    """The section, for the finished runs of a sweep."""
    st.subheader(words.studies.FAITHFULNESS_TITLE, anchor=False)
    st.markdown(words.studies.FAITHFULNESS_LEAD)
    with plain_errors():
        found: dict[str, list[RunFaithfulness]] = found_of(STUDY, entries)
        if found:
            _show([entry for entry in entries if entry.name in found], found)


def _show(entries: Sequence[Entry], found: "dict[str, list[RunFaithfulness]]") -> None:
    from galaxy_core.maps.cam import LAST_FEATURES
    from galaxy_core.studies.earlier_layer import suggested_layer
    from galaxy_core.studies.faithfulness import COLUMNS

    by_layer = {name: {one.layer: one for one in of_run} for name, of_run in found.items()}
    layers = list(dict.fromkeys(layer for of_run in by_layer.values() for layer in of_run))
    score = st.selectbox(
        words.studies.SCORE, list(words.studies.FAITHFUL_SCORES), key="faithful", bind="query-params", width=380,
        format_func=lambda name: words.studies.FAITHFUL_SCORES[name][0],
    )  # fmt: skip
    label, meaning = words.studies.FAITHFUL_SCORES[score]
    drawn = [line for layer in layers for line in _of_layer(entries, by_layer, score, layer, layers)]
    lines.draw(drawn, label, "faithfulness_chart")
    n = next(iter(found.values()))[0].scores["deletion"].n
    note = fill(words.studies.FAITHFUL_NOTE, n=n, intervals=words.studies.INTERVALS)
    st.caption(f"{meaning} {note}")
    st.markdown("\n".join(_verdicts(entries, by_layer, score, layers)))
    if layers == [LAST_FEATURES]:
        command = (
            f"{command_of(COMMAND, entries, None)} --set layer={suggested_layer(entries[0].config.network)}"
        )
        st.caption(fill(words.studies.FAITHFUL_LAST_ONLY, command=command))
    rows = (row for of_run in found.values() for one in of_run for row in one.rows())
    show_all("faithfulness", COLUMNS, rows, entries[0].sweep)


def _of_layer(
    entries: Sequence[Entry], found: dict[str, Layers], score: str, layer: str, layers: Sequence[str]
) -> Iterator[lines.Line]:
    """The lines of one layer and those of its random map; where there are several, each has its dash."""
    place = layers.index(layer)
    called = f", {layer}" if len(layers) > 1 else ""

    def told(entry: Entry) -> "Estimate | None":
        one = found[entry.name].get(layer)
        return one and (one.scores | one.randomised)[score]

    def random_level(entry: Entry) -> float | None:
        one = found[entry.name].get(layer)
        return one.random_level(score) if one and score in one.scores else None

    dash = ("solid", *lines.DASHES)[place % (1 + len(lines.DASHES))]
    for line in lines.lines_of(entries, told):
        yield replace(line, name=line.name + called, colour=(line.colour or 0) + place, dash=dash)
    yield from lines.null_lines(
        entries, random_level, words.studies.FAITHFUL_NULL + called, lines.DASHES[place % len(lines.DASHES)]
    )


def _verdicts(
    entries: Sequence[Entry], found: dict[str, Layers], score: str, layers: Sequence[str]
) -> Iterator[Markdown]:
    """A line a percentage and layer: are the maps better than a random one; nothing for the forgotten weights."""
    held: dict[tuple[int, str], list[str]] = {}
    for entry in entries:
        for layer, one in found[entry.name].items():
            if score in one.scores:
                held.setdefault((entry.percent, layer), []).append(one.verdict(score))
    for (percent, layer), verdicts in sorted(held.items()):
        yield fill(
            words.studies.FAITHFUL_VERDICT,
            percent=percent,
            layer=fill(words.studies.FAITHFUL_LAYER, layer=layer) if len(layers) > 1 else "",
            verdict=verdicts_in_words(verdicts),
        )


def _read(asked: "Sequence[tuple[Any, TableRow]]") -> "Kept[list[RunFaithfulness]]":
    from galaxy_core.studies.faithfulness import layers_from
    from galaxy_core.studies.record import FAITHFULNESS, kept_of

    return kept_of(asked, FAITHFULNESS, layers_from)


def _measure(runs: Sequence[Any], galaxies: Any, progress: Any) -> "dict[str, list[RunFaithfulness]]":
    from galaxy_core.studies.faithfulness import study_faithfulness

    return {one.setting.run: [one] for one in study_faithfulness(runs, galaxies, progress=progress)}


STUDY = Study("faithfulness", COMMAND, _read, _measure, of_maps=True)

"""The maps of several networks of one galaxy, side by side, for one class or each of its own answer."""

from dataclasses import dataclass

import streamlit as st
import words.maps
from foreign import fill, quoted

from galaxy_core.maps.heat_scale import THIS_GALAXY
from galaxy_core.metrics.consensus import consensus
from galaxy_core.numerals import percent
from parts import maps, paint
from parts.drawn import Drawn, asked_of, draw, say_notes, show_scale, wanted_of
from parts.picture import as_url
from parts.seen import Seen, offer_picture, say_what_is_seen, sky_link
from parts.zoom import linked

TOGETHER = "the answer of most"


@dataclass(frozen=True)
class Shown:
    """The class all networks are asked about, and by run the map, of that class or of the one it predicts."""

    wanted: int
    drawn: dict[str, Drawn]


def show_maps(seen: Seen, *, name: str, origin: str = "") -> Shown:
    """Controls, colour bar and one map a network; returns what was chosen."""
    st.header(words.maps.MAPS_TITLE, anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = choose_class(seen)
        chosen = paint.choose_paint(THIS_GALAXY, one_galaxy=True)
    drawn = draw([seen], asked_of([seen], seen.classes[wanted], chosen), chosen)
    named = words.maps.OWN_ANSWERS if chosen.kind == maps.PAPERS else seen.classes[wanted]
    with st.container(horizontal=True, vertical_alignment="center"):
        show_scale(drawn, chosen)
        st.caption(fill(words.maps.MAPS_NOTE, name=named))
        offer_picture([seen], wanted_of(drawn), chosen, title=f"{named}: {chosen.kind}", name=name)
    say_what_is_seen({short: seen.view(run) for run, short in seen.short.items()})
    _show_grid(seen, drawn[0], origin)
    return Shown(wanted, drawn[0])


def choose_class(seen: Seen) -> int:
    """One class for all networks: the true one where it is known, that of most, or any."""
    others = [*([maps.OWN] if seen.label is not None else []), TOGETHER]
    asked = maps.choose_class(seen.classes, others, help=words.maps.CONSENSUS_HELP, width=250)
    if asked == TOGETHER:
        return consensus(list(seen.shares.values())).answer
    return maps.class_index(seen.classes, asked, seen.label or 0, 0)


def _show_grid(seen: Seen, drawn: dict[str, Drawn], origin: str) -> None:
    grid = linked(seen).grid(1 + len(seen.short), min_column_width=108)
    with grid.container():
        what = seen.name if seen.label is None else seen.classes[seen.label]
        st.image(as_url(seen.image), width="stretch", alt=f"The galaxy: {what}.")
        st.markdown(
            f"**{quoted(what)}**" + (f"  \n{quoted(origin)}" if origin else "") + sky_link(seen.place)
        )
    for run in seen.short:
        with grid.container():
            _show_one(drawn[run])


def _show_one(drawn: Drawn) -> None:
    seen, run = drawn.seen, drawn.run
    alt = f"Map of {seen.short[run]}: {drawn.evidence}."
    st.image(as_url(drawn.superimposed()), width="stretch", alt=alt)
    answer = seen.answer(run)
    said = f"{quoted(seen.classes[answer])}, {percent(seen.shares[run][answer])}"
    if run in seen.doubted:
        said = fill(words.maps.DOUBTED, name=seen.classes[answer])
    st.markdown(f"**{quoted(seen.short[run])}**  \n{said}")
    say_notes(drawn)

"""The maps of several networks of one galaxy, side by side, for one class and on one scale."""

from dataclasses import dataclass

import streamlit as st
import words.maps
from foreign import fill, quoted

from galaxy_core.metrics.consensus import consensus
from parts import maps, paint
from parts.paint import Paint
from parts.picture import as_url
from parts.seen import Seen, offer_picture, say_what_is_seen

TOGETHER = "the answer of most"


@dataclass(frozen=True)
class Shown:
    """The class all networks are asked about, how maps are painted, and their one scale in logits."""

    wanted: int
    paint: Paint
    scale: float


def show_maps(seen: Seen, *, name: str, origin: str = "") -> Shown:
    """Controls, colour bar and one map a network; returns what was chosen."""
    st.header(words.maps.MAPS_TITLE, anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = choose_class(seen)
        chosen = paint.choose_paint()
    scale = paint.scale_of((seen.values(run, wanted, chosen) for run in seen.short), chosen)
    shown = Shown(wanted, chosen, scale)
    with st.container(horizontal=True, vertical_alignment="center"):
        paint.show_scale(scale, chosen)
        st.caption(fill(words.maps.MAPS_NOTE, name=seen.classes[wanted]), help=words.maps.LOGITS_HELP)
        offer_picture(
            [seen], [dict.fromkeys(seen.short, wanted)], chosen, title=f"{seen.classes[wanted]}: {chosen.kind}",
            name=name,
        )  # fmt: skip
    say_what_is_seen({short: seen.view(run) for run, short in seen.short.items()})
    _show_grid(seen, shown, origin)
    return shown


def choose_class(seen: Seen) -> int:
    """One class for all networks: the true one where it is known, that of most, or any."""
    others = [*([maps.OWN] if seen.label is not None else []), TOGETHER]
    asked = maps.choose_class(seen.classes, others, help=words.maps.CONSENSUS_HELP, width=250)
    if asked == TOGETHER:
        return consensus(list(seen.shares.values())).answer
    return maps.class_index(seen.classes, asked, seen.label or 0, 0)


def _show_grid(seen: Seen, shown: Shown, origin: str) -> None:
    grid = st.grid(1 + len(seen.short), min_column_width=108)
    with grid.container():
        what = seen.name if seen.label is None else seen.classes[seen.label]
        st.image(as_url(seen.image), width="stretch", alt=f"The galaxy: {what}.")
        st.markdown(f"**{quoted(what)}**" + (f"  \n{quoted(origin)}" if origin else ""))
    for run in seen.short:
        with grid.container():
            _show_one(seen, run, shown)


def _show_one(seen: Seen, run: str, shown: Shown) -> None:
    values = seen.values(run, shown.wanted, shown.paint)
    picture = paint.superimposed(seen.image, values, shown.scale, shown.paint, seen.share(run))
    evidence = paint.evidence_in_words(seen.classes[shown.wanted], shown.paint)
    alt = f"Map of {seen.short[run]}: {evidence}."
    st.image(as_url(picture), width="stretch", alt=alt)
    answer = seen.answer(run)
    said = f"{quoted(seen.classes[answer])}, {seen.shares[run][answer]:.0%}"
    if run in seen.doubted:
        said = fill(words.maps.DOUBTED, name=seen.classes[answer])
    st.markdown(f"**{quoted(seen.short[run])}**  \n{said}")
    paint.say_if_blank(values, seen.classes[shown.wanted], shown.paint)

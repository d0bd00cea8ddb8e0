"""The gallery: which galaxies in which order, a page of them, and each as galaxy, heatmap and both superimposed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
import words.gallery
from foreign import Markdown, fill, quoted, told
from samples import Pool, pool_of

from galaxy_core.data.classes import Classes
from galaxy_core.maps.heat_scale import THIS_MAP
from galaxy_core.metrics.consensus import disagreement
from galaxy_core.numerals import percent
from galaxy_core.results.order import ORDERS, in_order
from parts import maps, paint
from parts.bound import one_of
from parts.choice import Choice
from parts.chosen import chosen_pool
from parts.correct import Asked, ledger_of_file, offer_correction
from parts.drawn import Drawn, asked_of, draw, say_notes, show_scale, wanted_of
from parts.paint import Paint
from parts.picture import as_url
from parts.seen import Seen, offer_picture, say_what_is_seen, see, sky_link
from parts.zoom import linked

ONE, ALL = "this cut", "all cuts"
EVERY_CLASS = "all classes"
N_PER_PAGE = {ONE: 6, ALL: 4}


@dataclass(frozen=True)
class Hung:
    """The galaxies of one page of the gallery, their maps by run, and how these are painted."""

    galaxies: Sequence[Seen]
    drawn: Sequence[dict[str, Drawn]]
    disputed: Sequence[float]
    paint: Paint
    asked: Sequence[Asked | None]


def show_gallery(choice: Choice) -> None:
    """Controls, then one page of galaxies."""
    classes = choice.entry.classes
    maps.keep_among("galaxies", [EVERY_CLASS, *classes])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        extent = one_of(
            "Show", [ONE, ALL], default=ONE, key="extent", bind="query-params",
            help=words.gallery.SHOW_HELP,
        )  # fmt: skip
        shown_class = st.selectbox(
            "Galaxies of", [EVERY_CLASS, *classes], key="galaxies", bind="query-params", width=190,
            help=words.gallery.CLASS_HELP,
        )  # fmt: skip
        how = st.selectbox(
            "Order", ORDERS, key="order", bind="query-params", width=210, help=words.gallery.ORDER_HELP
        )
        asked = maps.choose_class(classes, width=170)
        with st.popover(words.gallery.PAINT, icon=":material/palette:"):
            chosen_paint = paint.choose_paint(THIS_MAP)
    pool = chosen_pool(choice) or pool_of(choice.cuts)
    if pool.origin:
        st.caption(told(pool.origin))
    positions, disputed = _ordered(pool, choice.entry.name, classes, shown_class, how)
    if not len(positions):
        st.info(words.gallery.NONE, icon=":material/search_off:")
        return
    page = _turn_pages(positions, N_PER_PAGE[extent])
    hung = _hang(choice, pool, page, disputed[page], asked, chosen_paint)
    with st.container(key="hung"):
        _show(hung, choice, extent)


def _ordered(
    pool: Pool, run: str, classes: Classes, shown_class: str, how: str
) -> tuple[np.ndarray, np.ndarray]:
    """Positions in the order asked for, and how far the cuts disagree on every galaxy of the pool."""
    disputed = disagreement(list(pool.probabilities.values()))
    positions = in_order(pool.labels, pool.probabilities[run], disputed, how)
    if shown_class in classes:
        positions = positions[pool.labels[positions] == classes.index(shown_class)]
    return positions, disputed


def _turn_pages(positions: np.ndarray, n: int) -> np.ndarray:
    """The positions on the page that is open."""
    pages = [positions[start : start + n] for start in range(0, len(positions), n)]
    if st.session_state.get("page", 1) > len(pages):
        st.session_state["page"] = 1
    return pages[st.pagination(len(pages), key="page", bind="query-params") - 1]


def _hang(choice: Choice, pool: Pool, page: np.ndarray, disputed: np.ndarray, asked: str, how: Paint) -> Hung:
    names, labels = [pool.names[i] for i in page], [int(pool.labels[i]) for i in page]
    galaxies = see(choice.cuts, pool.images(page), names, labels, [pool.place(i) for i in page])
    drawn = draw(galaxies, asked_of(galaxies, asked, how), how)
    ledger, classes = ledger_of_file(pool.file), choice.entry.classes
    correctable = [
        None if ledger is None else Asked(ledger, str(pool.rows[i]), classes, classes[label])
        for i, label in zip(page, labels, strict=True)
    ]
    return Hung(galaxies, drawn, [float(bits) for bits in disputed], how, correctable)


def _show(hung: Hung, choice: Choice, extent: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        show_scale(hung.drawn, hung.paint)
        offer_picture(
            hung.galaxies, wanted_of(hung.drawn), hung.paint, title=f"{choice.entry.sweep}: {hung.paint.kind}",
            name="gallery",
        )  # fmt: skip
    first, name = hung.galaxies[0], choice.entry.name
    if extent == ALL:
        say_what_is_seen({short: first.view(run) for run, short in first.short.items()})
        _show_all_cuts(hung)
    elif name in first.short:
        say_what_is_seen({first.short[name]: first.view(name)})
        _show_one_cut(hung, name)


def _show_one_cut(hung: Hung, run: str) -> None:
    grid = st.grid("auto", min_column_width=460)
    for seen, drawn, bits, asked in zip(hung.galaxies, hung.drawn, hung.disputed, hung.asked, strict=True):
        label, shown = seen.classes[seen.label], drawn[run]
        with grid.container():
            left, middle, right = linked(seen).columns(3, gap="xxsmall")
            _picture(left, seen.image, f"A galaxy of class {label}.", "galaxy")
            _picture(middle, shown.heat(), f"Heatmap: {shown.evidence}.", "heatmap")
            alt = f"Superimposed: {shown.evidence} over the galaxy."
            _picture(right, shown.superimposed(), alt, "superimposed")
            disputed = _disputed(bits, seen)
            said = f"{_verdict(seen, run)}{' · ' if disputed else ''}{disputed}"
            text = f"**{quoted(label)}** · {quoted(seen.name)}{sky_link(seen.place)}  \n{said}"
            st.markdown(text, help=words.gallery.DISPUTED_HELP)
            say_notes(shown)
            if asked is not None:
                offer_correction(asked)


def _show_all_cuts(hung: Hung) -> None:
    runs = hung.galaxies[0].short
    for seen, drawn, bits, asked in zip(hung.galaxies, hung.drawn, hung.disputed, hung.asked, strict=True):
        columns = linked(seen).columns([1.15, *[1] * len(runs)], gap="xsmall")
        label = seen.classes[seen.label]
        _picture(columns[0], seen.image, f"A galaxy of class {label}.", None)
        text = f"**{quoted(label)}**  \n{quoted(seen.name)}{sky_link(seen.place)}  \n{_disputed(bits, seen)}"
        columns[0].markdown(text, help=words.gallery.DISPUTED_HELP)
        if asked is not None:
            with columns[0]:
                offer_correction(asked)
        for column, run in zip(columns[1:], runs, strict=True):
            with column:
                _show_cell(drawn[run])


def _show_cell(drawn: Drawn) -> None:
    """Heatmap above, superimposed below, as in the downloaded picture."""
    short = drawn.seen.short[drawn.run]
    where = f"in the network at {short}"
    st.markdown(f"**{quoted(short)}**")
    _picture(st, drawn.heat(), f"Heatmap: {drawn.evidence} {where}.", None)
    _picture(st, drawn.superimposed(), f"Superimposed: {drawn.evidence} {where}.", None)
    st.markdown(_verdict(drawn.seen, drawn.run))
    say_notes(drawn)


def _picture(place: object, image: np.ndarray, alt: str, caption: str | None) -> None:
    place.image(as_url(image), width="stretch", alt=alt, caption=caption)


def _verdict(seen: Seen, run: str) -> str:
    answer = seen.answer(run)
    mark, verdict = ":material/check:", "right"
    if answer != seen.label:
        mark, verdict = ":material/close:", f"says {quoted(seen.classes[answer])}"
    return f"{mark} {verdict}, {percent(seen.shares[run][answer])}"


def _disputed(bits: float, seen: Seen) -> Markdown:
    """Nothing of one network, with which none can disagree."""
    if len(seen.short) == 1:
        return Markdown("")
    return fill(words.gallery.DISPUTED, bits=bits)

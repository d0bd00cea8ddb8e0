"""A galaxy of each class beside what the chosen network sees in it."""

import html
from collections.abc import Sequence

import numpy as np
import streamlit as st
import words.maps
import words.results
from catalogue import fingerprint
from foreign import told
from samples import sample_of
from state import digest_of

from galaxy_core.maps.heat_scale import THIS_MAP, scale_in_words
from galaxy_core.networks.policy import taken_in_words
from galaxy_core.numerals import percent
from galaxy_core.results.downloads import maps_csv
from parts import look, maps, paint
from parts.choice import Choice
from parts.drawn import Drawn, asked_of, draw, show_scale
from parts.paint import Paint
from parts.picture import as_url
from parts.seen import Seen, say_what_is_seen, see
from parts.shield import plain_errors

N_SETS = 8
HAVE_LOOKED = "have_looked"
"""The key of the networks that have looked at the ten galaxies for this visitor."""
GAP_PIXELS = 2
GRID = "display:grid;grid-template-columns:repeat(auto-fill,minmax(270px,1fr));gap:1.1rem 1rem"
PICTURE = "width:100%;border-radius:6px;display:block;margin-bottom:0.35rem"


def show_galaxies(choice: Choice) -> None:
    """The section: which galaxies, which map, of which class; then the ten."""
    st.header(words.results.GALAXIES_TITLE, anchor="galaxies")
    if not choice.entry.run.is_whole:
        st.caption(words.maps.TOO_EARLY)
        return
    with plain_errors():
        _show(choice)


def show_glance(choice: Choice) -> None:
    """One galaxy, what the chosen network says of it, and where it looked.

    Until all networks have looked at all ten galaxies, further down, the chosen one looks at one: the first screen
    must not wait for them.
    """
    if not choice.entry.run.is_whole:
        return
    run, how = choice.entry.name, Paint(maps.CENTRED)
    sample = sample_of(choice.entry, st.session_state.get("set", 1) - 1)
    have_looked = st.session_state.get(HAVE_LOOKED) == fingerprint(choice.cuts)
    who, which = (choice.cuts, slice(None)) if have_looked else ((choice.entry,), slice(-1, None))
    one = see(who, sample.images[which], sample.names[which], sample.labels[which])[-1]
    if run not in one.short:
        return
    answer = one.answer(run)
    drawn = draw([one], [{run: answer}], how)[0][run]
    said = words.results.GLANCE.format(
        taken=taken_in_words(choice.entry.row.policy, choice.entry.percent), name=drawn.name,
        share=percent(one.shares[run].max()), verdict=words.results.VERDICTS[answer == one.label],
    )  # fmt: skip
    (picture,) = _pairs(digest_of(one.image, drawn.values), (drawn.scale,), one.share(run), how, [drawn])
    alt = f"Left: {one.name}. Right: the same with the evidence for {drawn.name} laid over it."
    st.html(
        f'<img src="{picture}" alt="{html.escape(alt)}" style="{PICTURE}"><b>{html.escape(said)}</b>'
        f" {html.escape(' '.join([words.results.GLANCE_NOTE, scale_in_words(how.scale, [drawn.scale]), *drawn.notes]))}"
    )


def _show(choice: Choice) -> None:
    classes, run = choice.entry.classes, choice.entry.name
    with st.container(horizontal=True, vertical_alignment="bottom"):
        how = Paint(maps.choose_map(), scale=paint.choose_scale(THIS_MAP))
        asked = maps.choose_class(classes)
        number = st.pagination(N_SETS, key="set", bind="query-params")
    sample = sample_of(choice.entry, number - 1)
    st.caption(told(sample.origin))
    galaxies = see(choice.cuts, sample.images, sample.names, sample.labels)
    st.session_state[HAVE_LOOKED] = fingerprint(choice.cuts)
    if run not in galaxies[0].short:
        return
    every = draw(galaxies, asked_of(galaxies, asked, how), how)
    drawn = [of_galaxy[run] for of_galaxy in every]
    with st.container(horizontal=True, vertical_alignment="center"):
        show_scale(every, how)
        numbers = [(name, run, one.name, one.values) for name, one in zip(sample.names, drawn, strict=True)]
        look.offer_csv("maps.csv", lambda: maps_csv(numbers), run)
    say_what_is_seen({run: galaxies[0].view(run)})
    digest = digest_of(sample.images, *(one.values for one in drawn))
    pictures = _pairs(digest, tuple(one.scale for one in drawn), galaxies[0].share(run), how, drawn)
    # all in one element: the slider redraws it, and thirty of them take a browser twice as long
    figures = [_figure(one, picture) for one, picture in zip(drawn, pictures, strict=True)]
    st.html(f'<div style="{GRID}">{"".join(figures)}</div>')


def _figure(drawn: Drawn, picture: str) -> str:
    """Below each galaxy stand the answer, and what has to be said of its map."""
    title = drawn.seen.classes[drawn.seen.label]
    alt = f"Left: a galaxy of class {title}. Right: the same with the evidence for {drawn.name} laid over it."
    lines = [_answer(drawn.seen, drawn.run), *drawn.notes]
    below = "".join(f"<br>{html.escape(line)}" for line in lines)
    return (
        f'<figure style="margin:0"><img src="{picture}" alt="{html.escape(alt)}" style="{PICTURE}">'
        f'<figcaption style="font-size:0.93rem"><b>{html.escape(title)}</b>{below}</figcaption></figure>'
    )


@st.cache_data(max_entries=128, show_spinner=False)
def _pairs(
    digest: str, scales: tuple[float, ...], share: float, how: Paint, _drawn: Sequence[Drawn]
) -> list[str]:
    """Each galaxy beside the same with its map laid over it, as the address of a JPEG that holds it all.

    So the browser asks ten times less of the server; kept, since the slider comes back to them.
    """
    gap = np.full((_drawn[0].seen.image.shape[0], GAP_PIXELS, 3), 128, np.uint8)
    return [as_url(np.concatenate([one.seen.image, gap, one.superimposed()], axis=1)) for one in _drawn]


def _answer(seen: Seen, run: str) -> str:
    answer = seen.answer(run)
    verdict = "✓ right" if answer == seen.label else f"✗ says {seen.classes[answer]}"
    return f"{verdict}, {percent(seen.shares[run][answer])} sure · {seen.name}"

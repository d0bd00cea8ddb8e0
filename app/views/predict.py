"""Predict: the reader's own images, or a mock galaxy, before up to six networks."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
import words.predict
from catalogue import Catalogue, Entry, by_classes, read_catalogue
from foreign import plain
from parts.correct import offer_own
from parts.maps import keep_among
from parts.own_images import is_unlike, show_field
from parts.predict.answers import offer_answers, show_all, show_answers
from parts.predict.given import Given, choose_images
from parts.predict.similar import show_similar
from parts.predict.trust import show_trust, strange_to
from parts.run_choice import choose_runs
from parts.seen import Seen, see
from parts.shield import plain_errors
from parts.side_by_side import show_maps
from state import logits_of, shares_of


def show_page(catalogue: Catalogue) -> None:
    """The page with whatever there is."""
    st.title(words.predict.TITLE, anchor=False)
    st.markdown(words.predict.LEAD)
    entries = choose_runs(catalogue)
    if not entries:
        return
    with plain_errors():
        given = choose_images(entries)
        if given.names:
            show_given(given, entries)


def show_given(given: Given, entries: Sequence[Entry]) -> None:
    """What the networks are shown is on the page before they are asked: a wrong scale is seen while they look."""
    pictures, answers = st.columns([2, 3], gap="medium")
    with pictures:
        show_field(given.chosen_image[0], given.framed, entries, given.notes, given.shown)
    groups = by_classes(entries)
    every = [see_one(given, group) for group in groups]
    with answers:
        st.header(words.predict.ANSWERS_TITLE, anchor=False)
        for number, seen in enumerate(every):
            show_answers(seen, key=str(number) if number else "")
        if given.sha256:
            offer_own(every[0], given.sha256, given.chosen)
    chosen = choose_group(every) if len(every) > 1 else 0
    trusted = show_trust(every[chosen], groups[chosen], logits_of(groups[chosen], given.chosen_image))
    of_all = logits_of(entries, given.images)
    shares, trusted_answers = shares_of(of_all), trusted.for_all(entries).answers(of_all)
    with pictures:
        offer_answers(given, entries, shares, trusted_answers)
    show_all(given, entries, shares, trusted_answers)
    show_maps(every[chosen], name="predict")
    show_similar(given, entries)


def choose_group(every: Sequence[Seen]) -> int:
    """Of networks that tell different classes apart, those whose trust and maps are shown, by their number."""
    names = {plain(", ".join(seen.short.values())): number for number, seen in enumerate(every)}
    keep_among("networks", list(names))
    st.caption(words.predict.OTHER_CLASSES)
    return names[st.selectbox(words.predict.GROUP_LABEL, list(names), key="networks", bind="query-params")]


def see_one(given: Given, entries: Sequence[Entry]) -> Seen:
    """The chosen image as networks of the same classes see it, those marked whose answer is not to be believed."""
    seen = see(entries, given.chosen_image, [given.chosen_name], [given.label], [given.place])[0]
    if is_unlike(given.chosen_image[0]):
        return replace(seen, doubted=frozenset(seen.short))
    return replace(seen, doubted=strange_to(entries, logits_of(entries, given.chosen_image)))


with plain_errors():
    show_page(read_catalogue())

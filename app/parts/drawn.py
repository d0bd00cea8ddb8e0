"""The maps of a page as they are painted: of which class each is, which of them share a scale, what is said below."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import streamlit as st
import words.maps
from foreign import fill, joined

from galaxy_core.maps.empty_sky import sky_in_words
from galaxy_core.maps.heat_scale import heat_scales
from parts import maps, paint
from parts.paint import Paint
from parts.seen import Seen


@dataclass(frozen=True, eq=False)
class Drawn:
    """The map of one galaxy by one run for the class `wanted`; `scale`, in logits, has the full colour.

    `says_scale`: not all maps on the page have this scale, so it is said below.
    """

    seen: Seen
    run: str
    wanted: int
    how: Paint
    scale: float
    says_scale: bool

    @cached_property
    def values(self) -> np.ndarray:
        """The map (h, w) in logits."""
        return self.seen.values(self.run, self.wanted, self.how)

    @property
    def name(self) -> str:
        """The class it is evidence for."""
        return self.seen.classes[self.wanted]

    @property
    def evidence(self) -> str:
        """What it shows, for the alternative texts."""
        return paint.evidence_in_words(self.name, self.how)

    def heat(self) -> np.ndarray:
        """The map alone, uint8 (256, 256, 3)."""
        return paint.heat(self.values, self.scale, self.how, self.seen.share(self.run))

    def superimposed(self) -> np.ndarray:
        """The map over what its network saw of the galaxy, uint8 (H, W, 3)."""
        return paint.superimposed(
            self.seen.image, self.values, self.scale, self.how, self.seen.share(self.run)
        )

    @property
    def notes(self) -> list[str]:
        """What has to be said of it: its scale, why it is blank, that its evidence is the empty sky."""
        sky = sky_in_words(self.values, self.seen.image, self.seen.view(self.run), self.seen.mask)
        scale = fill(words.maps.FULL_COLOUR, logits=self.scale) if self.says_scale else ""
        return [note for note in (paint.if_blank(self.values, self.name, self.how) or scale, sky) if note]


def draw(galaxies: Sequence[Seen], wanted: Sequence[dict[str, int]], how: Paint) -> list[dict[str, Drawn]]:
    """By galaxy and run, the map of the class that is wanted of it."""
    pairs = list(zip(galaxies, wanted, strict=True))
    values = [[seen.values(run, c, how) for run, c in classes.items()] for seen, classes in pairs]
    scales = heat_scales(values, how.scale, signed=how.is_signed)
    says = len({scale for row in scales for scale in row}) > 1
    return [
        {
            run: Drawn(seen, run, c, how, scale, says)
            for (run, c), scale in zip(classes.items(), row, strict=True)
        }
        for (seen, classes), row in zip(pairs, scales, strict=True)
    ]


def asked_of(galaxies: Sequence[Seen], asked: str, how: Paint) -> list[dict[str, int]]:
    """By galaxy and run the class meant by `asked`, one of those of `maps.choose_class`, or by the kind of map."""
    asked = maps.PREDICTED if how.kind == maps.PAPERS else asked
    return [
        {run: maps.class_index(one.classes, asked, one.label, one.answer(run)) for run in one.short}
        for one in galaxies
    ]


def wanted_of(drawn: Iterable[dict[str, Drawn]]) -> list[dict[str, int]]:
    """By galaxy and run the classes of these maps."""
    return [{run: one.wanted for run, one in of_galaxy.items()} for of_galaxy in drawn]


def say_notes(drawn: Drawn) -> None:
    """The notes of a map below it."""
    if notes := drawn.notes:
        st.caption(joined("  \n", notes))


def show_scale(drawn: Iterable[dict[str, Drawn]], how: Paint) -> None:
    """The colour bar of all these maps, and which of them share a scale."""
    paint.show_scale([one.scale for of_galaxy in drawn for one in of_galaxy.values()], how)

"""The network as a drawing with the cut in it: one bar a block, its height the size of the maps it works on.

Drawn with plain blocks in the colour of the text, so that it is legible in both themes, and as wide as the slider
above it, so that the cut stands under the slider's thumb.
"""

from functools import cache
from html import escape
from itertools import groupby
from math import log2

import streamlit as st

from galaxy_core.networks.backbone import COST_SIZE, Backbone
from galaxy_core.networks.cut import Cut
from galaxy_core.networks.policy import Policy, taken_in_words
from galaxy_core.numerals import percent
from parts.look import LEARNED, TAKEN_OVER

TALLEST_REM = 5.6


def draw_network(cut: Cut, policy: Policy, source: str) -> None:
    """The whole network with the cut in it, then the cut as a share of layers, parameters and work."""
    below, above = side_words(policy, source)
    network = cut.backbone
    said = _cut_words(cut, policy)
    alt = f"{network.title}, {network.n_layers} layers. {said}. Below: {below}. Above: {above}."
    parts = f"{_cut_mark(cut, said)}{_bars(cut)}{_stage_names(network)}"
    drawing = f'<div role="img" aria-label="{escape(alt)}">{parts}</div>'
    sides = (below if cut.n_layers else "", above if cut.n_layers < network.n_layers else "")
    st.html(f"{drawing}{_legend(*sides)}{_shares(cut)}")


def side_words(policy: Policy, source: str) -> tuple[str, str]:
    """What the layers below and above the cut are, in words for a legend."""
    starts = {"source": f"taken from {_source_words(source)}", "random": "start from random numbers"}
    below = f"{starts[policy.below]}, {'kept as they are' if policy.freezes else 'then trained on galaxies'}"
    return below, f"{starts[policy.above]}, then trained on galaxies"


def _source_words(source: str) -> str:
    return {"imagenet": "ImageNet", "auto": "the source"}.get(source, f"the source “{source}”")


def _cut_words(cut: Cut, policy: Policy) -> str:
    return f"cut after {cut.boundary}" if cut.n_layers else f"no cut: {taken_in_words(policy, 0)}"


def _cut_mark(cut: Cut, said: str) -> str:
    """The label over the line, kept inside the drawing at its ends."""
    at = 100 * cut.n_layers / cut.backbone.n_layers
    width = 0.58 * len(said)
    line = (
        f'<div style="position:absolute;left:{at:.2f}%;top:1.35rem;height:{TALLEST_REM + 0.4}rem;'
        'border-left:2px solid currentColor;margin-left:-1px"></div>'
    )
    label = (
        f'<span style="position:absolute;font-size:0.87rem;font-weight:600;white-space:nowrap;text-align:center;'
        f'width:{width}em;left:clamp(0px, calc({at:.2f}% - {width / 2}em), max(0px, calc(100% - {width}em)))">'
        f"{escape(said)}</span>"
    )
    return f'<div style="position:relative;height:1.5rem">{label}{line}</div>'


def _bars(cut: Cut) -> str:
    network = cut.backbone
    bars = "".join(_bar(network, *unit, cut.n_layers) for unit in _units(network))
    return f'<div style="position:relative;height:{TALLEST_REM}rem">{bars}</div>'


def _bar(network: Backbone, start: int, stop: int, height: float, n_below: int) -> str:
    """One block; where the cut goes through it, two pieces."""
    pieces = [(start, min(stop, n_below), TAKEN_OVER), (max(start, n_below), stop, LEARNED)]
    n = network.n_layers
    return "".join(_piece(100 * a / n, 100 * b / n, height, colour) for a, b, colour in pieces if b > a)


def _piece(start: float, stop: float, height: float, colour: str) -> str:
    """From `start` to `stop` percent of the width."""
    return (
        f'<span style="position:absolute;bottom:0;left:{start:.3f}%;height:{height:.2f}rem;'
        f'width:calc({stop - start:.3f}% - 2px);background:{colour};border-radius:2px"></span>'
    )


def _stage_names(network: Backbone) -> str:
    """Each under the middle of its blocks, but never over an edge; in a narrow window every other one lies lower."""
    names = "".join(
        f'<span class="{"lower-label" if number % 2 else ""}" style="position:absolute;text-align:center;'
        f"white-space:nowrap;width:{_width(name)}em;"
        f'left:clamp(0px, calc({middle:.2f}% - {_width(name) / 2}em), calc(100% - {_width(name)}em))">'
        f"{name}<br>{side}×{side} px</span>"
        for number, (middle, name, side) in enumerate(_stages(network))
    )
    style = "position:relative;height:2.5rem;font-size:0.8rem;line-height:1.2;opacity:0.9"
    return f'<div class="labels-of-blocks" style="{style}">{names}</div>'


def _width(name: str) -> float:
    """Of a label in em: its name, or the size of the maps below it."""
    return 0.55 * max(len(name), len("128×128 px"))


@cache
def _units(network: Backbone) -> tuple[tuple[int, int, float], ...]:
    """(first layer, one past the last, height in rem) of every bar; height by the logarithm of the map's side."""
    groups = [list(group) for _, group in groupby(enumerate(network.layers), key=lambda item: item[1].unit)]
    sizes = network.output_sizes(COST_SIZE)
    return tuple(
        (group[0][0], group[-1][0] + 1, _height(max(sizes[layer.name] for _, layer in group[-1:])))
        for group in groups
    )


@cache
def _stages(network: Backbone) -> tuple[tuple[float, str, int], ...]:
    """(middle in percent, name, side of the maps at 256 px) of the parts of the network."""
    found = []
    for stage, group in groupby(enumerate(network.layers), key=lambda item: item[1].stage):
        members = list(group)
        if stage in ("", "stem"):
            continue
        middle = 100 * (members[0][0] + len(members) / 2) / network.n_layers
        side = network.feature_shape(members[-1][1].name, COST_SIZE)[0]
        found.append((middle, stage, side))
    return tuple(found)


def _height(side: int) -> float:
    return TALLEST_REM * log2(side / 2) / log2(COST_SIZE / 4)


def _shares(cut: Cut) -> str:
    network = cut.backbone
    rows = (
        (cut.n_layers / network.n_layers, f"of the {network.n_layers} layers lie below the cut"),
        (cut.parameter_share, f"of the {network.n_parameters / 1e6:.1f} million parameters"),
        (cut.flop_share, "of the multiply-adds, the work for one image"),
    )
    bars = "".join(_share(share, text) for share, text in rows)
    return f'<div style="display:grid;gap:3px;margin-top:0.5rem">{bars}</div>'


def _share(share: float, text: str) -> str:
    return (
        f'<div style="position:relative;height:1.35rem;border-radius:3px;overflow:hidden;background:{LEARNED}">'
        f'<div style="width:{100 * share:.2f}%;height:100%;background:{TAKEN_OVER}"></div>'
        '<span style="position:absolute;inset:0 0.6rem;line-height:1.35rem;font-size:0.84rem;color:#fff;'
        f'font-variant-numeric:tabular-nums"><b>{percent(share)}</b> {text}</span></div>'
    )


def _legend(below: str, above: str) -> str:
    items = ((TAKEN_OVER, f"below the cut: {below}"), (LEARNED, f"above the cut: {above}"))
    marks = "".join(
        f'<span><span style="display:inline-block;width:0.75rem;height:0.75rem;border-radius:2px;'
        f'background:{colour};margin-right:0.4rem"></span>{escape(text)}</span>'
        for colour, text in items
        if not text.endswith(": ")
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:0.2rem 1.6rem;font-size:0.9rem">{marks}</div>'

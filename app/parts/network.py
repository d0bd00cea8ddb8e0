"""The network as a drawing with the cut in it: one bar a dense layer, its height the size of the maps it works on.

Drawn with plain blocks in the colour of the text, so that it is legible in both themes, and as wide as the slider
above it, so that the cut stands under the slider's thumb.
"""

from functools import cache
from html import escape
from itertools import groupby
from math import log2

import streamlit as st

from galaxy_core.networks.densenet121 import LAYERS, N_LAYERS, Cut, Layer, feature_shape
from galaxy_core.networks.policy import Policy
from parts.look import LEARNED, TAKEN_OVER

BLOCKS = {
    "conv2": "dense block 1",
    "conv3": "dense block 2",
    "conv4": "dense block 3",
    "conv5": "dense block 4",
}
TALLEST_REM = 5.6


def draw_network(cut: Cut, policy: Policy, source: str) -> None:
    """The whole network with the cut in it, then the cut as a share of layers, parameters and work."""
    below, above = side_words(policy, source)
    alt = f"DenseNet-121, {N_LAYERS} layers. {_cut_words(cut)}. Below: {below}. Above: {above}."
    drawing = f'<div role="img" aria-label="{escape(alt)}">{_cut_mark(cut)}{_bars(cut.n_layers)}{_stage_names()}</div>'
    st.html(f"{drawing}{_legend(below, above)}{_shares(cut)}")


def side_words(policy: Policy, source: str) -> tuple[str, str]:
    """What the layers below and above the cut are, in words for a legend."""
    starts = {"source": f"taken from {_source_words(source)}", "random": "start from random numbers"}
    below = f"{starts[policy.below]}, {'kept as they are' if policy.freezes else 'then trained on galaxies'}"
    return below, f"{starts[policy.above]}, then trained on galaxies"


def _source_words(source: str) -> str:
    return {"imagenet": "ImageNet", "auto": "the source"}.get(source, f"the source “{source}”")


def _cut_words(cut: Cut) -> str:
    return f"cut after {cut.boundary}" if cut.n_layers else "no cut: nothing is taken over"


def _cut_mark(cut: Cut) -> str:
    """The label over the line, kept inside the drawing at its ends."""
    at = _percent(cut.n_layers)
    shift = 0 if at < 15 else 100 if at > 85 else 50
    line = (
        f'<div style="position:absolute;left:{at:.2f}%;top:1.35rem;height:{TALLEST_REM + 0.4}rem;'
        'border-left:2px solid currentColor;margin-left:-1px"></div>'
    )
    label = (
        f'<span style="position:relative;left:{at:.2f}%;display:inline-block;transform:translateX(-{shift}%);'
        f'font-size:0.87rem;font-weight:600;white-space:nowrap">{escape(_cut_words(cut))}</span>'
    )
    return f'<div style="position:relative;height:1.5rem">{label}{line}</div>'


def _bars(n_below: int) -> str:
    bars = "".join(_bar(start, stop, height, n_below) for start, stop, height in _units())
    return f'<div style="position:relative;height:{TALLEST_REM}rem">{bars}</div>'


def _bar(start: int, stop: int, height: float, n_below: int) -> str:
    """One dense layer; where the cut goes through it, two pieces."""
    pieces = [(start, min(stop, n_below), TAKEN_OVER), (max(start, n_below), stop, LEARNED)]
    return "".join(_piece(a, b, height, colour) for a, b, colour in pieces if b > a)


def _piece(start: int, stop: int, height: float, colour: str) -> str:
    return (
        f'<span style="position:absolute;bottom:0;left:{_percent(start):.3f}%;height:{height:.2f}rem;'
        f'width:calc({_percent(stop - start):.3f}% - 2px);background:{colour};border-radius:2px"></span>'
    )


def _stage_names() -> str:
    names = "".join(
        f'<span style="position:absolute;left:{_percent(start):.2f}%;width:{_percent(stop - start):.2f}%;'
        f'text-align:center;white-space:nowrap">{name}<br>{side}×{side} px</span>'
        for start, stop, name, side in _stages()
    )
    return f'<div style="position:relative;height:2.5rem;font-size:0.8rem;line-height:1.2;opacity:0.8">{names}</div>'


@cache
def _units() -> tuple[tuple[int, int, float], ...]:
    """(first layer, one past the last, height in rem) of every bar; height by the logarithm of the map's side."""
    groups = [list(group) for _, group in groupby(enumerate(LAYERS), key=lambda item: _unit(item[1]))]
    return tuple((group[0][0], group[-1][0] + 1, _height(group[-1][1])) for group in groups)


@cache
def _stages() -> tuple[tuple[int, int, str, int], ...]:
    """(first, one past the last, name, side of the maps at 256 px) of the four dense blocks."""
    found = []
    for key, group in groupby(enumerate(LAYERS), key=lambda item: _unit(item[1]).split("_")[0]):
        members = list(group)
        if key in BLOCKS:
            side = feature_shape(members[-1][1].name, 256)[0]
            found.append((members[0][0], members[-1][0] + 1, BLOCKS[key], side))
    return tuple(found)


def _unit(layer: Layer) -> str:
    """The dense layer, transition, stem or end that a layer is part of."""
    name = layer.name
    if name.startswith(("pool2", "pool3", "pool4")):
        return name.split("_")[0]
    if "_block" in name:
        return "_".join(name.split("_")[:2])
    return "end" if name in ("bn", "relu") else "stem"


def _height(layer: Layer) -> float:
    side = log2(feature_shape(layer.name, 256)[0] / 2)
    return TALLEST_REM * side / log2(feature_shape("pool1", 256)[0] / 2)


def _percent(n_layers: int) -> float:
    return 100 * n_layers / N_LAYERS


def _shares(cut: Cut) -> str:
    rows = (
        (cut.n_layers / N_LAYERS, f"of the {N_LAYERS} layers"),
        (cut.parameter_share, "of the 7.0 million parameters"),
        (cut.flop_share, "of the multiply-adds, the work for one image"),
    )
    bars = "".join(_share(share, text) for share, text in rows)
    return f'<div style="display:grid;gap:3px;margin-top:0.5rem">{bars}</div>'


def _share(share: float, text: str) -> str:
    return (
        f'<div style="position:relative;height:1.35rem;border-radius:3px;overflow:hidden;background:{LEARNED}">'
        f'<div style="width:{100 * share:.2f}%;height:100%;background:{TAKEN_OVER}"></div>'
        '<span style="position:absolute;inset:0 0.6rem;line-height:1.35rem;font-size:0.84rem;color:#fff;'
        f'font-variant-numeric:tabular-nums"><b>{share:.0%}</b> {text} lie below the cut</span></div>'
    )


def _legend(below: str, above: str) -> str:
    items = ((TAKEN_OVER, f"below the cut: {below}"), (LEARNED, f"above the cut: {above}"))
    marks = "".join(
        f'<span><span style="display:inline-block;width:0.75rem;height:0.75rem;border-radius:2px;'
        f'background:{colour};margin-right:0.4rem"></span>{escape(text)}</span>'
        for colour, text in items
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:0.2rem 1.6rem;font-size:0.9rem">{marks}</div>'

"""Plotly figures in the report: their values lie in the page, and its script stands in it once. Nothing is loaded.

Only two scripts may run, known to the page by their hashes: Plotly's, and the one here that draws.
"""

import base64
import hashlib
import json
from functools import cache
from html import escape
from typing import Any

from galaxy_core.report.markup import Markup, element
from galaxy_core.studies.study import Figure

DRAW = Markup("""
for (const place of document.querySelectorAll("[data-figure]")) {
  const {data, layout} = JSON.parse(place.dataset.figure);
  const ink = getComputedStyle(document.body).color;
  const clear = {paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: {color: ink, size: 13}};
  const quiet = {gridcolor: "rgba(128,128,128,0.25)", automargin: true, zeroline: false};
  const legend = {orientation: "h", yanchor: "bottom", y: 1.02, x: 0};
  const margin = {l: 60, r: 12, t: 40, b: 48};
  const shown = {...layout, ...clear, legend, margin};
  for (const axis of Object.keys(layout).filter((key) => key.includes("axis"))) {
    shown[axis] = {...quiet, ...layout[axis]};
  }
  Plotly.newPlot(place, data, shown, {displayModeBar: false, responsive: true});
}
""")


def figure(values: Figure, alt: str) -> Markup:
    """The place where a figure is drawn, with words for those who cannot see it; nothing where it has no traces."""
    if not values["data"]:
        return Markup()
    return element("div", data_figure=json.dumps(_as_written(values)), role="img", aria_label=alt)


def scripts() -> Markup:
    """Both scripts, to stand at the end of a page that has figures."""
    return Markup(element("script", _plotly()) + element("script", DRAW))


def script_sources() -> str:
    """The hashes of both, for the page's Content-Security-Policy."""
    return " ".join(f"'sha256-{_hash(one)}'" for one in (_plotly(), DRAW))


@cache
def _plotly() -> Markup:
    from plotly.offline import get_plotlyjs

    return Markup(get_plotlyjs())


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _as_written(value: Any) -> Any:
    """The figure with its texts shown as they were written: Plotly knows some HTML. Its templates are ours."""
    if isinstance(value, dict):
        return {key: one if key.endswith("template") else _as_written(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_written(one) for one in value]
    return escape(value, quote=False) if isinstance(value, str) else value

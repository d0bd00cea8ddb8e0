"""Two pictures in one place and a line between them, moved by pointer or arrow keys; nothing is loaded from outside."""

import numpy as np
import streamlit as st

from parts.picture import as_url

_HTML = """
<figure>
  <div class="stage">
    <img class="left"><div class="right"><img class="right"></div>
    <div class="line"></div>
    <input type="range" min="0" max="100" step="2" value="50">
  </div>
  <figcaption><span class="left"></span><span class="right"></span></figcaption>
</figure>
"""

# the handle hangs over by half its width at both ends, so that the line reaches the edges of the pictures; what is
# enlarged around them (`parts.zoom`) reaches in here by its variables
_CSS = """
figure { margin: 0 0 0.3rem; max-width: 440px; color: var(--st-text-color); font: 0.9rem var(--st-font); }
.stage { position: relative; overflow: hidden; border-radius: 4px; --at: 50%; }
.stage:focus-within { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
img { display: block; width: 100%; transform-origin: 0 0;
      transform: scale(var(--zoom, 1)) translate(calc(var(--x, 0) * -100%), calc(var(--y, 0) * -100%)); }
div.right { position: absolute; inset: 0; clip-path: inset(0 0 0 var(--at)); }
.line { position: absolute; top: 0; bottom: 0; left: var(--at); width: 2px; margin-left: -1px;
        background: #fff; box-shadow: 0 0 3px #000; }
input { position: absolute; top: 0; left: -14px; width: calc(100% + 28px); height: 100%; margin: 0;
        background: transparent; appearance: none; -webkit-appearance: none; outline: none; cursor: ew-resize; }
input::-webkit-slider-thumb { -webkit-appearance: none; width: 28px; height: 28px; border-radius: 50%;
        background: #fffc; border: 2px solid #222; box-shadow: 0 0 4px #000; }
input::-moz-range-thumb { width: 24px; height: 24px; border-radius: 50%; background: #fffc; border: 2px solid #222; }
figcaption { display: flex; justify-content: space-between; gap: 1rem; padding-top: 0.3rem; font-weight: 600; }
"""

_JS = """
export default function ({ parentElement, data }) {
  const find = (name) => parentElement.querySelector(name);
  for (const side of ["left", "right"]) {
    find(`img.${side}`).src = data[side].picture;
    find(`img.${side}`).alt = data[side].alt;
    find(`span.${side}`).textContent = data[side].name;
  }
  const range = find("input");
  range.setAttribute("aria-label", `Wipe between ${data.left.name} and ${data.right.name}`);
  const move = () => {
    find(".stage").style.setProperty("--at", `${range.value}%`);
    range.setAttribute("aria-valuetext", `${data.left.name} on the left ${range.value} % of the picture`);
  };
  range.oninput = move;
  move();
}
"""

_mount = st.components.v2.component("galaxy_wipe", html=_HTML, css=_CSS, js=_JS)


def show_wipe(left: tuple[str, np.ndarray, str], right: tuple[str, np.ndarray, str], key: str) -> None:
    """Two pictures of one size, each with its name and its alternative text."""
    _mount(data={"left": _side(*left), "right": _side(*right)}, key=key)


def _side(name: str, picture: np.ndarray, alt: str) -> dict[str, str]:
    return {"name": name, "picture": as_url(picture), "alt": alt}

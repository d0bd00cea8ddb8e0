"""From maps to pictures: upsample, colour on one scale for a whole comparison, lay over what the network saw.

A map covers the view that was classified, the central square of a `share` of the image's side: heat is drawn there
alone, in a frame, and what lies outside is dimmed. Images are uint8 RGB (H, W, 3), maps are float (h, w) in logits.
Nothing here stretches a map to its own range: the scale is an argument. Sequential colours are perceptually uniform and
safe for colour-blind eyes (magma, viridis, cividis of matplotlib, as OpenCV ships them). Signed maps take
blue-white-orange: blue and orange are the pair that all common colour deficiencies keep apart, and both arms fall in
lightness at one rate from a neutral white at zero.
"""

from collections.abc import Iterable
from functools import cache

import cv2
import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.images.view import dimmed_outside, square_of, with_frames

SEQUENTIAL = {"magma": cv2.COLORMAP_MAGMA, "viridis": cv2.COLORMAP_VIRIDIS, "cividis": cv2.COLORMAP_CIVIDIS}
DIVERGING = "blue_orange"
COLORMAPS = (*SEQUENTIAL, DIVERGING)
_BLUE, _WHITE, _ORANGE = (38.0, 4.0, -46.0), (97.0, 0.0, 0.0), (38.0, 34.0, 48.0)
"""Ends and middle of the diverging colours in CIELAB: equal lightness at both ends."""
NOT_SEEN = (64, 66, 72)
"""Neither the colour of no heat nor that of any."""


def common_scale(maps: Iterable[np.ndarray], *, signed: bool = False) -> float:
    """The one scale of a comparison, in logits: the largest value of all maps (signed: the largest
    magnitude).

    1 where there is nothing to show (no map, or none above zero), so that blank maps are drawn blank.
    """
    tops = [
        float(np.max(np.abs(values) if signed else values)) for values in maps if np.all(np.isfinite(values))
    ]
    top = max(tops, default=0.0)
    return top if top > 0 else 1.0


def upsample(values: np.ndarray, size: int | tuple[int, int]) -> np.ndarray:
    """A map at `size` pixels (side, or height and width), float32, its cells centred on the pixels they cover.

    Half-pixel convention: cell i of n spans [i, i + 1] / n of the image. `cubic` (default) is smooth, and held
    within the range of the map, which it would overshoot; `linear` shows edges of cells, `cells` the cells.
    """
    height, width = (size, size) if isinstance(size, int) else size
    cells = np.asarray(values, np.float32)
    smooth = cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(smooth, cells.min(), cells.max())


def colour(values: np.ndarray, scale: float, colormap: str = "magma") -> np.ndarray:
    """A map (h, w) in logits as uint8 RGB (h, w, 3): 0..scale, or -scale..scale for the diverging colours.

    What lies beyond the scale takes the colour of its end; what is not finite is drawn as zero.
    """
    if not (np.isfinite(scale) and scale > 0):
        raise BadValueError(
            f"scale must be a positive number of logits, got {scale}; common_scale(maps) gives one"
        )
    share = np.nan_to_num(np.asarray(values, np.float64) / scale, nan=0.0, posinf=0.0, neginf=0.0)
    share = (share + 1) / 2 if colormap == DIVERGING else share
    return palette(colormap)[np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)]


def heat_opacity(values: np.ndarray, scale: float, *, most: float = 0.65) -> np.ndarray:
    """Opacity that follows the heat: 0 where there is none or less, `most` at the scale and beyond."""
    share = np.nan_to_num(np.asarray(values, np.float32) / np.float32(scale), nan=0.0, posinf=0.0, neginf=0.0)
    return most * np.clip(share, 0, 1)


def superimpose(image: np.ndarray, coloured: np.ndarray, opacity: float | np.ndarray = 0.45) -> np.ndarray:
    """The coloured map over the galaxy, uint8 RGB; opacity in [0, 1], one number or one per pixel (H, W)."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape != coloured.shape:
        raise BadValueError(
            f"image and coloured map must be uint8 (H, W, 3) of one shape, got {image.dtype} {image.shape} "
            f"and {coloured.dtype} {coloured.shape}; upsample the map to the image first"
        )
    weight = np.asarray(opacity, np.float32)
    if weight.min() < 0 or weight.max() > 1:
        raise BadValueError(
            f"opacity must lie in [0, 1], got {weight.min():g}..{weight.max():g}; 0 shows the galaxy alone"
        )
    weight = weight[..., None] if weight.ndim == 2 else weight
    return np.rint(image * (1 - weight) + coloured * weight).astype(np.uint8)


def overlay(
    image: np.ndarray,
    values: np.ndarray,
    scale: float,
    *,
    share: float,
    colormap: str = "magma",
    most: float = 0.65,
) -> np.ndarray:
    """A map (h, w) laid over the view it is of, in one step; opacity follows the heat (its magnitude, if signed)."""
    picture = dimmed_outside(image, share)
    rows, columns = square_of(share, image.shape)
    seen = image[rows, columns]
    smooth = upsample(values, (seen.shape[0], seen.shape[1]))
    heat = np.abs(smooth) if colormap == DIVERGING else smooth
    picture[rows, columns] = superimpose(
        seen, colour(smooth, scale, colormap), heat_opacity(heat, scale, most=most)
    )
    return with_frames(picture, [share])


def heat_alone(
    values: np.ndarray, size: int, scale: float, *, share: float, colormap: str = "magma"
) -> np.ndarray:
    """A map (h, w) in its place in an image of `size` pixels a side, uint8 RGB; outside the view it is dark."""
    picture = np.full((size, size, 3), NOT_SEEN, np.uint8)
    rows, columns = square_of(share, picture.shape)
    picture[rows, columns] = colour(upsample(values, rows.stop - rows.start), scale, colormap)
    return with_frames(picture, [share])


def seen_in_frame(image: np.ndarray, share: float) -> np.ndarray:
    """The image alone with its view in a frame, what lies outside dimmed."""
    return with_frames(dimmed_outside(image, share), [share])


@cache
def palette(colormap: str) -> np.ndarray:
    """The 256 colours of a map of colours, uint8 RGB (256, 3), lowest value first."""
    if colormap == DIVERGING:
        return _diverging()
    if colormap not in SEQUENTIAL:
        raise BadValueError(f"colormap must be one of {', '.join(COLORMAPS)}, got {colormap!r}; try magma")
    ramp = np.arange(256, dtype=np.uint8).reshape(256, 1)
    return np.ascontiguousarray(cv2.applyColorMap(ramp, SEQUENTIAL[colormap])[:, 0, ::-1])


def _diverging() -> np.ndarray:
    """Straight lines in CIELAB, where equal steps look equal."""
    position = np.linspace(-1, 1, 256, dtype=np.float32)
    channels = [np.interp(position, (-1, 0, 1), ends) for ends in zip(_BLUE, _WHITE, _ORANGE, strict=True)]
    lab = np.stack(channels, axis=-1).astype(np.float32)[None]
    rgb = cv2.cvtColor(lab, cv2.COLOR_Lab2RGB)[0]
    return np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8)

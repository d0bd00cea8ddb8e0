"""Whether a picture that is to be classified shows anything: is it blank, nearly so, saturated, mostly border?

The limits were set on 700 real Galaxy10 DECaLS images, 6,507 of another survey (SDSS) and 100 mock ones: none of them
is refused, and the margin stands beside each limit. It says nothing of what is seen (`prediction.familiarity` does).
"""

import cv2
import numpy as np

from galaxy_core.numerals import percent

CELL = 4  # pixels a side, averaged before structure is looked for: grain is finer, the smallest source is not
FEWEST_STEPS = 8.0
"""Structure beside the sky, of 255: galaxies have 45 and more, a blank cutout after JPEG at most 2."""
FEWEST_GRAINS = 5.0
"""The same in units of the grain: galaxies have 9 and more, white noise 1, that of a resampled survey 3."""
MIDDLE = 3 / 8
"""A galaxy stands in the middle, and a network may be shown no more: the shipped ones see so much of the side."""
SATURATED, MOST_SATURATED = 250, 0.2  # of the pixels; galaxies have less than 0.01
MOST_BORDER = 0.4  # of the picture; galaxies have none
EVEN_STEPS, MOST_UNEVEN = 2, 0.05  # a line of one colour: all but so many of its pixels are that near
SHARP = 0.35  # so much of the lines right behind a border is picture; behind the rim of a disc it is less
JPEG_BLOCK = 8  # pixels that an edge rings beyond itself


JUMP, SMALL_JUMP, ACROSS = 12, 6, 0.5
"""Steps of 255 in one direction, and the share of a line that makes them: at 10 and 5 no real image does."""


def why_broken(image: np.ndarray) -> str | None:
    """What is wrong with an image uint8 (H, W, 3), as it was read, that is broken along a line; None where nothing."""
    line = broken_line(image)
    return None if line is None else f"jumps in brightness all along line {line}, as damaged files do"


def why_unfit(image: np.ndarray) -> str | None:
    """What is wrong with an image uint8 (256, 256, 3) that shows no object; None where nothing is."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    saturated = np.count_nonzero(grey >= SATURATED) / grey.size
    if saturated > MOST_SATURATED:
        return f"is saturated in {percent(saturated)} of its pixels"
    cells = _cells(grey)
    sky = _median(cells)
    if emptiness := _why_empty(grey, cells, sky):
        red, green, blue = (int(c) for c in np.median(image.reshape(-1, 3), axis=0))
        return f"{emptiness} (all of it is near the colour {red}, {green}, {blue})"
    border = border_share(grey)
    if border > MOST_BORDER:
        return f"has no data in {percent(border)} of it, which are an even border"
    part = _middle(grey)
    middle = _why_empty(part, _cells(part), sky)
    return f"{middle} in the middle, where the galaxy should be" if middle else None


def border_share(grey: np.ndarray) -> float:
    """How much of an image uint8 (H, W) is an even border of one colour that ends at a straight, sharp edge.

    A galaxy on a sky of one colour has none: what fades into it, or is round, leaves no straight edge.
    """
    top, bottom = _border_lines(grey), _border_lines(grey[::-1])
    inner = grey[top : max(top + 1, len(grey) - bottom)]
    left, right = _border_lines(inner.T), _border_lines(inner.T[::-1])
    height, width = grey.shape
    return 1 - max(0, height - top - bottom) * max(0, width - left - right) / (height * width)


def broken_line(image: np.ndarray) -> int | None:
    """The first line of JPEG blocks from which on a colour of an image uint8 (H, W, 3) is shifted; None without one.

    A flipped bit shifts the colour of all blocks behind it, and no decoder can know. An edge that is in the picture
    keeps to no block: half of it or more lies on the lines around, too.
    """
    if len(image) <= JPEG_BLOCK:
        return None
    above, below = image[JPEG_BLOCK - 1 : -1 : JPEG_BLOCK], image[JPEG_BLOCK::JPEG_BLOCK]
    for sign, more, less in ((1, below, above), (-1, above, below)):
        steps = cv2.subtract(more, less)
        if _n_jumps(steps).max() <= ACROSS * image.shape[1]:
            continue  # too few of all colours together, as in nearly every image
        n_jumps = np.hstack([_n_jumps(one) for one in cv2.split(steps)])
        for row, colour in np.argwhere(n_jumps > ACROSS * image.shape[1]):
            line = JPEG_BLOCK * (int(row) + 1)
            near = sign * np.diff(image[max(0, line - 7) : line + 7, :, colour].astype(np.int16), axis=0)
            is_step = (near >= SMALL_JUMP).mean(axis=1) > ACROSS
            if is_step.sum() == 1:
                return line
    return None


def _n_jumps(steps: np.ndarray) -> np.ndarray:
    """How many steps of each line, uint8 (lines, W) or (lines, W, 3), are jumps: int32 (lines, 1)."""
    _, jumps = cv2.threshold(steps, JUMP - 1, 1, cv2.THRESH_BINARY)
    # as one channel: OpenCV adds up interleaved ones many times slower
    return cv2.reduce(jumps.reshape(len(jumps), -1), 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)


def _border_lines(lines: np.ndarray) -> int:
    """How many lines from the first on are of its colour, if the picture begins right behind them; else 0."""
    values = np.sort(lines[0])
    n, most = len(values), int(MOST_UNEVEN * len(values))
    if int(values[-1 - most]) - int(values[most]) > 2 * EVEN_STEPS:
        return 0  # no five values in a row hold so many, as in nearly every image
    colour = (int(values[(n - 1) // 2]) + int(values[n // 2])) // 2
    shares = (np.abs(lines.astype(np.int16) - colour) > EVEN_STEPS).mean(axis=-1)
    if shares[0] > MOST_UNEVEN:
        return 0
    n_even = int(np.argmax(shares > MOST_UNEVEN)) or len(lines)
    behind = shares[n_even + JPEG_BLOCK : n_even + 2 * JPEG_BLOCK]
    return n_even if len(behind) and behind.mean() > SHARP else 0


def _why_empty(grey: np.ndarray, counts: np.ndarray, sky: float) -> str | None:
    """What to say of an image uint8 (H, W), or a part of one, of whose cells, counted by value, none stands out."""
    # the second brightest, or of a negative the second darkest, since one hot pixel is no source
    second, last_but_one = _ordered(counts, 1, counts.sum() - 2)
    structure = max(last_but_one - sky, sky - second)
    if structure < FEWEST_STEPS:
        return "is blank"
    left, right = grey[:, :-1], grey[:, 1:]
    if structure * left.size < FEWEST_GRAINS * cv2.norm(left, right, cv2.NORM_L1):
        return "shows noise alone"
    return None


def _ordered(counts: np.ndarray, *places: int) -> list[int]:
    """The values, as many of each as `counts` says, that stand at these places when put in order."""
    return list(np.searchsorted(np.cumsum(counts), np.add(places, 1)))


def _median(counts: np.ndarray) -> float:
    n = int(counts.sum())
    return sum(_ordered(counts, (n - 1) // 2, n // 2)) / 2


def _cells(grey: np.ndarray) -> np.ndarray:
    """How many cells have each of the 256 values."""
    size = (grey.shape[1] // CELL, grey.shape[0] // CELL)
    return np.bincount(cv2.resize(grey, size, interpolation=cv2.INTER_AREA).ravel(), minlength=256)


def _middle(grey: np.ndarray) -> np.ndarray:
    height, width = (round(MIDDLE * side) for side in grey.shape)
    top, left = (grey.shape[0] - height) // 2, (grey.shape[1] - width) // 2
    return grey[top : top + height, left : left + width]

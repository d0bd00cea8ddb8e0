"""Whether a picture looks like the images the networks were trained on: six plain measures, each with its range.

The ranges were set, with some margin, to hold all of 700 real Galaxy10 DECaLS images and 100 mock ones; they say
nothing of what is in the picture. Outside lie 500 of 500 ImageNet photographs, and 498 of 501 SDSS images of
galaxies (another telescope, another mapping of brightness to colours). It knows no network and no run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from galaxy_core.errors import BadValueError

RIM = 16
"""A sixteenth of the side: what lies this close to the edge is taken for sky."""


@dataclass(frozen=True)
class Range:
    """What a measure is in training images, and what to say of a picture that is below or above."""

    low: float
    high: float
    below: str
    above: str


RANGES = {
    "sky": Range(25, 60, "Its sky is darker", "Its rim is brighter than the sky should be"),
    "sky_colour": Range(0, 12, "", "Its sky has a colour"),
    "rim_structure": Range(0, 45, "", "There is much besides sky at its rim"),
    "grain": Range(1, 20, "Its sky has hardly any noise", "Its sky is noisier"),
    "light": Range(8, 230, "There is hardly any light in its middle", "Its middle is brighter"),
    "colour": Range(5, 130, "It has no colours", "Its colours are stronger"),
}
"""In the order in which they are said; all in units of 255."""


def measures(image: np.ndarray) -> dict[str, float]:
    """The measures of one image uint8 (256, 256, 3), by the names of `RANGES`, in units of 255.

    sky: median brightness (mean of the three colours) of the rim; sky_colour: the largest departure of one colour
    of the rim from it; rim_structure: the 90th percentile of the rim above the sky; grain: median step between
    neighbours in the upper rim; light: the 90th percentile of the central quarter above the sky; colour: mean
    difference between the strongest and the weakest colour of the brightest 2 % of the pixels.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or min(image.shape[:2]) < RIM:
        raise BadValueError(f"the image must be uint8 (256, 256, 3), got {image.dtype} {image.shape}")
    pixels = image.astype(np.float32)
    brightness = pixels.mean(axis=2)
    is_rim = _rim(brightness.shape)
    rim, width = brightness[is_rim], image.shape[0] // RIM
    sky = float(np.median(rim))
    brightest = pixels[brightness >= np.percentile(brightness, 98)]
    return {
        "sky": sky,
        "sky_colour": float(np.abs(np.median(pixels[is_rim], axis=0) - sky).max()),
        "rim_structure": float(np.percentile(rim, 90)) - sky,
        "grain": float(np.median(np.abs(np.diff(brightness[:width], axis=1)))),
        "light": float(np.percentile(_middle(brightness), 90)) - sky,
        "colour": float(np.mean(brightest.max(axis=1) - brightest.min(axis=1))),
    }


def unlike_training(image: np.ndarray) -> tuple[str, ...]:
    """What is unlike the training images in one image uint8 (256, 256, 3): a sentence each, none where all is well."""
    return tuple(
        f"{reason} ({value:.0f} of 255; training images have {RANGES[name].low:g} to {RANGES[name].high:g})."
        for name, value in measures(image).items()
        if (reason := _reason(RANGES[name], value))
    )


def _reason(allowed: Range, value: float) -> str:
    if value < allowed.low:
        return allowed.below
    return allowed.above if value > allowed.high else ""


def _rim(shape: tuple[int, ...]) -> np.ndarray:
    is_rim = np.ones(shape, bool)
    rows, columns = shape[0] // RIM, shape[1] // RIM
    is_rim[rows:-rows, columns:-columns] = False
    return is_rim


def _middle(brightness: np.ndarray) -> np.ndarray:
    height, width = brightness.shape
    return brightness[3 * height // 8 : 5 * height // 8, 3 * width // 8 : 5 * width // 8]

"""Is a run right as often of small and of faint galaxies: test accuracy over apparent size and brightness.

Size and brightness are measured on the image alone, by the outline that `maps.galaxy_mask` finds: the radius of a
circle of its area, and the light within it above the sky, in magnitudes relative to the median test galaxy (a JPEG
has no zero point). Sizes are in arcsec where the file of galaxies says the pixel scale (Galaxy10 has two), in pixels of
the image where it says none. Bins hold equally many galaxies, the same ones for all runs of a test part.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from galaxy_core.data.pixel_scale import scale_counts, scales_in_words
from galaxy_core.maps.galaxy_mask import find_galaxy, light_of
from galaxy_core.metrics.resample import Estimate
from galaxy_core.metrics.statistics import wilson_interval
from galaxy_core.results.records import VISIBILITY as RECORD
from galaxy_core.results.records import keep, kept_of, origin_of
from galaxy_core.results.table import table_rows
from galaxy_core.studies.charts import over_share
from galaxy_core.studies.shown import N_AT_ONCE, TestPart, open_lineup, test_parts
from galaxy_core.studies.study import (
    TRUST,
    Asked,
    Figure,
    Progress,
    Row,
    Study,
    measured,
    rows_from,
    span_in_words,
)

if TYPE_CHECKING:
    from pandas import DataFrame

SIZE, BRIGHTNESS = "apparent radius, arcsec", "magnitudes fainter than the median"
SIZE_IN_PIXELS = "apparent radius, px"
_SIZES = ("smallest", "largest")
ENDS = {
    SIZE: _SIZES,
    SIZE_IN_PIXELS: _SIZES,
    BRIGHTNESS: ("brightest", "faintest"),
}
"""What the galaxies of the first and the last bin are called."""


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """Accuracy in each bin, and in the last minus in the first; undetected galaxies are left out and told."""
    n_bins = max(2, int(asked.options["bins"]))
    found: dict[str, list[Row]] = {}
    for part in test_parts(asked.runs, asked.galaxies):
        seen, right = _measure(part, asked, progress)
        for run in part.runs:
            made = [
                row
                for what, values in seen.items()
                for row in _bins(run.name, what, values, right[run.name], n_bins)
            ]
            head = {**origin_of(run, asked.galaxies, part.part), "bins": n_bins}
            keep(run, RECORD, {**head, "rows": [row[1:5] for row in made]})
            found[run.name] = made
    for setting in table_rows(asked.runs):
        yield from found[setting.run]


def _measure(
    part: TestPart, asked: Asked, progress: Progress
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Size and relative magnitude of each test galaxy, float (N,), and by run whether it is right, bool (N,)."""
    galaxies = asked.galaxies
    lineup = (asked.lineup_of or open_lineup)(part.runs)
    scales = asked.galaxies.pixel_scale[part.indices]
    is_known = bool(np.isfinite(scales).any())
    seen: list[tuple[float, float]] = []
    right: dict[str, list[np.ndarray]] = {run.name: [] for run in part.runs}
    for start in range(0, len(part.indices), N_AT_ONCE):
        chosen = part.indices[start : start + N_AT_ONCE]
        images = np.asarray(galaxies.images[chosen])
        used = scales[start : start + N_AT_ONCE] if is_known else np.ones(len(chosen))
        seen += [_seen(image, float(scale)) for image, scale in zip(images, used, strict=True)]
        for name, logits in lineup.predict(images).items():
            right[name].append(logits.argmax(axis=1) == galaxies.labels[chosen])
        progress(start + len(chosen), len(part.indices))
    radii, magnitudes = np.array(seen, np.float64).reshape(-1, 2).T
    _tell(asked, part, scales, radii)
    if np.isfinite(magnitudes).any():
        magnitudes = magnitudes - np.nanmedian(magnitudes)
    size = SIZE if is_known else SIZE_IN_PIXELS
    return {size: radii, BRIGHTNESS: magnitudes}, {name: np.concatenate(one) for name, one in right.items()}


def _tell(asked: Asked, part: TestPart, scales: np.ndarray, radii: np.ndarray) -> None:
    """Which pixel scales the sizes go by, and which galaxies are in no bin."""
    who, known = ", ".join(run.name for run in part.runs), np.isfinite(scales)
    counts = scales_in_words(scale_counts(scales))
    if not known.any():
        asked.told.append(f"the file says no pixel scale of the test galaxies of {who}; sizes are in pixels")
        known = ~known
    else:
        left = "" if known.all() else "; those of unknown scale are in no bin"
        asked.told.append(f"sizes in arcsec by the pixel scale of the test galaxies of {who}: {counts}{left}")
    if n_unseen := int(np.isnan(radii[known]).sum()):
        asked.told.append(f"of {n_unseen} test galaxies of {who} no outline was found; they are in no bin")


def _seen(image: np.ndarray, scale: float) -> tuple[float, float]:
    """Radius in arcsec and magnitude without a zero point, at so many arcsec a pixel; NaN where none was found."""
    mask = find_galaxy(image)
    light = light_of(image, mask) if mask.is_detected else 0.0
    if light <= 0:
        return np.nan, np.nan
    # light within a pixel is a surface brightness: what the eye sees of a wider pixel is more
    return mask.radius * scale, -2.5 * float(np.log10(light * scale**2))


def _bins(run: str, what: str, values: np.ndarray, right: np.ndarray, n_bins: int) -> Iterator[Row]:
    known = np.isfinite(values)
    values, right = values[known], right[known]
    if not len(values):
        return
    order = np.argsort(values, kind="stable")
    parts = [part for part in np.array_split(order, n_bins) if len(part)]
    for k, part in enumerate(parts, start=1):
        name = f"accuracy, bin {k} of {len(parts)} by {what}"
        edges = f"{values[part].min():.2f} to {values[part].max():.2f}"
        yield measured(run, f"{name}: {edges}", _share(right[part]))
    if len(parts) > 1:
        for end, part in zip(ENDS[what], (parts[0], parts[-1]), strict=True):
            yield measured(run, f"accuracy of the {end} galaxies", _share(right[part]))
        yield measured(
            run, difference_of(what), _difference(_share(right[parts[-1]]), _share(right[parts[0]]))
        )


def difference_of(what: str) -> str:
    """The name of the score."""
    first, last = ENDS[what]
    return f"accuracy of the {last} minus of the {first} galaxies"


def _share(right: np.ndarray) -> Estimate:
    return Estimate(float(right.mean()), *wilson_interval(float(right.sum()), len(right)), len(right))


def _difference(first: Estimate, second: Estimate) -> Estimate:
    """First minus second on other galaxies, by Newcombe's (1998, method 10) square-and-add of Wilson's intervals."""
    value = first.value - second.value
    low = value - np.hypot(first.value - first.low, second.high - second.value)
    high = value + np.hypot(first.high - first.value, second.value - second.low)
    return Estimate(value, float(low), float(high), min(first.n, second.n))


def sentence(frame: DataFrame) -> str:
    """How much more often large and faint galaxies are right than small and bright ones."""
    return " ".join(span_in_words(frame, difference_of(what), "+.2f") for what in (SIZE, BRIGHTNESS))


def chart(frame: DataFrame) -> Figure:
    """Accuracy of the galaxies at both ends, over the share taken over."""
    ends = [end for what in (SIZE, BRIGHTNESS) for end in ENDS[what]]
    return over_share(frame, {f"accuracy of the {end} galaxies": end for end in ends}, "test accuracy", ".0%")


STUDY = Study(
    *("visibility", 55, TRUST, "Is it right as often of small and of faint galaxies?", rows, sentence, chart),
    options={"bins": 4},
    kept=lambda asked: kept_of(asked, RECORD, lambda row, record: rows_from(row.run, record["rows"])),
    tell=chain.from_iterable,
)

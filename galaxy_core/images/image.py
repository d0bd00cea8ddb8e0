"""What a picture has become once it was read. It knows an array and what must be said of it."""

from dataclasses import dataclass

import numpy as np

FIT = "ok"


@dataclass(frozen=True, eq=False)
class Image:
    """A picture that was read: `pixels` uint8 (H, W, 3), and in `notes` what was done to it, a sentence each.

    `quality` is "ok", or why it shows no object; said of what is to be classified (`images.to_classify`).
    `pixel_scale_arcsec` is that of `pixels`, None where the file does not say it; `stretch` says how flux became
    colour, None for what was a picture already. `place`: right ascension and declination of its middle, in degrees.
    """

    pixels: np.ndarray
    notes: tuple[str, ...] = ()
    quality: str = FIT
    pixel_scale_arcsec: float | None = None
    stretch: str | None = None
    place: tuple[float, float] | None = None

    @property
    def shown(self) -> str:
        """Scale and stretch in words, as far as they are known."""
        scale = self.pixel_scale_arcsec
        sizes = f'{scale:.3g}" a pixel, {scale * min(self.pixels.shape[:2]):.0f}" across' if scale else ""
        return "; ".join(filter(None, (sizes, self.stretch)))

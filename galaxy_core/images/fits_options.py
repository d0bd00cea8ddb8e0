"""What may be asked of a FITS image: its colours, its bands, its scale. It knows names and numbers, and no array."""

from dataclasses import dataclass

from galaxy_core.errors import BadValueError

SURVEY, GRZ, GRIZ, SDSS, LUPTON = "survey", "grz", "griz", "sdss", "lupton"
COLOURS = (SURVEY, GRZ, GRIZ, SDSS, LUPTON)
"""`survey` takes what the bands allow, g, r, z first; `griz` is that of the Legacy Survey's DR10."""
LETTERS = "ugrizy"
NATIVE_SCALE_ARCSEC = 0.262
"""Of nearly all Galaxy10 images; the largest galaxies have twice that."""
KNOWN_SCALES_ARCSEC = (NATIVE_SCALE_ARCSEC, 2 * NATIVE_SCALE_ARCSEC)
SMALLEST_SCALE, LARGEST_SCALE = 0.01, 60.0


@dataclass(frozen=True)
class FitsOptions:
    """How a FITS image is made a picture.

    colours: one of COLOURS. bands: their letters in the order of the planes, for files that do not say them.
    pixel_scale_arcsec: at which networks are shown it, where the file says its own; None as it is. as_jpeg: put through
    JPEG as the survey's own pictures are, for the very answer that these get.
    """

    colours: str = SURVEY
    bands: str | None = None
    pixel_scale_arcsec: float | None = NATIVE_SCALE_ARCSEC
    as_jpeg: bool = False

    def __post_init__(self) -> None:
        if self.colours not in COLOURS:
            raise BadValueError(f"colours must be one of {', '.join(COLOURS)}, got {self.colours!r}")
        bands = self.bands
        if bands is not None and (not bands or set(bands) - set(LETTERS) or len(set(bands)) < len(bands)):
            raise BadValueError(
                f"bands must be different letters of {', '.join(LETTERS)} in the order of the planes, got {bands!r}"
            )
        scale = self.pixel_scale_arcsec
        if scale is not None and not SMALLEST_SCALE <= scale <= LARGEST_SCALE:
            raise BadValueError(
                f"the pixel scale must lie in [{SMALLEST_SCALE:g}, {LARGEST_SCALE:g}] arcsec, got {scale:g}; "
                f"{NATIVE_SCALE_ARCSEC:g} is native"
            )


AS_THE_SURVEY = FitsOptions()

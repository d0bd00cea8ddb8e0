"""The texts about the reader's own image, on every page that takes one."""

UPLOAD_LABEL = "An image of one galaxy, in the middle"
UPLOAD_HELP = (
    "JPEG, PNG, TIFF, WebP, BMP, GIF, AVIF, JPEG 2000 or FITS, up to 25 MB. It stays on this computer and is cut to a "
    "square."
)
UPLOAD_NOT_GALAXY = (
    "A network knows the galaxies that it was taught and nothing else: it names one for any image."
)
FIELD_LABEL = "Field of view"
FIELD_HELP = (
    "Share of the shorter side of your image that the networks are given, always the middle. In the training images "
    "the galaxy is about a third to two thirds as wide as the picture, with sky around it: a network trained on that "
    "scale misreads another."
)
FIELD_BEFORE = "Your image; in a frame: what a network sees"
FIELD_AFTER = "Scaled to 256 px; in a frame: what a network sees"
UNLIKE = "This does not look like the images these networks know, so do not trust the answers. {reasons}"
SHOWN = "Shown at {shown}."
VIEWERS = "the Legacy Survey's colours, as its viewer makes them"
COLOURS_LABEL = "Colours of FITS"
COLOURS_HELP = (
    "How flux becomes colour in a FITS image. *survey*: what its bands allow, g, r, z first, as in the training "
    "images; *griz*: that of the Legacy Survey's DR10; *sdss*: that of the viewer's SDSS layer, from g, r, i; "
    "*lupton*: Lupton et al. 2004, whatever the unit."
)
SCALE_LABEL = "Scale of FITS"
SCALE_HELP = (
    "What a FITS image of known scale is brought to. Nearly all training images have 0.262 arcsec a pixel, those of "
    "the largest galaxies 0.524."
)
BANDS_LABEL = "Its bands"
BANDS_HELP = "The letters of the planes in their order, for a FITS image whose header does not say them."
JPEG_LABEL = "as JPEG"
JPEG_HELP = (
    "Put through JPEG of quality 90, as the survey's own pictures are, which networks learn from: it takes away grain "
    "in colour that they have not seen."
)
AS_IT_IS = "as it is"
NOTES = "What was done to read it: {notes}."

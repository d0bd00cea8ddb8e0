"""The texts about the reader's own image, on every page that takes one."""

UPLOAD_LABEL = "An image of one galaxy, in the middle"
UPLOAD_HELP = (
    "JPEG, PNG, TIFF, WebP, BMP, GIF, AVIF, JPEG 2000 or FITS, up to 25 MB. It stays on this computer and is cut to a "
    "square."
)
UPLOAD_NOT_GALAXY = (
    "The network knows ten kinds of galaxies and nothing else: it names one of them for any image."
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
NOTES = "What was done to read it: {notes}."

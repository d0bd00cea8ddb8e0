"""What is published of Galaxy10 DECaLS: the counts of its classes, the file, the image size, its repeated positions."""

PUBLISHED_COUNTS = (1081, 1853, 2645, 2027, 334, 2043, 1829, 2628, 1423, 1873)
FILE_NAME = "Galaxy10_DECals.h5"
PUBLISHED_SHA256 = "19aefc477c41bb7f77ff07599a6b82a038dc042f889a111b0d4d98bb755c1571"
IMAGE_SIZE = 256  # pixels a side
PUBLISHED_TWICE_LABELLED = 59
"""Sky positions (equal ra and dec) that the file of PUBLISHED_SHA256 lists twice, each time with two classes; it
lists no position twice with one. Counted on its columns ra, dec and ans; `galaxy audit` counts again, within 3 arcsec.
"""

LOWEST_REDSHIFT = -1.0
"""At this or less light would have no wavelength: what a catalogue writes there stands for nothing."""

"""The one door for a stranger's picture that is to be classified: for the command line, the pages and Python alike."""

import os

from galaxy_core.images.field_of_view import field_of_view
from galaxy_core.images.quality import check_shows_something, check_unbroken
from galaxy_core.images.read import Image, open_image


def read_to_classify(
    source: str | os.PathLike[str] | bytes, *, name: str | None = None, share: float = 1.0
) -> Image:
    """A picture file, or its bytes, as networks are shown it: `pixels` uint8 (256, 256, 3), and its notes.

    share: of the shorter side, around the centre. Errors: those of `images.open_image`, and BadFileError for a
    picture that is broken or shows no object (`quality`); each is a sentence that starts with `name`.
    """
    name = name or ("the image" if isinstance(source, bytes) else os.fspath(source))
    read = open_image(source, name=name)
    check_unbroken(read.pixels, name)
    view = field_of_view(read.pixels, share)
    check_shows_something(view, name)
    return Image(view, read.notes)

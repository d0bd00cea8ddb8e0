"""The mock galaxies that are added to a training part: rendered once, marked by JPEG as survey images are.

They are the same for every seed and fold, drawn from a seed of their own, and never validated or tested on.
"""

from collections.abc import Callable

from galaxy_core.data.cache import default_cache_folder
from galaxy_core.data.galaxy10 import Galaxies, open_galaxies
from galaxy_core.data.inventory import mock_file_name
from galaxy_core.data.mock import write_mock_file
from galaxy_core.files.lock import locked

SEED_TRAINING = 90_003  # apart from those of the stand-in source and of the galaxies to try on

Say = Callable[[str], None]


def training_mocks(n: int, say: Say = lambda sentence: None) -> Galaxies:
    """`n` mock galaxies, the ten classes taking turns, from the cache folder; rendered where they are not there.

    A larger number begins with the same galaxies. Errors: DiskFullError, BadValueError for n < 1.
    """
    path = default_cache_folder() / mock_file_name(n, SEED_TRAINING, as_jpeg=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(path.with_suffix(".lock"), what="rendering mock galaxies"):
        if not path.is_file():
            say(f"rendering {n:,} mock galaxies to train on")
            write_mock_file(path, n, SEED_TRAINING, with_masks=False, as_jpeg=True)
    return open_galaxies(path)

"""A small source of weights for where no other is to be had: a network trained for minutes on mock galaxies.

It stands in for ImageNet so that the experiment runs on a machine without a network. It is an ordinary run,
called by its name, and its card says what it saw.
"""

from collections.abc import Callable
from pathlib import Path

from galaxy_core.data.cache import default_cache_folder
from galaxy_core.data.inventory import mock_file_name
from galaxy_core.networks.backbone import Backbone
from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.run import Run, create_run
from galaxy_core.training.presets import preset_config

STAND_IN = "mock-source"
DATA_MOCK = "mock"
# the source and the galaxies to try on are drawn from other seeds
N_SOURCE, SEED_SOURCE = 800, 90_001
N_TRY, SEED_TRY = 400, 90_002
EPOCHS = 3

Say = Callable[[str], None]


def mock_path() -> Path:
    """Where the mock galaxies to try the experiment on lie once they are rendered."""
    return default_cache_folder().absolute() / mock_file_name(N_TRY, SEED_TRY)


def render_where_missing(data: str, say: Say = lambda sentence: None) -> None:
    """Make the mock galaxies if `data` means them and they are not there; other files are not its concern."""
    if Path(data) == mock_path():
        mock_galaxies(say)


def mock_galaxies(say: Say = lambda sentence: None) -> str:
    """A file of a few hundred mock galaxies to try the experiment on, rendered once."""
    return str(_mock_file(N_TRY, SEED_TRY, say))


def plan_stand_in(network: Backbone, say: Say = lambda sentence: None) -> Run:
    """The run of the stand-in source, made where it does not exist."""
    folder = runs_folder() / STAND_IN
    if folder.exists():
        return Run(folder)
    file = _mock_file(N_SOURCE, SEED_SOURCE, say)
    asked = {"policy": "scratch", "trainable": 1.0, "source": "none", "epochs": EPOCHS}
    config = preset_config("quick", str(file), backbone=network.name, **asked)
    return create_run(STAND_IN, config)


def _mock_file(n: int, seed: int, say: Say) -> Path:
    path = default_cache_folder().absolute() / mock_file_name(n, seed)
    if not path.is_file():
        from galaxy_core.data.mock import write_mock_file

        say(f"rendering {n:,} mock galaxies")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_mock_file(path, n, seed, overwrite=True)
    return path

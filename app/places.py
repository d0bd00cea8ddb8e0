"""Where files of galaxies lie on this computer: by the path they were called by, or, where that leads nowhere here,
by what they hold. No path that a run or a visitor names can do more than not lead anywhere.
"""

from pathlib import Path

import streamlit as st
from catalogue import Catalogue, Entry, read_catalogue
from people import opened_files

from galaxy_core.data.cache import default_cache_folder, file_sha256
from galaxy_core.data.published import FILE_NAME
from galaxy_core.errors import BadValueError, GalaxyError
from galaxy_core.runs.names import check_name, own_folder, runs_folder
from galaxy_core.training.stand_in import DATA_MOCK, mock_path


def is_here(path: str | Path) -> bool:
    """Whether there is a file that this process may see; False too for a path that the system refuses to look at.

    A name may be too long, a folder forbidden, and a run that was packed elsewhere may call its data anything.
    """
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def path_of(file: str) -> Path:
    """The file itself, which for `mock` may not be there yet. BadValueError where `~name` is nobody here."""
    if file == DATA_MOCK:
        return mock_path()
    try:
        return Path(file).expanduser().absolute()
    except RuntimeError as error:
        raise BadValueError(
            f"{file} begins with a user who is not known here; type the whole path, from / on"
        ) from error


def known_files(catalogue: Catalogue) -> list[str]:
    """Files that are here: what this person has opened, and those of everybody."""
    return list(dict.fromkeys([*filter(is_here, opened_files()), *files_of_all(catalogue)]))


def files_of_all(catalogue: Catalogue) -> list[str]:
    """Files that are here and that runs were trained on, those made of one's own galaxies, and the fetched one."""
    own = sorted(map(str, own_folder().glob("*.h5")))
    paths = [*(entry.config.data for entry in catalogue.entries), *own, str(fetched_file())]
    here = dict.fromkeys(str(Path(path).absolute()) for path in paths if is_here(path))
    return [path for path in here if path != str(mock_path())]


def is_known(file: str, catalogue: Catalogue) -> bool:
    """Whether an address may open this file: `mock`, one that a run was trained on, the fetched one, or one that the
    same person has opened. Any other path that a link names is not even looked for.
    """
    return file == DATA_MOCK or file in known_files(catalogue)


def own_file(name: str) -> Path:
    """The one of that name; BadValueError where it is no name that a run could have."""
    return own_folder() / f"{check_name(name)}.h5"


def fetched_file() -> Path:
    """Where this app fetches the published file to."""
    return default_cache_folder().absolute() / FILE_NAME


def data_of(entry: Entry) -> Path | None:
    """The file that a finished run was trained on: where its config says, or any known file with the same content.

    A run that was trained on another computer carries that computer's path. None where the file is not here.
    """
    wanted = entry.data().get("sha256")
    if not wanted:
        return None
    own = Path(entry.config.data)
    if sha256_of(own) == wanted:
        return own
    places = (runs_folder(), own_folder(), fetched_file(), mock_path())
    made = tuple((str(p), p.stat().st_mtime_ns) for p in places if p.exists())
    found = _with_content(str(wanted), made, tuple(opened_files()))
    return found if found is None or sha256_of(found) == wanted else None


@st.cache_data(max_entries=64, ttl=60, show_spinner=False)
def _with_content(sha256: str, places: tuple[tuple[str, int], ...], opened: tuple[str, ...]) -> Path | None:
    """Kept while nothing is made in these places, since a move of a slider asks again, for those with the same files;
    anew after a minute, as a file that lies elsewhere may come back.
    """
    others = [*map(Path, known_files(read_catalogue())), mock_path()]
    return next((path for path in others if sha256_of(path) == sha256), None)


def sha256_of(path: Path) -> str:
    """The sha256 of a file of galaxies; empty where it is not here or cannot be read."""
    return _sha256(str(path), path.stat().st_mtime_ns) if is_here(path) else ""


@st.cache_data(max_entries=64, show_spinner="Looking which galaxies these are …")
def _sha256(path: str, mtime_ns: int) -> str:

    try:
        return file_sha256(Path(path).absolute())
    except (GalaxyError, OSError):
        return ""

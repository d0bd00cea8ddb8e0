"""Galaxy10 DECaLS as its authors published it: fetched from Zenodo, or taken from a copy one has.

A mirror is named by `GALAXY10_URL`, and `GALAXY10_SHA256` if its file differs. It must not know what is done
with the galaxies.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from galaxy_core.data.cache import Progress
from galaxy_core.data.published import FILE_NAME, PUBLISHED_SHA256
from galaxy_core.errors import BadValueError
from galaxy_core.files.download import Say, Wanted, copy_checked, download, file_digest

URL = f"https://zenodo.org/records/10845026/files/{FILE_NAME}?download=1"
"""This address honours Range and gives a strong ETag; Zenodo's `/api/…/content` does not (zenodo#2593)."""
MOST_BYTES = 4_000_000_000  # the published file has 2.5 GB


def fetch_galaxy10(
    out: str | os.PathLike[str],
    *,
    from_file: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    say: Say | None = None,
    url: str | None = None,
    overwrite: bool = False,
) -> Path:
    """Put Galaxy10 DECaLS (2.5 GB) at `out`, checked by its sha256; returns the path.

    Carries on with an interrupted download; `from_file` copies a file one has instead. A file that is there
    and right is left as it is; one that is there and wrong is replaced only with `overwrite`.
    `progress(done, total)` counts bytes, `say` is told sentences.

    Raises MissingError (no network, no such file), BadFileError (other bytes), DiskFullError, BadValueError
    (`out` is taken by something else).
    """
    out = Path(out).absolute()
    address, sha256 = _url_and_sha256(url)
    wanted = Wanted("Galaxy10 DECaLS", "sha256", sha256, MOST_BYTES, _way_out(out))
    if out.exists() and _is_right(out, sha256, overwrite):
        return out
    if from_file is not None:
        copy_checked(Path(from_file).absolute(), out, wanted, progress)
    else:
        download(address, out, wanted, progress=progress, say=say)
    return out


def _is_right(out: Path, sha256: str, overwrite: bool) -> bool:
    """Whether the file that is there is the one; BadValueError where it is another and must not be replaced."""
    if out.is_file() and file_digest(out, "sha256") == sha256:
        return True
    if overwrite and out.is_file():
        return False
    raise BadValueError(
        f"{out} exists and is not Galaxy10 DECaLS; choose another --out, or say --overwrite to replace it"
    )


def _way_out(out: Path) -> str:
    return (
        f"try again later, or get {FILE_NAME} elsewhere and run `galaxy data fetch --out {out} --from FILE`"
    )


def _url_and_sha256(url: str | None) -> tuple[str, str]:
    mirror, sha256 = os.environ.get("GALAXY10_URL"), os.environ.get("GALAXY10_SHA256")
    if sha256 and not (url or mirror):
        raise BadValueError("GALAXY10_SHA256 is set without GALAXY10_URL; set both for a mirror, or neither")
    address = url or mirror or URL
    if urlsplit(address).scheme not in ("http", "https"):
        raise BadValueError(f"GALAXY10_URL must start with http:// or https://, got {address!r}")
    return address, (sha256 or PUBLISHED_SHA256).lower()

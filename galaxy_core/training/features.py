"""Frozen-prefix features: what is frozen is computed once for each view of a galaxy, kept, and shared by a sweep.

Below the cut a frozen layer makes the same of the same view in every epoch and in every row of a sweep. The
features are kept as float16 in the cache folder, one file for each tap and view, named by everything they depend
on, the code that made them too. They are a cache: deleting them costs time and nothing else. The pass goes through
the serving graph, which on a processor is a quarter quicker than the training engine's own (0.17 s against 0.23 s
for 32 views of 96 px, two cores) and ready in half a second instead of two.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np

from galaxy_core.data.augment import AUGMENT_VERSION
from galaxy_core.data.batches import Batches, Epoch, occurrences
from galaxy_core.data.cache import default_cache_folder
from galaxy_core.data.inventory import SECONDS_OF_A_WRITER
from galaxy_core.errors import BadValueError
from galaxy_core.files.atomic import atomic_file, clear_left
from galaxy_core.networks.backbone import Backbone
from galaxy_core.runs.config import TrainConfig
from galaxy_core.serving.depths import FeatureMaps
from galaxy_core.training.feed import Batch
from galaxy_core.transfer.prefix import prefix_digest

DEFAULT_LIMIT_GB = 8.0
SPARE_BYTES = 10**9
"""Left free on the disk: a run writes its checkpoints while features are kept."""
N_AT_ONCE = 32
FEATURES_VERSION = 1
"""Of what lies in a file for given views and tensors: the pass and the layout; to be raised where a number changes."""
PLAIN = "plain"


class PrefixFeatures:
    """Features of one training set at several taps; `tensors` are those of a network frozen up to the deepest.

    Files that are missing are made when they are asked for, all taps in one pass over the images.
    """

    def __init__(
        self,
        training: Batches,
        data_sha256: str,
        backbone: Backbone,
        tensors: Mapping[str, np.ndarray],
        taps: Sequence[str],
    ) -> None:
        self._backbone = backbone
        self._training, self._tensors, self._taps = training, tensors, tuple(dict.fromkeys(taps))
        self._data_sha256 = data_sha256
        self._digests = {tap: prefix_digest(backbone, tensors, tap) for tap in self._taps}
        self._rows = np.sort(training.indices)
        self._network: FeatureMaps | None = None

    def epoch(self, epoch: Epoch, tap: str) -> Sequence[Batch]:
        """The batches of an epoch of images as batches of features at `tap`."""
        stored = self._stored(self._training, self._rows, str(epoch.view), epoch.view)[tap]
        places = np.searchsorted(self._rows, epoch.indices) + epoch.occurrences
        labels = self._training.labels[epoch.indices].astype(np.int64)
        return _FeatureBatches(stored, places, labels, self._training.batch_size)

    def part(self, plain: Batches, tap: str) -> Sequence[Batch]:
        """Galaxies as they are, in the order of `plain.indices`."""
        stored = self._stored(plain, plain.indices, PLAIN, 0)[tap]
        labels = plain.labels[plain.indices].astype(np.int64)
        return _FeatureBatches(stored, np.arange(len(plain.indices)), labels, plain.batch_size)

    def _stored(self, batches: Batches, rows: np.ndarray, label: str, view: int) -> dict[str, np.ndarray]:
        paths = {tap: self._path(batches, rows, label, tap) for tap in self._taps}
        shapes = {tap: (len(rows), *self._backbone.feature_shape(tap, batches.size)) for tap in self._taps}
        stored: dict[str, np.ndarray] = {}
        for tap, path in paths.items():
            with suppress(FileNotFoundError):
                stored[tap] = _opened(path, shapes[tap])
        missing = {tap: path for tap, path in paths.items() if tap not in stored}
        if missing:
            self._make(batches, rows, view, missing, keep=frozenset(paths.values()))
        return stored | {tap: _opened(path, shapes[tap]) for tap, path in missing.items()}

    def _path(self, batches: Batches, rows: np.ndarray, label: str, tap: str) -> Path:
        augmentation = asdict(batches.augmentation) if batches.augmentation else None
        depends = {
            "made_by": [AUGMENT_VERSION, FEATURES_VERSION],
            "prefix": self._digests[tap],
            "data": self._data_sha256,
            "rows": hashlib.sha256(rows.astype("<i8").tobytes()).hexdigest(),
            "view": [label, batches.seed if augmentation else None, augmentation, batches.crop, batches.size],
        }
        name = hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()
        return features_folder() / f"{name}.f16"

    def _make(
        self, batches: Batches, rows: np.ndarray, view: int, paths: Mapping[str, Path], keep: frozenset[Path]
    ) -> None:
        from contextlib import ExitStack

        features_folder().mkdir(parents=True, exist_ok=True)
        make_room(sum(_n_bytes(self._backbone, tap, batches.size) for tap in paths) * len(rows), keep)
        network, copies = self._opened_network(), occurrences(rows)
        with ExitStack() as stack:
            files = [stack.enter_context(atomic_file(path)) for path in paths.values()]
            for start in range(0, len(rows), N_AT_ONCE):
                some = slice(start, start + N_AT_ONCE)
                images = batches.views(rows[some], copies[some], view)
                made = dict(zip(network.taps, network.of(images), strict=True))
                for tap, file in zip(paths, files, strict=True):
                    file.write(_as_float16(made[tap], tap).tobytes())

    def _opened_network(self) -> FeatureMaps:
        if self._network is None:
            self._network = FeatureMaps(self._backbone, self._tensors, self._taps)
        return self._network


class _FeatureBatches(Sequence[Batch]):
    def __init__(self, stored: np.ndarray, places: np.ndarray, labels: np.ndarray, batch_size: int) -> None:
        self._stored, self._places, self._labels, self._size = stored, places, labels, batch_size

    def __len__(self) -> int:
        return -(-len(self._places) // self._size)

    def __getitem__(self, i: int) -> Batch:  # type: ignore[override]  # no slices: they would hold an epoch
        if not 0 <= i < len(self):
            raise IndexError(f"there are batches 0 to {len(self) - 1}, got {i}")
        some = slice(i * self._size, (i + 1) * self._size)
        return self._stored[self._places[some]].astype(np.float32), self._labels[some]


def is_worth_keeping(config: TrainConfig, n_rows: int, taps: Sequence[str], has_gpu: bool) -> bool:
    """Whether features are kept: a fixed number of views, a frozen prefix, no GPU, and room within the limit."""
    if config.n_views is None or not config.reuse_prefix or has_gpu or not taps:
        return False
    return kept_bytes(config, n_rows, taps) <= limit_bytes()


def kept_bytes(config: TrainConfig, n_rows: int, taps: Sequence[str]) -> int:
    """What the features of one training take at most: every view of every row at every tap, and the plain ones."""
    n_bytes = sum(_n_bytes(config.network, tap, config.image_size) for tap in set(taps))
    return n_bytes * n_rows * ((config.n_views or 0) + 1)


def _n_bytes(backbone: Backbone, tap: str, size: int) -> int:
    return 2 * int(np.prod(backbone.feature_shape(tap, size)))


def limit_bytes() -> int:
    """The most that kept features may take: `$GALAXY_FEATURES_GB` (8), or what the disk holds where that is less.

    What they take already counts as room, so that a training that is carried on decides as it did at first.
    """
    text = os.environ.get("GALAXY_FEATURES_GB", str(DEFAULT_LIMIT_GB))
    try:
        asked = int(float(text) * 1e9)
    except (ValueError, OverflowError):
        raise BadValueError(f"GALAXY_FEATURES_GB must be a number of gigabytes, got {text!r}") from None
    return min(asked, max(0, _free_bytes() - SPARE_BYTES + _held_bytes()))


def _free_bytes() -> int:
    folder = features_folder()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _held_bytes() -> int:
    return sum(size for _, size, _ in _kept_files())


def _kept_files() -> list[tuple[int, int, Path]]:
    """When it was last used (ns), bytes, and path of each file of features that is there."""
    found = []
    for path in features_folder().glob("*.f16"):
        with suppress(FileNotFoundError):  # another process deleted it
            state = path.stat()
            found.append((state.st_mtime_ns, state.st_size, path))
    return sorted(found)


def features_folder() -> Path:
    """Where features are kept."""
    return default_cache_folder() / "features"


def clear_features() -> int:
    """Delete all kept features; returns the bytes that were freed."""
    paths = list(features_folder().glob("*.f16"))
    freed = sum(path.stat().st_size for path in paths)
    for path in paths:
        path.unlink(missing_ok=True)
    return freed


def make_room(n_bytes: int, keep: frozenset[Path] = frozenset()) -> None:
    """Delete the features used longest ago until `n_bytes` more stay within the limit; what killed passes left too.

    Those in `keep` stay whatever they take.
    """
    clear_left(features_folder(), SECONDS_OF_A_WRITER)
    limit, held = limit_bytes(), _held_bytes()
    for _, size, path in _kept_files():
        if held + n_bytes <= limit:
            return
        if path not in keep:
            held -= size
            path.unlink(missing_ok=True)


def _opened(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """The features in a file, which counts as used now. FileNotFoundError where there is none."""
    # many disks are mounted so that reading leaves no time behind
    os.utime(path)
    return np.memmap(path, np.float16, "r", shape=shape)


def _as_float16(features: np.ndarray, tap: str) -> np.ndarray:
    small = features.astype(np.float16)
    if not np.isfinite(small).all():
        raise BadValueError(
            f"the features of layer {tap} do not fit into half precision (largest {np.abs(features).max():g}); "
            "train with reuse_prefix off"
        )
    return small

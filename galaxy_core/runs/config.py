"""Every choice that changes a result, in one frozen object that is checked at birth and is plain JSON.

It knows no file, no network and no Keras: a config says what is asked for, a run folder what came of it.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from galaxy_core.data.augment import Augmentation
from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.errors import BadValueError, quoted
from galaxy_core.images.turns import CHOICES
from galaxy_core.images.view import View
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.policy import POLICIES
from galaxy_core.networks.registry import BACKBONES, DEFAULT_BACKBONE, get_backbone
from galaxy_core.networks.scaling import scaled

SCHEDULES = ("constant", "cosine")
BATCH_NORM_MODES = ("re-estimated", "keras")
PRECISIONS = ("auto", "float32", "mixed")
NATIVE_SIZE = 256
TEST_SHARE = 0.2
MOST_FOLDS = 20
MOST_MOCKS = 100_000


@dataclass(frozen=True)
class TrainConfig:
    """What one training is asked to do.

    `trainable` is the share of the layers of the `backbone` above the cut; `cut` is 1 − trainable. `crop` is the
    side, in pixels of the 256 px original, of the central square the network is trained on, `image_size` the side it is
    brought to. `batch_norm` says where the statistics of batch normalisation come from at test time: `keras`
    (its moving averages, momentum 0.99) or `re-estimated` (recomputed on training images before each
    evaluation). `split_seed` divides the data, `seed` draws weights, order and augmentation. `n_views` is how many
    augmented views a galaxy has; None draws a new one every epoch. With a fixed number, and unless
    `reuse_prefix` is off, what a frozen layer makes of a view is computed once and kept.

    With `n_folds` the test part is fold number `fold` (from 0) of a cross-validation grouped on the sky, and `test`
    is its share, 1 / n_folds, whatever the default; another share is refused. `n_mocks` rendered galaxies are added
    to the training part, never to validation or test; they are of Galaxy10's classes, and so must the galaxies be.
    They are seen in the first `mock_epochs` epochs (None: all); after these the real ones take their places, so that
    every epoch has as many images. `weight_decay` is that of AdamW, for kernels alone; 0 is plain Adam. Answers and
    maps are means over `turns` of the eight ways a square can lie; training sees every image in one.
    `classes` are those of the file. `scaling` says how the network is shown values (see `networks.scaling`), None in
    its backbone's own way; what starts from a source is shown them as the source is. With `corrections` the training
    part is learned as people have corrected it (`data.corrections`); validation and test stay as the file has them.
    """

    data: str
    policy: str = "transfer_frozen"
    trainable: float = 0.8
    source: str = "auto"
    preset: str = "custom"
    epochs: int = 10
    learning_rate: float = 5e-4
    schedule: str = "constant"
    batch_size: int = 32
    crop: int = NATIVE_SIZE
    image_size: int = NATIVE_SIZE
    seed: int = 0
    split_seed: int = 0
    validation: float = 0.1
    test: float = TEST_SHARE
    oversample: bool = True
    augmentation: Augmentation = field(default_factory=Augmentation)
    batch_norm: str = "re-estimated"
    precision: str = "auto"
    n_views: int | None = None
    reuse_prefix: bool = True
    n_folds: int | None = None
    fold: int | None = None
    n_mocks: int = 0
    backbone: str = DEFAULT_BACKBONE
    classes: Classes = GALAXY10
    mock_epochs: int | None = None
    weight_decay: float = 0.0
    turns: int = 1
    scaling: str | None = None
    corrections: bool = False

    def __post_init__(self) -> None:
        _require_number("trainable", self.trainable, 0, 1, "0 trains only the head, 1 every layer")
        _require_choice("policy", self.policy, tuple(POLICIES))
        _require_choice("backbone", self.backbone, BACKBONES)
        if scaled(own := get_backbone(self.backbone), self.scaling) is own:
            object.__setattr__(self, "scaling", None)  # so that one way has one name
        _require_choice("schedule", self.schedule, SCHEDULES)
        _require_choice("batch_norm", self.batch_norm, BATCH_NORM_MODES)
        _require_choice("precision", self.precision, PRECISIONS)
        _require_whole("epochs", self.epochs, 1, 10_000)
        _require_whole("batch_size", self.batch_size, 2, 4096)
        _require_whole("crop", self.crop, 32, NATIVE_SIZE)
        _require_whole("image_size", self.image_size, 32, 1024)
        _require_whole("seed", self.seed, 0, 2**31 - 1)
        _require_whole("split_seed", self.split_seed, 0, 2**31 - 1)
        _require_number("learning_rate", self.learning_rate, 1e-9, 10, "the paper uses 5e-4")
        if self.n_views is not None:
            _require_whole("n_views", self.n_views, 1, 1000)
        _require_choice("reuse_prefix", self.reuse_prefix, (True, False))
        _require_number("validation", self.validation, 0.01, 0.9, "the default is 0.1")
        _require_number("test", self.test, 0.01, 0.9, "the default is 0.2")
        self._settle_folds()
        _require_whole("n_mocks", self.n_mocks, 0, MOST_MOCKS)
        if self.mock_epochs is not None:
            _require_whole("mock_epochs", self.mock_epochs, 1, 10_000)
        if isinstance(self.turns, bool) or self.turns not in CHOICES:
            raise BadValueError(
                f"turns must be one of 1, 4, 8, got {quoted(self.turns)}; 1 is the image as it lies"
            )
        _require_number("weight_decay", self.weight_decay, 0, 1, "0 switches it off")
        if not isinstance(self.classes, Classes):
            raise BadValueError(f"classes must be a list of names, got {quoted(self.classes)}")
        if self.n_mocks and self.classes != GALAXY10:
            raise BadValueError(
                f"n_mocks must be 0, got {self.n_mocks}: mock galaxies are of Galaxy10's ten classes, and "
                f"these galaxies of others ({quoted(str(self.classes))}); leave them out"
            )
        if self.validation + self.test > 0.95:
            raise BadValueError(
                f"validation + test must leave galaxies to train on, got {self.validation} + {self.test}; "
                "use for example 0.1 and 0.2"
            )
        _require_choice("oversample", self.oversample, (True, False))
        _require_choice("corrections", self.corrections, (True, False))
        if not isinstance(self.augmentation, Augmentation):
            raise BadValueError(
                f"augmentation must be an object of its settings, got {type(self.augmentation).__name__}; "
                "leave it out for the paper's"
            )
        for name in ("data", "source", "preset"):
            if not isinstance(getattr(self, name), str) or not getattr(self, name):
                raise BadValueError(f"{name} must be a non-empty text, got {quoted(getattr(self, name))}")

    def _settle_folds(self) -> None:
        """Both or neither of `n_folds` and `fold`; the share tested follows from them."""
        if self.n_folds is None and self.fold is None:
            return
        if self.n_folds is None or self.fold is None:
            raise BadValueError(
                f"n_folds and fold belong together, got n_folds {self.n_folds} and fold {self.fold}; "
                "give both, or neither for a single split"
            )
        _require_whole("n_folds", self.n_folds, 2, MOST_FOLDS)
        _require_whole("fold", self.fold, 0, self.n_folds - 1)
        if self.test not in (TEST_SHARE, 1 / self.n_folds):
            raise BadValueError(
                f"test is 1/{self.n_folds} with {self.n_folds} folds, got {self.test}; leave it out"
            )
        object.__setattr__(self, "test", 1 / self.n_folds)  # so that config.json says what is done

    @property
    def cut(self) -> float:
        """Share of the layers below the cut, in [0, 1]; the paper's "ImageNet %" divided by 100."""
        return round(1.0 - self.trainable, 6)

    @property
    def network(self) -> Backbone:
        """The table of the backbone, with what it wants made of an image."""
        return scaled(get_backbone(self.backbone), self.scaling)

    @property
    def imagenet_percent(self) -> int:
        """The cut in whole percent, as the rows of the paper's table are named."""
        return round(100 * self.cut)

    @property
    def view(self) -> View:
        """What the network sees of an image, in training and ever after."""
        return View(self.crop, self.image_size)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` of it equals this config. The classes are null where they are Galaxy10's."""
        return dataclasses.asdict(self) | {
            "classes": None if self.classes == GALAXY10 else list(self.classes)
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "TrainConfig":
        """A config from plain values; an unknown or missing key is refused by name."""
        known = {item.name for item in dataclasses.fields(cls)}
        _refuse_unknown("config", values, known)
        if "data" not in values:
            raise BadValueError("the config lacks 'data', the path of the galaxies; add it")
        plain = dict(values)
        if isinstance(plain.get("augmentation"), Mapping):
            _refuse_unknown("augmentation", plain["augmentation"], _field_names(Augmentation))
            plain["augmentation"] = Augmentation(**plain["augmentation"])
        if isinstance(plain.get("classes"), list):
            plain["classes"] = Classes(plain["classes"])
        elif plain.get("classes", GALAXY10) is None:
            plain["classes"] = GALAXY10
        return cls(**plain)


def _field_names(kind: type) -> set[str]:
    return {item.name for item in dataclasses.fields(kind)}


def _refuse_unknown(what: str, values: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(values) - known)
    if unknown:
        raise BadValueError(
            f"the {what} has an unknown entry {quoted(unknown[0])}; known are {', '.join(sorted(known))}"
        )


def _require_choice(name: str, value: object, choices: tuple[Any, ...]) -> None:
    if not any(value is choice or (isinstance(value, str) and value == choice) for choice in choices):
        raise BadValueError(f"{name} must be one of {', '.join(map(str, choices))}, got {quoted(value)}")


def _require_number(name: str, value: object, low: float, high: float, hint: str) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not low <= value <= high:  # type: ignore[arg-type, operator]
        raise BadValueError(f"{name} must lie in [{low:g}, {high:g}], got {quoted(value)}; {hint}")


def _require_whole(name: str, value: object, low: int, high: int) -> None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or not low <= value <= high:  # type: ignore[operator]
        raise BadValueError(f"{name} must be a whole number from {low} to {high}, got {quoted(value)}")

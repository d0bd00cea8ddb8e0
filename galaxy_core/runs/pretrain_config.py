"""What the training of a source is asked to do: one frozen object, checked at birth, plain JSON.

The twin of `config.TrainConfig` for photographs. It knows no file, no network and no Keras.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from galaxy_core.errors import BadValueError, quoted
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.registry import BACKBONES, DEFAULT_BACKBONE, get_backbone
from galaxy_core.runs.config import (
    PRECISIONS,
    _refuse_unknown,
    _require_choice,
    _require_number,
    _require_whole,
)
from galaxy_core.runs.device import Device

KIND = "source"
"""Stands under `kind` in config.json and tells a source from a classifier."""
DEFAULTS: dict[str, dict[str, Any]] = {
    # a processor sees 5 passes of small pictures in the time in which a graphics card sees 90 of the usual size
    "processor": {"image_size": 64, "batch_size": 64, "epochs": 5.0, "learning_rate": 0.05},
    "gpu": {"image_size": 224, "batch_size": 256, "epochs": 90.0, "learning_rate": 0.1},
}


@dataclass(frozen=True)
class PretrainConfig:
    """What one training of a source is asked to do.

    `images` is a folder of folders by class, or of zip files; `image_size` the side in pixels that random parts
    of the photographs are brought to. `epochs` counts passes over the training part and need not be whole. The
    learning rate climbs over the share `warm_up` of all steps to `learning_rate` and falls to 0 along a cosine.
    `held_out` is the share of every class that is never trained on. At the shares `keep_at` of the training a
    source of its own is kept, `NAME-010` at 0.1. `terms` says what the weights may be used for; None: as the
    photographs say.
    """

    images: str
    image_size: int = 64
    epochs: float = 5.0
    learning_rate: float = 0.05
    batch_size: int = 64
    seed: int = 0
    label_smoothing: float = 0.1
    weight_decay: float = 1e-4
    warm_up: float = 0.05
    held_out: float = 0.03
    precision: str = "auto"
    keep_at: tuple[float, ...] = ()
    terms: str | None = None
    backbone: str = DEFAULT_BACKBONE

    def __post_init__(self) -> None:
        _require_whole("image_size", self.image_size, 32, 1024)
        _require_whole("batch_size", self.batch_size, 2, 4096)
        _require_whole("seed", self.seed, 0, 2**31 - 1)
        _require_number("epochs", self.epochs, 1e-4, 10_000, "1 is one pass over the photographs")
        _require_number("learning_rate", self.learning_rate, 1e-9, 10, "0.05 suits batches of 64")
        _require_number("label_smoothing", self.label_smoothing, 0, 0.5, "0.1 is usual, 0 switches it off")
        _require_number("weight_decay", self.weight_decay, 0, 0.1, "1e-4 is usual, 0 switches it off")
        _require_number("warm_up", self.warm_up, 0, 0.5, "0.05 is a twentieth of all steps")
        _require_number("held_out", self.held_out, 0.001, 0.5, "0.03 holds out 3 % of every class")
        _require_choice("precision", self.precision, PRECISIONS)
        _require_choice("backbone", self.backbone, BACKBONES)
        self._require_shares()
        for name in ("images", "terms"):
            text = getattr(self, name)
            if not (name == "terms" and text is None) and (
                not isinstance(text, str) or not text.isprintable()
            ):
                raise BadValueError(f"{name} must be a text that can be shown, got {quoted(text)}")
        if not self.images:
            raise BadValueError("images must name a folder of photographs or of zip files, got nothing")

    @property
    def network(self) -> Backbone:
        """The table of the backbone."""
        return get_backbone(self.backbone)

    def n_steps(self, steps_a_pass: int) -> int:
        """Steps of the whole training."""
        return max(1, math.ceil(self.epochs * steps_a_pass - 1e-9))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, with `kind` "source"; `from_json` of it equals this config."""
        return {"kind": KIND, **dataclasses.asdict(self), "keep_at": list(self.keep_at)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "PretrainConfig":
        """A config from plain values; an unknown or missing key is refused by name."""
        plain = {name: value for name, value in values.items() if name != "kind"}
        _refuse_unknown("config", plain, {item.name for item in dataclasses.fields(cls)})
        if "images" not in plain:
            raise BadValueError("the config lacks 'images', the folder of photographs; add it")
        if isinstance(plain.get("keep_at"), list):
            plain["keep_at"] = tuple(plain["keep_at"])
        return cls(**plain)

    @classmethod
    def for_device(cls, images: str, device: Device, **asked: Any) -> "PretrainConfig":
        """What suits the device, where nothing (or None) is `asked` for."""
        given = {name: value for name, value in asked.items() if value is not None}
        return cls.from_json({"images": images, **DEFAULTS[device.kind], **given})

    def _require_shares(self) -> None:
        if not isinstance(self.keep_at, tuple):
            raise BadValueError(
                f"keep_at must be a list of shares of the training, got {quoted(self.keep_at)}"
            )
        for share in self.keep_at:
            _require_number("keep_at", share, 0.01, 0.99, "0.1 keeps a source after a tenth of the training")
        if len({round(100 * share) for share in self.keep_at}) < len(self.keep_at):
            raise BadValueError(f"keep_at must differ by whole percents, got {self.keep_at}; leave one out")

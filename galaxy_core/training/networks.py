"""What the trainings of one process share: a compiled network, and the features of the frozen prefix.

The seeds of a cut share a network; the cuts of a sweep share one pass over the images, because their prefixes are
nested in that of the deepest.
"""

import dataclasses
from collections.abc import Sequence

from galaxy_core.networks.cut import tap_at
from galaxy_core.networks.policy import frozen_layers, initial_tensors, needs_calibration
from galaxy_core.runs.config import TrainConfig
from galaxy_core.training.features import PrefixFeatures, is_worth_keeping, kept_bytes, limit_bytes, make_room
from galaxy_core.training.material import Material
from galaxy_core.training.network import Network, Settings, classifier_settings
from galaxy_core.transfer.classifier import has_gpu, import_keras
from galaxy_core.transfer.source import Source


class Networks:
    """Kept between the trainings of one process; `planned` are all that are going to be trained in it."""

    def __init__(self, planned: Sequence[TrainConfig] = ()) -> None:
        self._planned = tuple(planned)
        self._network: Network | None = None

    def network(self, material: Material) -> Network:
        """The network for this training, compiled only when its settings differ from the last one's."""
        n_batches, tap = material.training.n_batches(), self._tap(material)
        return self.compiled(classifier_settings(material.config, material.n_classes, n_batches, tap))

    def compiled(self, settings: Settings) -> Network:
        """The network of these settings: the last one where they are the same, with the learning rate of these."""
        if self._network is None or settings != self._network.settings:
            self._network = None
            # the old network's graphs are a gigabyte that Keras otherwise keeps
            import_keras().utils.clear_session(free_memory=True)
            self._network = Network(settings)
        self._network.settings = settings
        return self._network

    def with_features(self, material: Material, network: Network, source: Source | None) -> Material:
        """The material with features in place of images, where the network was made for them."""
        if network.settings.tap is None:
            return material
        config, family = material.config, self._family(material)
        tensors = network.tensors()
        if not needs_calibration(config.policy, config.cut):
            deepest = max(one.cut for one in family)
            given = source.tensors if source else None
            tensors = initial_tensors(
                config.network, material.n_classes, config.policy, deepest, config.seed, given
            )
        taps = _taps(family)
        make_room(0)
        features = PrefixFeatures(material.training, material.images_sha256, config.network, tensors, taps)
        return dataclasses.replace(material, features=features, tap=network.settings.tap)

    def _tap(self, material: Material) -> str | None:
        config = material.config
        if not _taps([config]):
            return None
        n_rows = len(material.training.indices)
        if not is_worth_keeping(config, n_rows, _taps(self._family(material)), has_gpu()):
            return None
        return tap_at(config.network, config.cut).name

    def _family(self, material: Material) -> list[TrainConfig]:
        """The planned trainings that differ from this one in the cut alone, as far as they can share features.

        A calibrated prefix shares none. Neither do the cuts where the features of all seeds and folds would not fit:
        those come in between, and what was kept for the next cut would be gone by then.
        """
        config = material.config
        if needs_calibration(config.policy, config.cut):
            return [config]
        alike = [
            one for one in self._planned if dataclasses.replace(one, trainable=config.trainable) == config
        ]
        kept = [one for one in self._planned if _taps([one])]
        n_sets = len({dataclasses.replace(one, trainable=config.trainable) for one in kept})
        n_bytes = n_sets * kept_bytes(config, len(material.training.indices), _taps(alike))
        return alike if alike and n_bytes <= limit_bytes() else [config]


def _taps(configs: Sequence[TrainConfig]) -> list[str]:
    """Where the frozen prefixes end, the image itself left out: features there are the image again."""
    frozen = [one for one in configs if frozen_layers(one.network, one.policy, one.cut)]
    taps = [tap_at(one.network, one.cut) for one in frozen]
    return list(dict.fromkeys(tap.name for tap in taps if tap.kind != "input"))

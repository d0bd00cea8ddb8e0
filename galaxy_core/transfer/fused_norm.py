"""Keras' batch normalisation, computed by the one operation that TensorFlow has for it.

Keras 3 spells it out in a dozen operations that each pass over the whole batch of maps, and as many again for the
gradient: on a processor half of a training's time. Values, gradients and statistics are the same to rounding
(`tests/transfer/test_fused_norm.py`). Keras is handed in, never imported; elsewhere than under TensorFlow its own
layer is what there is.
"""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def batch_normalization(keras: Any) -> type:
    """The class to make layers of: a `keras.layers.BatchNormalization` by settings, weights and name."""
    if keras.backend.backend() != "tensorflow":
        return keras.layers.BatchNormalization
    import tensorflow

    return _fused(keras, tensorflow)


def _fused(keras: Any, tf: Any) -> type:
    class BatchNormalization(keras.layers.BatchNormalization):
        """Of maps (N, h, w, C) with scale and offset, as all of our tables have them."""

        def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
            # moments are computed in float32 whatever the maps are, statistics and what is learned kept in it
            gamma, beta = (tf.cast(x, tf.float32) for x in (self.gamma, self.beta))
            is_live = bool(training and self.trainable)
            # where the operation takes the moments of the batch, it wants none
            given = {
                name: [] if is_live else getattr(self, f"moving_{name}") for name in ("mean", "variance")
            }
            normed, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
                x=inputs, scale=gamma, offset=beta, epsilon=self.epsilon, is_training=is_live, **given
            )
            if is_live:
                n_values = tf.cast(tf.size(inputs) // tf.shape(inputs)[-1], tf.float32)
                # the operation's variance is that of a sample, divided by n - 1; Keras keeps the one divided by n
                self._move(self.moving_mean, mean)
                self._move(self.moving_variance, variance * (n_values - 1) / n_values)
            return normed

        def _move(self, statistic: Any, towards: Any) -> None:
            statistic.assign(statistic * self.momentum + towards * (1.0 - self.momentum))

    return BatchNormalization

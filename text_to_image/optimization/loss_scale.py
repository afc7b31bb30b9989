"""The scale of a loss in float16, whose small gradients would be zeros without it."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from text_to_image.optimization.replicas import assign


@keras.saving.register_keras_serializable("text_to_image")
class LossScale(keras.layers.Layer):
    """A power of two: halved when gradients overflow, doubled when long they do not.

    `keras.optimizers.LossScaleOptimizer` does the same, but it judges the gradients of
    one replica before they are summed, and gives nobody the unscaled ones.

    Args:
        initial: the first scale; too large a one is soon halved.
        growth_steps: updates with finite gradients after which it is doubled.

    Reference: Micikevicius et al. 2018, Mixed Precision Training, Sec. 3.2.
    """

    def __init__(
        self, initial: float = 2.0**15, growth_steps: int = 2000, **kwargs: Any
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.initial = initial
        self.growth_steps = growth_steps
        self.scale = self.add_weight(
            shape=(),
            dtype="float32",
            initializer=keras.initializers.Constant(initial),
            trainable=False,
            name="scale",
        )
        self.finite_updates = self.add_weight(
            shape=(),
            dtype="int64",  # int32 would stay on the host, where XLA has no access
            initializer="zeros",
            trainable=False,
            name="finite_updates",
        )
        self.built = True

    def unscale(self, gradients: Sequence[Any]) -> list[Any]:
        """Returns gradients of the loss from those of the scaled loss."""
        return [gradient / self.scale for gradient in gradients]

    def update(self, norm: Any) -> Any:
        """Moves the scale by what came of it.

        Args:
            norm: of the unscaled gradients, a scalar; not finite where one is not.

        Returns:
            The norm, but 0 of an overflow that a smaller scale may prevent. At a scale
            of 1 there is none, and the norm is returned as it is.
        """
        scale = tf.identity(self.scale.value)
        finite = tf.math.is_finite(norm)
        count = tf.where(finite, self.finite_updates.value + 1, 0)
        grown = count == self.growth_steps
        doubled = tf.where(grown, 2.0 * scale, scale)
        assign(self.scale, tf.where(finite, doubled, tf.maximum(0.5 * scale, 1.0)))
        assign(self.finite_updates, tf.where(grown, tf.zeros_like(count), count))
        return tf.where(finite | (scale <= 1.0), norm, 0.0)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "initial": self.initial,
            "growth_steps": self.growth_steps,
        }

"""Adam by TensorFlow's fused kernel: one for each weight, instead of a dozen."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("text_to_image")
class FusedAdam(keras.optimizers.Adam):
    """`keras.optimizers.Adam`, equal to it but for rounding.

    Not for `amsgrad`, nor for gradients that are `tf.IndexedSlices`.
    """

    def _backend_update_step(
        self, grads: Sequence[Any], trainable_variables: Sequence[Any], rate: Any
    ) -> None:
        # Once for all weights.
        step = tf.cast(self.iterations.value + 1, tf.float32)
        self._powers = tf.pow(self.beta_1, step), tf.pow(self.beta_2, step)
        super()._backend_update_step(grads, trainable_variables, rate)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Updates one weight by its gradient."""
        index = self._get_variable_index(variable)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=self._powers[0],
            beta2_power=self._powers[1],
            lr=tf.cast(learning_rate, tf.float32),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, tf.float32),
        )

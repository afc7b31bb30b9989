"""Adam by TensorFlow's fused kernel: one for each weight, instead of a dozen."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from foundation.keras_settings import float32_optimizers
from text_to_image.config import Config
from text_to_image.optimization.replicas import assign_add


@keras.saving.register_keras_serializable("text_to_image")
class FusedAdam(keras.optimizers.Adam):
    """`keras.optimizers.Adam`, equal to it but for rounding.

    Under a strategy of `tf.distribute`, every replica updates its own copy of the
    weights. Gradients have to be the same in all replicas, or the copies part.

    Not for `amsgrad`, clipping, weight decay or averages, nor for gradients that are
    `tf.IndexedSlices`.
    """

    def apply(
        self,
        grads: Sequence[Any],
        trainable_variables: Sequence[Any] | None = None,
        finite: Any = None,
    ) -> None:
        """Updates all weights by their gradients.

        Args:
            grads: gradients in the order of the weights.
            trainable_variables: the weights, or None for those of `build`.
            finite: bool scalar; where False, nothing changes. None is True.
        """
        rate = tf.cast(self.learning_rate, tf.float32)
        step = tf.cast(self._iterations.value + 1, tf.float32)
        powers = tf.pow(self.beta_1, step), tf.pow(self.beta_2, step)
        betas, counted = (self.beta_1, self.beta_2), 1
        if finite is not None:
            # This is what Adam does nothing with, without a branch in the graph:
            # m and v keep all of themselves, and weights move by a rate of 0.
            rate = tf.where(finite, rate, 0.0)
            betas = tuple(tf.where(finite, beta, 1.0) for beta in betas)
            grads = [tf.where(finite, gradient, 0.0) for gradient in grads]
            counted = tf.cast(finite, tf.int64)
        variables = trainable_variables or self._trainable_variables
        for gradient, variable in zip(grads, variables, strict=True):
            index, dtype = self._get_variable_index(variable), variable.dtype
            # Handles: within a replica they are those of its copies.
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=self._momentums[index].value.handle,
                v=self._velocities[index].value.handle,
                beta1_power=tf.cast(powers[0], dtype),
                beta2_power=tf.cast(powers[1], dtype),
                lr=tf.cast(rate, dtype),
                beta1=tf.cast(betas[0], dtype),
                beta2=tf.cast(betas[1], dtype),
                epsilon=self.epsilon,
                grad=tf.cast(gradient, dtype),
            )
        assign_add(self._iterations, counted)


def make_adam(config: Config, updates_per_epoch: int) -> FusedAdam:
    """Makes the optimiser of a network, its rate halved each 100 epochs (Sec. 5)."""
    learning_rate: Any = config.learning_rate
    if config.decay_epochs:
        learning_rate = keras.optimizers.schedules.ExponentialDecay(
            config.learning_rate,
            decay_steps=config.decay_epochs * updates_per_epoch,
            decay_rate=0.5,
            staircase=True,
        )
    with float32_optimizers():
        return FusedAdam(
            learning_rate, beta_1=config.beta_1, beta_2=0.999, epsilon=1e-8
        )

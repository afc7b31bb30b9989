"""Batch norm that trains by TensorFlow's fused kernel, where that is the backend."""

from typing import Any

import keras
from keras import layers


@keras.saving.register_keras_serializable("text_to_image")
class BatchNorm(layers.BatchNormalization):
    """`keras.layers.BatchNormalization`, one kernel instead of a dozen.

    Equal to it, but for rounding, in what it gives, its gradients and its moving
    statistics. `python -m benchmarks.kernels` counts what a step launches.

    Call input and output: `[B, H, W, C]` or `[B, C]`.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        # In inference the fused kernel rounds by the place in the batch, and a picture
        # must not depend on its neighbours.
        fused = training and self.trainable and mask is None
        if not fused or keras.backend.backend() != "tensorflow":
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        x = inputs if len(inputs.shape) == 4 else inputs[:, None, None]  # [B, H, W, C]
        nothing = tf.constant([], tf.float32)  # moving statistics are not read
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=x,
            scale=self.gamma.value,
            offset=self.beta.value,
            mean=nothing,
            variance=nothing,
            epsilon=self.epsilon,
            is_training=True,
        )
        # The kernel divides by N - 1; Keras's moving variance is of division by N.
        size = x.shape.num_elements() or tf.size(x)
        count = tf.cast(size // x.shape[3], tf.float32)
        moved = (
            (self.moving_mean.value, mean),
            (
                self.moving_variance.value,
                variance * ((count - 1.0) / count),
            ),
        )
        for average, value in moved:
            average.assign_sub((1.0 - self.momentum) * (average - value))
        return tf.reshape(outputs, tf.shape(inputs))  # as the input

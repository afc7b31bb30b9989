"""Batch norm that trains by TensorFlow's fused kernel, where that is the backend."""

from typing import Any

import keras
from keras import layers


@keras.saving.register_keras_serializable("text_to_image")
class BatchNorm(layers.BatchNormalization):
    """`keras.layers.BatchNormalization`, one kernel instead of a dozen.

    Equal to it, but for rounding, in what it gives, its gradients and its moving mean.
    The variance that moves the average is of division by N - 1, as in Torch, with which
    the paper was made; Keras divides by N. What normalises the batch divides by N in
    all of them. `python -m benchmarks.kernels` counts what a step launches.

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
        # The kernel gives the moving statistics as they are after this batch.
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=x,
            scale=self.gamma.value,
            offset=self.beta.value,
            mean=self.moving_mean.value,
            variance=self.moving_variance.value,
            epsilon=self.epsilon,
            exponential_avg_factor=1.0 - self.momentum,
            is_training=True,
        )
        self.moving_mean.value.assign(mean)
        self.moving_variance.value.assign(variance)
        return tf.reshape(outputs, tf.shape(inputs))  # as the input

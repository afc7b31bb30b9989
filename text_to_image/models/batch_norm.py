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

    Under a strategy of `tf.distribute`, moving statistics are those of the replica.
    `synchronized` takes the statistics of all replicas, by plain operations.

    Call input and output: `[B, H, W, C]` or `[B, C]`.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        # In inference the fused kernel rounds by the place in the batch, and an image
        # must not depend on its neighbours.
        fused = training and self.trainable and mask is None
        if not fused or keras.backend.backend() != "tensorflow":
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        if self.synchronized:
            return self._synchronized(inputs)
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
        self._set_moving(mean, variance)
        return tf.reshape(outputs, tf.shape(inputs))  # as the input

    def _synchronized(self, inputs: Any) -> Any:
        """Normalises by the statistics of all replicas, in two passes as the kernel."""
        import tensorflow as tf

        from text_to_image.optimization.replicas import mean_of_replicas

        x = tf.cast(inputs, self.gamma.dtype)  # float16 would overflow
        axes = list(range(len(x.shape) - 1))
        mean = mean_of_replicas(tf.reduce_mean(x, axes))  # [C]
        variance = mean_of_replicas(tf.reduce_mean(tf.square(x - mean), axes))  # [C]
        replicas = tf.distribute.get_replica_context().num_replicas_in_sync
        count = tf.cast(tf.size(x) // x.shape[-1] * replicas, x.dtype)
        unbiased = variance * count / (count - 1.0)
        self._set_moving(
            self._moved(self.moving_mean, mean),
            self._moved(self.moving_variance, unbiased),
        )
        outputs = tf.nn.batch_normalization(
            x, mean, variance, self.beta.value, self.gamma.value, self.epsilon
        )
        return tf.cast(outputs, inputs.dtype)

    def _moved(self, average: Any, value: Any) -> Any:
        """Returns a moving statistic `[C]`, moved towards that of a batch."""
        return self.momentum * average.value + (1.0 - self.momentum) * value

    def _set_moving(self, mean: Any, variance: Any) -> None:
        """Sets the moving statistics, each `[C]`."""
        from text_to_image.optimization.replicas import assign

        assign(self.moving_mean, mean)
        assign(self.moving_variance, variance)


def synchronize(network: keras.Model) -> None:
    """Lets every batch norm of a network take the statistics of all replicas."""
    for layer in network._flatten_layers():
        if isinstance(layer, BatchNorm):
            layer.synchronized = True

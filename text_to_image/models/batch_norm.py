"""Batch norm that trains by TensorFlow's fused kernel, where that is the backend."""

from typing import Any

import keras
from keras import layers


@keras.saving.register_keras_serializable("text_to_image")
class BatchNorm(layers.BatchNormalization):
    """`keras.layers.BatchNormalization`, one kernel instead of a dozen.

    Equal to it, but for rounding, in what it gives, its gradients and its moving
    statistics. `python -m benchmarks.kernels` counts what a step launches.

    Under a strategy of `tf.distribute`, moving statistics are those of the replica.
    `synchronized` takes the statistics of all replicas, by plain operations.

    Call input and output: `[B, H, W, C]` or `[B, C]`.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        # In inference the fused kernel rounds by the place in the batch, and a picture
        # must not depend on its neighbours.
        fused = training and self.trainable and mask is None
        if not fused or keras.backend.backend() != "tensorflow":
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        if self.synchronized:
            return self._synchronized(inputs)
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
        self._move(mean, variance * ((count - 1.0) / count))
        return tf.reshape(outputs, tf.shape(inputs))  # as the input

    def _synchronized(self, inputs: Any) -> Any:
        """Normalises by the statistics of all replicas, in two passes as the kernel."""
        import tensorflow as tf

        x = tf.cast(inputs, self.gamma.dtype)  # float16 would overflow
        axes = list(range(len(x.shape) - 1))
        mean = _mean_of_replicas(tf.reduce_mean(x, axes))  # [C]
        variance = _mean_of_replicas(tf.reduce_mean(tf.square(x - mean), axes))  # [C]
        self._move(mean, variance)
        outputs = tf.nn.batch_normalization(
            x, mean, variance, self.beta.value, self.gamma.value, self.epsilon
        )
        return tf.cast(outputs, inputs.dtype)

    def _move(self, mean: Any, variance: Any) -> None:
        """Moves the moving statistics towards those of a batch, each `[C]`."""
        import tensorflow as tf

        moved = ((self.moving_mean, mean), (self.moving_variance, variance))
        for average, value in moved:
            # By handle: within a replica it is that of its copy.
            tf.raw_ops.AssignSubVariableOp(
                resource=average.value.handle,
                value=(1.0 - self.momentum) * (average.value - value),
            )


def _mean_of_replicas(tensor: Any) -> Any:
    """Returns the mean of a tensor over all replicas; gradients flow through it."""
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    return context.all_reduce(tf.distribute.ReduceOp.MEAN, tensor)


def synchronize(network: keras.Model) -> None:
    """Lets every batch norm of a network take the statistics of all replicas."""
    for layer in network._flatten_layers():
        if isinstance(layer, BatchNorm):
            layer.synchronized = True

"""Averages that training moves: of G over time, of batch statistics over replicas."""

from typing import Any

import keras
import tensorflow as tf

from text_to_image.optimization.replicas import assign, mean_of_replicas


def move_average(
    average: keras.Model, network: keras.Model, decay: float, step: Any
) -> None:
    """Moves a network towards another, batch-norm statistics included.

    Args:
        average: the moving average.
        network: of the same architecture.
        decay: what of the average is kept in a step.
        step: iterations made so far; the first ones keep less.
    """
    steps = tf.cast(step, tf.float32)
    # With warm-up: a plain average would remember the random first weights.
    decay = tf.minimum(decay, (1.0 + steps) / (10.0 + steps))
    for kept, weight in zip(average.weights, network.weights, strict=True):
        # kept -= (1 - decay) (kept - weight), in one kernel.
        tf.raw_ops.ResourceApplyGradientDescent(
            var=kept.value.handle, alpha=1.0 - decay, delta=kept - weight
        )


def share_statistics(networks: list[keras.Model]) -> None:
    """Makes moving batch statistics the mean of those that replicas have seen."""
    if tf.distribute.get_replica_context().num_replicas_in_sync == 1:
        return
    moved = [weight for n in networks for weight in n.non_trainable_weights]
    means = mean_of_replicas([tf.identity(weight.value) for weight in moved])
    for weight, mean in zip(moved, means, strict=True):
        assign(weight, mean)

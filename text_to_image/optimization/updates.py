"""From a loss to the next weights, in every precision."""

from typing import Any

import keras
import tensorflow as tf

from text_to_image.optimization.fused_adam import FusedAdam
from text_to_image.optimization.loss_scale import LossScale
from text_to_image.optimization.replicas import mean_of_replicas


def gradients_of(
    tape: tf.GradientTape, loss: Any, network: keras.Model, scale: LossScale | None
) -> list[Any]:
    """Returns the gradients of a loss by the weights of a network.

    Args:
        tape: that has watched how the loss came about.
        loss: a scalar, float32.
        network: its trainable weights.
        scale: of the loss on its way backwards, in float16; else None.

    Returns:
        Unscaled, float32, each of the shape of its weight. Some may not be finite. In
        all replicas the same: those of the mean of their losses.
    """
    variables = network.trainable_variables
    if scale is None:
        return mean_of_replicas(tape.gradient(loss, variables))
    seed = tf.identity(scale.scale.value)  # d (scale * loss) / d loss
    gradients = tape.gradient(loss, variables, output_gradients=seed)
    return mean_of_replicas(scale.unscale(gradients))


def apply_gradients(
    optimizer: FusedAdam,
    gradients: list[Any],
    network: keras.Model,
    scale: LossScale | None,
) -> Any:
    """Updates the weights of a network, unless a scaled gradient is not finite.

    Args:
        optimizer: built for the weights.
        gradients: of `gradients_of`.
        network: its trainable weights.
        scale: as for `gradients_of`; it is moved.

    Returns:
        The norm of the gradients, a scalar; 0 of an update that was skipped.
    """
    norm = tf.linalg.global_norm(gradients)
    if scale is None:
        optimizer.apply(gradients, network.trainable_variables)
        return norm
    finite = tf.math.is_finite(norm)
    optimizer.apply(gradients, network.trainable_variables, finite=finite)
    return scale.update(norm)

"""Random indices inside compiled code."""

import tensorflow as tf


def index_below(count: tf.Tensor | int, u: tf.Tensor) -> tf.Tensor:
    """Maps u, uniform in [0, 1), to an index uniform in [0, count).

    Args:
        count: int, or an int32 tensor that broadcasts against `u`; where it is 0, so is
            the index.
        u: float32, any shape.

    Returns:
        int32, of the broadcast shape.
    """
    count = tf.cast(count, tf.int32)
    index = tf.cast(u * tf.cast(count, tf.float32), tf.int32)
    # u * count may round up to count.
    return tf.maximum(tf.minimum(index, count - 1), 0)

"""The noise z of a run, as a function of a key."""

import tensorflow as tf


def draw_noise(key: tf.Tensor, count: int, z_dim: int, distribution: str) -> tf.Tensor:
    """Draws noise, the same for the same key.

    Args:
        key: int `[2]`.
        count: rows.
        z_dim: dimensions.
        distribution: "normal", N(0, 1), or "uniform", U(-1, 1).

    Returns:
        z, float32 `[count, z_dim]`.
    """
    shape = (count, z_dim)
    if distribution == "uniform":
        return tf.random.stateless_uniform(shape, key, -1.0, 1.0)
    return tf.random.stateless_normal(shape, key)

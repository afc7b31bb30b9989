"""Crops of 64 pixels from the 76 that a cache holds (Sec. 5)."""

import numpy as np
import tensorflow as tf

from foundation.random_index import index_below
from text_to_image.models.image_size import IMAGE_SIZE


def center_crop(images: np.ndarray) -> np.ndarray:
    """Returns the central `[N, 64, 64, 3]` of images `[N, 76, 76, 3]`."""
    margin = (images.shape[1] - IMAGE_SIZE) // 2
    inner = slice(margin, margin + IMAGE_SIZE)
    return images[:, inner, inner]


def random_crop(images: tf.Tensor, u: tf.Tensor) -> tf.Tensor:
    """Crops images `[B, 76, 76, 3]` at random places and flips half of them.

    Args:
        images: uint8.
        u: `[3, B]`, uniform in [0, 1).

    Returns:
        float32 `[B, 64, 64, 3]` in [-1, 1].
    """
    places = images.shape[1] - IMAGE_SIZE + 1
    inner = tf.range(IMAGE_SIZE)
    rows = index_below(places, u[0])[:, None] + inner  # [B, 64]
    columns = index_below(places, u[1])[:, None] + inner  # [B, 64]
    columns = tf.where(u[2][:, None] < 0.5, columns[:, ::-1], columns)
    images = tf.gather(images, rows, batch_dims=1)  # [B, 64, 76, 3]
    images = tf.gather(images, columns, axis=2, batch_dims=1)  # [B, 64, 64, 3]
    return tf.cast(images, tf.float32) / 127.5 - 1.0

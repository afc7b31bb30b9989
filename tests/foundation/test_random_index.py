"""Indices are uniform, and never outside, whatever the rounding."""

import numpy as np
import tensorflow as tf

from foundation.random_index import index_below


def test_uniform():
    u = tf.random.stateless_uniform((60_000,), (0, 1))
    counts = np.bincount(index_below(6, u).numpy(), minlength=6)
    np.testing.assert_allclose(counts, 10_000, rtol=0.05)


def test_never_outside():
    nearly_one = np.nextafter(np.float32(1), np.float32(0))
    counts = tf.constant([0, 1, 7, 2**24 - 1, 2**24 + 1, 2**30])
    indices = index_below(counts, tf.fill((6,), nearly_one)).numpy()
    assert (indices[1:] < counts.numpy()[1:]).all()
    assert indices[0] == 0
    assert index_below(5, tf.constant(0.0)) == 0

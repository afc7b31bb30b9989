"""Shares of a batch put together are the batch."""

import numpy as np
import tensorflow as tf

from text_to_image.data.share import Share


def test_shares_put_together_are_the_whole():
    values = np.arange(2 * 6 * 3).reshape(2, 6, 3)
    for axis, replicas in ((1, 3), (1, 2), (2, 3), (0, 1)):
        shares = [
            Share(tf.constant(i), replicas).of(tf.constant(values), axis)
            for i in range(replicas)
        ]
        np.testing.assert_array_equal(np.concatenate(shares, axis), values)
        assert {share.shape for share in shares} == {shares[0].shape}


def test_alone_there_is_one():
    assert Share.here().replicas == 1

"""The fused batch norm against the one of Keras."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from text_to_image.models import Discriminator
from text_to_image.models.batch_norm import BatchNorm, synchronize


def pair(shape, dtype="float32"):
    """Both layers, with the same random weights."""
    both = [
        kind(momentum=0.9, epsilon=1e-5, dtype=dtype)
        for kind in (BatchNorm, layers.BatchNormalization)
    ]
    rng = np.random.default_rng(0)
    weights = [rng.uniform(0.5, 1.5, shape[-1:]) for _ in range(4)]
    for layer in both:
        layer.build(shape)
        layer.set_weights(weights)
    return both


@pytest.mark.parametrize("shape", [(3, 4, 4, 5), (6, 5)])
@pytest.mark.parametrize(
    ("training", "synchronized"), [(True, False), (False, False), (True, True)]
)
def test_values_gradients_and_moving_statistics_are_keras(
    shape, training, synchronized
):
    rng = np.random.default_rng(1)
    x, upstream = rng.normal(2, 3, (2, *shape)).astype("f4")
    results = []
    both = pair(shape)
    both[0].synchronized = synchronized  # with one replica, the same
    for layer in both:
        with tf.GradientTape() as tape:
            inputs = tf.constant(x)
            tape.watch(inputs)
            outputs = layer(inputs, training=training)
            loss = tf.reduce_sum(outputs * upstream)
        assert outputs.shape == shape
        sources = [inputs, *layer.trainable_variables]
        results.append([outputs, *tape.gradient(loss, sources), *layer.get_weights()])
    if training:
        # Keras moves its variance by that of division by N, Torch by N - 1.
        count = np.prod(shape[:-1])
        before = pair(shape)[0].moving_variance.numpy()
        moved = results[1][-1] - 0.9 * before
        results[1][-1] = 0.9 * before + moved * count / (count - 1)
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("synchronized", [False, True])
def test_half_precision_keeps_its_statistics_in_float32(synchronized):
    shape = (16, 4, 4, 5)
    x = np.random.default_rng(1).normal(2, 3, shape).astype("f4")
    ours, theirs = pair(shape, "mixed_bfloat16")
    ours.synchronized = synchronized
    outputs = ours(tf.cast(x, "bfloat16"), training=True)
    assert outputs.dtype == "bfloat16"
    expected = theirs(tf.cast(x, "bfloat16"), training=True)
    np.testing.assert_allclose(
        tf.cast(outputs, "float32"), tf.cast(expected, "float32"), atol=0.05
    )
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, other, rtol=3e-3)  # N is 256 here


def test_frozen_it_is_inference():
    layer, _ = pair((6, 5))
    layer.trainable = False
    x = np.random.default_rng(0).normal(size=(6, 5)).astype("f4")
    before = layer.get_weights()
    np.testing.assert_array_equal(layer(x, training=True), layer(x, training=False))
    for old, new in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_symbolic_call_keeps_the_shape():
    inputs = keras.Input((4, 4, 5))
    model = keras.Model(inputs, BatchNorm()(inputs))
    assert model.output_shape == (None, 4, 4, 5)
    config = BatchNorm(momentum=0.9).get_config()
    assert BatchNorm.from_config(config).get_config() == config


def test_all_layers_of_a_network_are_synchronized():
    network = Discriminator("reed", text_dim=3, width=2, text_features=2)
    norms = [x for x in network._flatten_layers() if isinstance(x, BatchNorm)]
    assert len(norms) == 8
    assert not any(norm.synchronized for norm in norms)
    synchronize(network)
    assert all(norm.synchronized for norm in norms)

"""The mix in two parts is the 1x1 convolution of image and text, concatenated."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from text_to_image.models.text_mix import TextMix


@pytest.mark.parametrize("use_bias", [True, False])
def test_is_the_convolution_of_both(use_bias):
    rng = np.random.default_rng(0)
    seen = rng.normal(size=(3, 4, 4, 5)).astype("float32")
    text = rng.normal(size=(3, 7)).astype("float32")
    mix = TextMix(6, use_bias=use_bias)
    mix.build((None, 4, 4, 12))
    weights = [rng.normal(size=weight.shape) for weight in mix.weights]
    mix.set_weights(weights)
    tiled = np.broadcast_to(text[:, None, None], (3, 4, 4, 7))
    both = np.concatenate([seen, tiled], axis=-1)  # [B, 4, 4, C + T]
    expected = both.astype("float64") @ weights[0][0, 0]
    if use_bias:
        expected += weights[1]
    actual = mix.of_image(seen) + mix.of_text(text)
    np.testing.assert_allclose(actual, expected, atol=1e-5)
    np.testing.assert_allclose(actual, mix(both), atol=1e-5)  # Keras's own


def test_gradients_are_the_convolutions():
    rng = np.random.default_rng(1)
    seen = tf.constant(rng.normal(size=(3, 4, 4, 5)), tf.float32)
    texts = [tf.constant(rng.normal(size=(3, 7)), tf.float32) for _ in range(2)]
    mix = TextMix(6, use_bias=True)
    mix.build((None, 4, 4, 12))

    def gradients(judge):
        with tf.GradientTape() as tape:
            tape.watch([seen, *texts])
            loss = sum(tf.reduce_sum(judge(text) ** 2) for text in texts)
        return tape.gradient(loss, [seen, *texts, *mix.trainable_weights])

    looked = mix.of_image  # once for both texts
    in_parts = gradients(lambda text: looked(seen) + mix.of_text(text))

    def convolve(text):
        tiled = tf.tile(text[:, None, None], (1, 4, 4, 1))
        return mix(tf.concat([seen, tiled], axis=-1))

    for actual, expected in zip(in_parts, gradients(convolve), strict=True):
        np.testing.assert_allclose(actual, expected, atol=1e-3, rtol=1e-4)


def test_computes_in_its_own_precision():
    mix = TextMix(6, dtype="mixed_bfloat16")
    mix.build((None, 4, 4, 12))
    assert mix.kernel.dtype == "float32"
    assert mix.of_image(tf.zeros((2, 4, 4, 5), tf.bfloat16)).dtype == "bfloat16"
    assert mix.of_text(tf.zeros((2, 7), tf.bfloat16)).dtype == "bfloat16"


def test_keeps_its_configuration():
    mix = TextMix(6, use_bias=False, name="mix")
    again = TextMix.from_config(mix.get_config())
    assert isinstance(again, keras.layers.Conv2D)
    assert again.get_config() == mix.get_config()

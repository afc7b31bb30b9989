"""The convolutions against those of Keras."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from text_to_image.models import convolutions
from text_to_image.models.convolutions import (
    Convolution,
    Deconvolution,
    NearestUpsampling,
)

PAIRS = {
    "convolution": (Convolution, layers.Conv2D),
    "deconvolution": (Deconvolution, layers.Conv2DTranspose),
}
# name, input size, kernel, stride, padding: every layer of the networks on small maps
CASES = [
    ("convolution", 8, 4, 2, "same"),
    ("convolution", 8, 5, 2, "same"),
    ("convolution", 4, 3, 1, "same"),
    ("convolution", 4, 1, 1, "same"),
    ("convolution", 4, 4, 1, "valid"),
    ("deconvolution", 1, 4, 1, "valid"),
    ("deconvolution", 4, 4, 2, "same"),
    ("deconvolution", 4, 5, 2, "same"),
    # and one that is left to TensorFlow's own gradient
    ("convolution", 16, 4, 2, "same"),
    ("deconvolution", 8, 4, 2, "same"),
]


@pytest.fixture
def few_are_many(monkeypatch):
    """Takes the product in float32, too, whatever the number of weights."""
    monkeypatch.setattr(convolutions, "MANY_WEIGHTS", 1)


@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("name, size, kernel, stride, padding", CASES)
def test_values_and_gradients_are_keras(name, size, kernel, stride, padding, use_bias):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, size, size, 5)).astype("f4")
    both = [
        kind(7, kernel, strides=stride, padding=padding, use_bias=use_bias)
        for kind in PAIRS[name]
    ]
    for layer in both:
        layer.build(x.shape)
    both[1].set_weights([rng.normal(size=w.shape) for w in both[1].weights])
    both[0].set_weights(both[1].get_weights())
    upstream = rng.normal(size=both[1].compute_output_shape(x.shape)).astype("f4")
    results = []
    for layer in both:
        with tf.GradientTape() as tape:
            inputs = tf.constant(x)
            tape.watch(inputs)
            outputs = layer(inputs)
            loss = tf.reduce_sum(outputs * upstream)
        sources = [inputs, *layer.trainable_variables]
        results.append([outputs, *tape.gradient(loss, sources)])
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("size", [4, 8])
def test_nearest_upsampling_is_upsampling_and_a_convolution(size):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, size, size, 5)).astype("f4")
    ours = NearestUpsampling(7, use_bias=True)
    ours.build(x.shape)
    kernel, bias = rng.normal(size=(3, 3, 7, 5)), rng.normal(size=7)
    ours.set_weights([kernel, bias])
    upsample, convolve = layers.UpSampling2D(2), layers.Conv2D(7, 3, padding="same")
    convolve.build((3, 2 * size, 2 * size, 5))
    turned = kernel[::-1, ::-1].transpose(0, 1, 3, 2)  # [3, 3, I, filters]
    convolve.set_weights([turned, bias])
    results = []
    for call, layer in (
        (ours, ours),
        (lambda inputs: convolve(upsample(inputs)), convolve),
    ):
        with tf.GradientTape() as tape:
            inputs = tf.constant(x)
            tape.watch(inputs)
            outputs = call(inputs)
            loss = tf.reduce_sum(outputs**2)
        results.append([outputs, *tape.gradient(loss, [inputs, *layer.weights])])
    (actual, *gradients), (expected, *of_keras) = results
    assert actual.shape == (3, 2 * size, 2 * size, 7)
    np.testing.assert_allclose(actual, expected, atol=1e-4)
    of_keras[1] = of_keras[1].numpy()[::-1, ::-1].transpose(0, 1, 3, 2)
    for ours_, theirs in zip(gradients, of_keras, strict=True):
        np.testing.assert_allclose(ours_, theirs, rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize("name, size", [("convolution", 8), ("deconvolution", 4)])
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_small_maps_launch_a_product_in_bfloat16(name, size, dtype):
    layer = PAIRS[name][0](7, 4, strides=2, padding="same", dtype=dtype)
    layer.build((3, size, size, 5))

    @tf.function
    def gradients(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(layer(x)))
        return tape.gradient(loss, layer.trainable_variables)

    x = tf.zeros((3, size, size, 5))
    graph = gradients.get_concrete_function(x).graph
    kinds = {operation.type for operation in graph.get_operations()}
    assert ("MatMul" in kinds) == (dtype != "float32")
    assert ("Conv2DBackpropFilter" in kinds) == (dtype == "float32")


def test_mixed_precision_gives_float32_gradients():
    layer = Convolution(7, 4, strides=2, padding="same", dtype="mixed_bfloat16")
    with tf.GradientTape() as tape:
        outputs = layer(tf.ones((3, 8, 8, 5)))
        loss = tf.reduce_sum(tf.cast(outputs, "float32"))
    assert outputs.dtype == "bfloat16"
    gradients = tape.gradient(loss, layer.trainable_variables)
    assert {gradient.dtype for gradient in gradients} == {tf.float32}
    # Each weight away from the rim sees a one at each of the 4x4 positions of 3 maps.
    np.testing.assert_allclose(gradients[0][1:3, 1:3], 48.0)


@pytest.mark.parametrize("name", PAIRS)
def test_saved_and_symbolic(name, tmp_path):
    inputs = keras.Input((4, 4, 5))
    model = keras.Model(inputs, PAIRS[name][0](7, 4, strides=2, padding="same")(inputs))
    assert model.output_shape[-1] == 7
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 5)).astype("f4")
    np.testing.assert_array_equal(loaded(x), model(x))
    assert isinstance(loaded.layers[1], PAIRS[name][0])


def test_nearest_upsampling_is_saved(tmp_path):
    inputs = keras.Input((4, 4, 5))
    model = keras.Model(inputs, NearestUpsampling(7, use_bias=False)(inputs))
    assert model.output_shape == (None, 8, 8, 7)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 5)).astype("f4")
    np.testing.assert_array_equal(loaded(x), model(x))
    assert loaded.layers[1].get_config() == model.layers[1].get_config()


def test_on_a_gpu_the_library_is_left_alone(monkeypatch):
    shapes = (3, 4, 4, 7), (3, 8, 8, 5), tf.zeros((4, 4, 5, 7), "bfloat16")
    assert convolutions._by_product(*shapes)
    monkeypatch.setattr(
        tf.config, "get_visible_devices", lambda kind: [object()] if kind else []
    )
    assert not convolutions._by_product(*shapes)

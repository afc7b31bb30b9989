"""The style encoder network: sizes, arithmetic, gradients, saving."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from text_to_image.models import StyleEncoder

ARCHITECTURES = ("reed", "dcgan")
SMALL = {"z_dim": 5, "width": 4}


def pictures(batch=3):
    rng = np.random.default_rng(0)
    return rng.uniform(-1, 1, (batch, 64, 64, 3)).astype("float32")


@pytest.mark.parametrize(
    # Those of D without its text, mixing and score, and 8192 x 100 + 100 of the head.
    ("architecture", "parameters"),
    [("reed", 3_561_728 + 819_300), ("dcgan", 4_308_352 + 819_300)],
)
def test_parameter_counts_are_the_discriminators(architecture, parameters):
    network = StyleEncoder(architecture)
    sizes = [int(np.prod(w.shape)) for w in network.trainable_weights]
    assert sum(sizes) == parameters


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_style_is_float32_under_every_policy(architecture, dtype):
    network = StyleEncoder(architecture, dtype=dtype, **SMALL)
    s = network(pictures(), training=False)
    assert (s.shape, s.dtype) == ((3, 5), tf.float32)
    rounded = tf.cast(tf.cast(s, tf.bfloat16), tf.float32)
    assert not np.array_equal(s, rounded)
    assert network.trunk.compute_dtype == dtype.removeprefix("mixed_")


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_style_is_linear_in_what_the_trunk_sees(architecture):
    network = StyleEncoder(architecture, kernel_size=4, **SMALL)
    images = pictures()
    seen = np.asarray(network.trunk(images), np.float64).reshape(3, 4 * 4 * 32)
    head = network.head
    expected = seen @ np.asarray(head.kernel, np.float64) + np.asarray(head.bias)
    np.testing.assert_allclose(network(images), expected, atol=1e-5)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_gradient_reaches_every_variable(architecture):
    network = StyleEncoder(architecture, **SMALL)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(network(pictures(), training=True) ** 2)
    variables = network.trainable_variables
    for variable, gradient in zip(
        variables, tape.gradient(loss, variables), strict=True
    ):
        assert gradient is not None, variable.path
        assert np.isfinite(gradient).all(), variable.path


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_saved_network_loads_equal(architecture, tmp_path):
    network = StyleEncoder(architecture, kernel_size=4, dtype="mixed_bfloat16", **SMALL)
    network.save(tmp_path / "s.keras")
    loaded = keras.saving.load_model(tmp_path / "s.keras")
    np.testing.assert_array_equal(loaded(pictures()), network(pictures()))
    assert loaded.get_config() == network.get_config()


def test_unknown_architecture_is_refused():
    with pytest.raises(ValueError, match="unet"):
        StyleEncoder("unet")

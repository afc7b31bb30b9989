"""The networks: sizes, shapes, gradients, saving, and an independent forward."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from text_to_image.models import Discriminator, Generator, dcgan, reed
from text_to_image.models.image_trunk import ImageTrunk
from text_to_image.models.residual_block import ResidualBlock

ARCHITECTURES = ("reed", "dcgan")
SMALL = {"text_dim": 12, "width": 4, "text_features": 6}


def count(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


@pytest.mark.parametrize(
    ("architecture", "in_generator", "in_discriminator"),
    [("reed", 19_388_800, 4_513_408), ("dcgan", 8_461_571, 5_940_353)],
)
def test_published_parameter_counts(architecture, in_generator, in_discriminator):
    assert count(Generator(architecture=architecture, text_dim=4800)) == in_generator
    assert count(Discriminator(architecture, text_dim=4800)) == in_discriminator


def inputs(batch=3, text_dim=12):
    rng = np.random.default_rng(0)
    z = rng.normal(size=(batch, 100)).astype("float32")
    text = rng.normal(size=(batch, text_dim)).astype("float32")
    return z, text


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_shapes_and_ranges(architecture, dtype):
    z, text = inputs()
    images = Generator(architecture, dtype=dtype, **SMALL)(z, text, training=False)
    assert images.shape == (3, 64, 64, 3)
    assert images.dtype == "float32"
    assert np.abs(images).max() <= 1.0
    assert np.abs(images).max() > 0.0
    logits = Discriminator(architecture, dtype=dtype, **SMALL)(images, text)
    assert logits.shape == (3,)
    assert logits.dtype == "float32"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_gradient_reaches_every_variable(architecture):
    generator = Generator(architecture, **SMALL)
    discriminator = Discriminator(architecture, **SMALL)
    z, text = inputs(batch=4)
    with tf.GradientTape() as tape:
        images = generator(z, text, training=True)
        logits = discriminator(images, text, training=True)
        loss = tf.reduce_sum(logits * tf.constant([1.0, -2.0, 3.0, 0.5]))
    variables = generator.trainable_variables + discriminator.trainable_variables
    for variable, gradient in zip(
        variables, tape.gradient(loss, variables), strict=True
    ):
        assert gradient is not None, variable.path
        assert np.isfinite(gradient).all(), variable.path


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_saved_networks_load_equal(architecture, tmp_path):
    z, text = inputs()
    generator = Generator(architecture, kernel_size=4, **SMALL)
    discriminator = Discriminator(architecture, kernel_size=4, **SMALL)
    images = generator(z, text)
    generator.save(tmp_path / "g.keras")
    discriminator.save(tmp_path / "d.keras")
    loaded = keras.saving.load_model(tmp_path / "g.keras")
    np.testing.assert_array_equal(loaded(z, text), images)
    assert loaded.get_config() == generator.get_config()
    judge = keras.saving.load_model(tmp_path / "d.keras")
    np.testing.assert_array_equal(judge(images, text), discriminator(images, text))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_only_the_variant_has_convolution_biases(architecture):
    names = [
        weight.path
        for model in (Generator(architecture, **SMALL), Discriminator(architecture))
        for weight in model.trainable_weights
        if weight.path.endswith("bias") and "conv" in weight.path
    ]
    assert bool(names) == (architecture == "dcgan")


def test_unknown_architecture_is_refused():
    with pytest.raises(ValueError, match="unet"):
        Generator("unet")
    with pytest.raises(ValueError, match="unet"):
        Discriminator("unet")


def test_initialisation_is_torchs():
    generator = Generator("reed", text_dim=4800).network
    kernel = np.asarray(generator.deconv8.kernel)
    assert kernel.mean() == pytest.approx(0.0, abs=1e-4)
    assert kernel.std() == pytest.approx(0.02, rel=0.01)
    gamma = np.asarray(generator.stem_norm.gamma)
    assert gamma.mean() == pytest.approx(1.0, abs=3e-3)
    assert gamma.std() == pytest.approx(0.02, rel=0.1)
    projection = np.asarray(generator.text_projection.kernel)
    assert np.abs(projection).max() <= 4800**-0.5
    assert projection.std() == pytest.approx(4800**-0.5 / 3**0.5, rel=0.01)


def correlate(x, kernel, strides, padding):
    """Convolution by loops: x [H, W, C], kernel [k, k, C, F]."""
    x = np.pad(x, ((padding, padding), (padding, padding), (0, 0)))
    size = kernel.shape[0]
    rows = (x.shape[0] - size) // strides + 1
    out = np.zeros((rows, rows, kernel.shape[3]))
    for i in range(rows):
        for j in range(rows):
            top, left = i * strides, j * strides
            patch = x[top : top + size, left : left + size]
            out[i, j] = np.tensordot(patch, kernel, 3)
    return out


def scatter(x, kernel, strides, padding):
    """Torch's transposed convolution by loops: kernel [k, k, F, C]."""
    size, height = kernel.shape[0], x.shape[0]
    full = np.zeros([(height - 1) * strides + size] * 2 + [kernel.shape[2]])
    for i in range(height):
        for j in range(height):
            top, left = i * strides, j * strides
            full[top : top + size, left : left + size] += kernel @ x[i, j]
    end = full.shape[0] - padding
    return full[padding:end, padding:end]


def normalise(layer, x):
    mean, variance = np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)
    scaled = (x - mean) / np.sqrt(variance + 1e-5)
    return scaled * np.asarray(layer.gamma) + np.asarray(layer.beta)


def relu(x):
    return np.maximum(x, 0)


def leaky(x):
    return np.where(x > 0, x, 0.2 * x)


def residual(block, x, activate):
    branch = activate(normalise(block.norm1, correlate(x, weights(block.conv1), 1, 0)))
    branch = correlate(branch, weights(block.conv2), 1, 1)
    branch = activate(normalise(block.norm2, branch))
    branch = normalise(block.norm3, correlate(branch, weights(block.conv3), 1, 1))
    return activate(x + branch)


def weights(layer):
    return np.asarray(layer.kernel, np.float64)


def randomise(model):
    """Gives batch norm statistics that inference would notice."""
    rng = np.random.default_rng(1)
    model.set_weights(
        [
            rng.uniform(0.5, 1.5, w.shape)
            if w.ndim == 1
            else w + rng.normal(size=w.shape) * 0.1
            for w in model.get_weights()
        ]
    )


def test_reed_generator_is_the_torch_network():
    generator = Generator("reed", text_dim=5, z_dim=3, width=2, text_features=4)
    randomise(generator)
    rng = np.random.default_rng(2)
    z, text = rng.normal(size=3), rng.normal(size=5)
    g = generator.network
    projection = g.text_projection
    t = leaky(text @ weights(projection) + np.asarray(projection.bias))
    x = np.concatenate([z, t])[None, None]
    x = normalise(g.stem_norm, scatter(x, weights(g.stem), 1, 0))
    x = residual(g.residual4, relu_free(x), relu)
    x = normalise(g.norm8, scatter(x, weights(g.deconv8), 2, 1))
    x = residual(g.residual8, x, relu)
    x = relu(normalise(g.norm16, scatter(x, weights(g.deconv16), 2, 1)))
    x = relu(normalise(g.norm32, scatter(x, weights(g.deconv32), 2, 1)))
    x = np.tanh(scatter(x, weights(g.deconv64), 2, 1))
    actual = generator(z[None].astype("float32"), text[None].astype("float32"))
    np.testing.assert_allclose(actual[0], x, atol=2e-5)


def relu_free(x):
    """The stem of the Torch code has no ReLU before its residual block."""
    return x


def test_reed_discriminator_is_the_torch_network():
    judge = Discriminator("reed", text_dim=5, width=2, text_features=4)
    randomise(judge)
    rng = np.random.default_rng(3)
    image, text = rng.uniform(-1, 1, (64, 64, 3)), rng.normal(size=5)
    d, trunk = judge.network, judge.network.trunk
    x = leaky(correlate(image, weights(trunk.conv32), 2, 1))
    x = leaky(normalise(trunk.norm16, correlate(x, weights(trunk.conv16), 2, 1)))
    x = leaky(normalise(trunk.norm8, correlate(x, weights(trunk.conv8), 2, 1)))
    x = normalise(trunk.norm4, correlate(x, weights(trunk.conv4), 2, 1))
    x = residual(trunk.residual4, x, leaky)
    t = text @ weights(d.text_projection) + np.asarray(d.text_projection.bias)
    t = leaky(normalise(d.text_norm, t))
    x = np.concatenate([x, np.broadcast_to(t, (4, 4, 4))], axis=-1)
    x = leaky(normalise(d.mix_norm, correlate(x, weights(d.mix), 1, 0)))
    logit = correlate(x, weights(d.score), 1, 0)
    actual = judge(image[None].astype("float32"), text[None].astype("float32"))
    np.testing.assert_allclose(actual, logit.ravel(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "layer",
    [
        reed.ReedGenerator(5, 2, 4, conditional=True, upsampling="nearest"),
        reed.ReedDiscriminator(5, 2, 4, conditional=False, dtype="mixed_bfloat16"),
        ImageTrunk(2, 4, use_bias=False, residual=True, name="trunk"),
        dcgan.DcganGenerator(2, 4, 3, conditional=False, upsampling="transposed"),
        dcgan.DcganDiscriminator(2, 4, 3, conditional=True),
        ImageTrunk(2, 5, use_bias=True, residual=False, name="other"),
    ],
    ids=lambda layer: layer.name,
)
def test_networks_keep_their_configuration(layer):
    config = layer.get_config()
    assert type(layer).from_config(config).get_config() == config
    assert keras.saving.get_registered_name(type(layer)).startswith("text_to_image>")


def test_residual_block_keeps_its_configuration():
    block = ResidualBlock(8, 2, leaky=True, name="block")
    copy = ResidualBlock.from_config(block.get_config())
    assert copy.get_config() == block.get_config()


def test_training_mode_uses_and_moves_batch_statistics():
    generator = Generator("dcgan", **SMALL)
    z, text = inputs(batch=8)
    before = np.array(generator.network.norm8.moving_variance)
    trained = generator(z, text, training=True)
    assert not np.allclose(trained, generator(z, text, training=False), atol=1e-3)
    assert not np.allclose(before, generator.network.norm8.moving_variance)

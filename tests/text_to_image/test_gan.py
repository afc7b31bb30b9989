"""One step of Algorithm 1, and the moving average of the generator."""

import dataclasses
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf

from text_to_image import Config
from text_to_image.gan import GAN

CONFIG = Config(architecture="dcgan", gf=4, df=4, text_features=4, ema_decay=0.9)


SIZE, DIM = 6, 5


def batch_of(config=CONFIG, seed=0):
    """Random numbers in the shapes of `Batches.assemble`."""
    rng = np.random.default_rng(seed)
    pairs = config.interpolations if config.interpolates else 0
    updates, z = config.generator_steps, config.z_dim
    values = {
        "real_images": rng.uniform(-1, 1, (SIZE, 64, 64, 3)),
        "wrong_images": rng.uniform(-1, 1, (SIZE, 64, 64, 3)),
        "text_embedding": rng.normal(size=(SIZE, DIM)),
        "wrong_text_embedding": rng.normal(size=(SIZE, DIM)),
        "z": rng.normal(size=(SIZE, z)),
        "generator_z": rng.normal(size=(updates, SIZE, z)),
        "interpolation_z": rng.normal(size=(updates, pairs, z)),
        "beta": rng.uniform(size=(updates, pairs, 1)),
        "first_embedding": rng.normal(size=(pairs, DIM)),
        "second_embedding": rng.normal(size=(pairs, DIM)),
    }
    return {name: tf.constant(value, tf.float32) for name, value in values.items()}


def step_by_the_book(config, twin, batch):
    """Losses and gradients of the first updates, written separately.

    Three passes of D, each of a whole image, and probabilities instead of logits.
    """
    generate = partial(twin.generator, training=True)
    h = batch["text_embedding"]

    def score(images, texts):
        return tf.sigmoid(twin.discriminator(images, texts, training=True))

    def interpolated():
        beta = batch["beta"][0]
        return beta * batch["first_embedding"] + (1 - beta) * batch["second_embedding"]

    def generator_loss(z):
        if not config.interpolates:
            return -tf.reduce_mean(tf.math.log(score(generate(z, h), h)))
        h_i, z_i = interpolated(), batch["interpolation_z"][0]
        weight = config.interpolation_weight
        if config.interpolation_batch == "shared":
            z, texts = tf.concat([z, z_i], 0), tf.concat([h, h_i], 0)
            logs = tf.math.log(score(generate(z, texts), texts))
            return -(tf.reduce_sum(logs[:6]) + weight * tf.reduce_sum(logs[6:])) / 9
        return -tf.reduce_mean(
            tf.math.log(score(generate(z, h), h))
            + weight * tf.math.log(score(generate(z_i, h_i), h_i))
        )

    with tf.GradientTape() as tape:
        real = score(batch["real_images"], h)
        fake = score(generate(batch["z"], h), h)
        wrong = (
            score(batch["real_images"], batch["wrong_text_embedding"])
            if config.mismatch == "text"
            else score(batch["wrong_images"], h)
        )
        w_wrong, w_fake = config.wrong_weight, config.fake_weight
        if "cls" not in config.objective:
            w_wrong, w_fake = 0.0, 1.0
        d_loss = -tf.reduce_mean(
            tf.math.log(real)
            + w_wrong * tf.math.log(1 - wrong)
            + w_fake * tf.math.log(1 - fake)
        )
    d_gradients = tape.gradient(d_loss, twin.discriminator.trainable_variables)
    if config.update == "alternating":
        twin.discriminator_optimizer.apply(
            d_gradients, twin.discriminator.trainable_variables
        )
    z = batch["z"] if config.update == "simultaneous" else batch["generator_z"][0]
    with tf.GradientTape() as tape:
        g_loss = generator_loss(z)
    g_gradients = tape.gradient(g_loss, twin.generator.trainable_variables)
    return d_loss, d_gradients, g_loss, g_gradients


class Recorder:
    """Stands in for an optimiser: keeps the gradients, and applies them."""

    def __init__(self, optimizer):
        self.optimizer = optimizer
        self.gradients = []

    def apply(self, gradients, variables):
        self.gradients.append(gradients)
        self.optimizer.apply(gradients, variables)


def assert_close(actual, expected, names, relative=2e-5):
    """Compares gradients; biases before batch norm have none but rounding."""
    largest = max(np.abs(theirs).max() for theirs in expected)
    for ours, theirs, name in zip(actual, expected, names, strict=True):
        size = np.abs(theirs).max()
        if name.endswith("bias") and size < 2e-3 * largest:
            assert np.abs(ours).max() < 2e-3 * largest
            continue
        tolerance = relative * max(size, 0.01 * largest)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance, err_msg=name)


@pytest.mark.parametrize(
    "values",
    [
        {"objective": "gan"},
        {"objective": "gan_cls", "wrong_weight": 0.3, "fake_weight": 0.9},
        {"objective": "gan_int", "interpolation_weight": 0.7},
        {"objective": "gan_int_cls"},
        {"objective": "gan_cls", "mismatch": "image", "update": "alternating"},
        {"objective": "gan_int", "update": "alternating"},
        {
            **{"objective": "gan_int_cls", "interpolation_batch": "shared"},
            **{"update": "alternating", "interpolation_weight": 0.7},
        },
    ],
    ids=lambda values: "-".join(map(str, values.values())),
)
@pytest.mark.parametrize("architecture", ["dcgan", "reed"])
def test_step_is_algorithm_1(architecture, values):
    config = dataclasses.replace(
        CONFIG, architecture=architecture, batch_size=SIZE, kernel_size=4, **values
    )
    gan, twin = GAN(config, DIM), GAN(config, DIM)
    weights = np.random.default_rng(1)
    for network, other in (
        (gan.generator, twin.generator),
        (gan.discriminator, twin.discriminator),
    ):
        noisy = [
            w + weights.normal(0, 0.05, w.shape).astype("f4")
            for w in network.get_weights()
        ]
        network.set_weights(noisy)
        other.set_weights(noisy)
    batch = batch_of(config)
    gan.discriminator_optimizer = d_recorder = Recorder(gan.discriminator_optimizer)
    gan.generator_optimizer = g_recorder = Recorder(gan.generator_optimizer)
    actual = gan.train_step(batch)
    d_loss, d_gradients, g_loss, g_gradients = step_by_the_book(config, twin, batch)
    np.testing.assert_allclose(actual["loss/d"], d_loss, rtol=1e-5)
    np.testing.assert_allclose(actual["loss/g"], g_loss, rtol=1e-5)
    names = [weight.path for weight in gan.discriminator.trainable_variables]
    assert_close(d_recorder.gradients[0], d_gradients, names)
    names = [weight.path for weight in gan.generator.trainable_variables]
    # Adam's first update makes whole steps of gradients that are rounding: after it the
    # two discriminators differ a little.
    relative = 2e-5 if config.update == "simultaneous" else 2e-4
    assert_close(g_recorder.gradients[0], g_gradients, names, relative)
    norm = np.sqrt(sum(float(tf.reduce_sum(g * g)) for g in d_gradients))
    np.testing.assert_allclose(actual["grad_norm/d"], norm, rtol=1e-4)


def test_an_update_is_adams():
    """The first one is the learning rate times the sign of the gradient."""
    gan = GAN(CONFIG, DIM)
    before = [np.array(w) for w in gan.discriminator.trainable_variables]
    gan.discriminator_optimizer = recorder = Recorder(gan.discriminator_optimizer)
    gan.train_step(batch_of())
    for old, new, gradient in zip(
        before,
        gan.discriminator.trainable_variables,
        recorder.gradients[0],
        strict=True,
    ):
        large = np.abs(gradient) > 1e-4
        moved = (np.asarray(new) - old)[large]
        np.testing.assert_allclose(
            moved, -2e-4 * np.sign(gradient)[large], rtol=0.02, atol=1e-6
        )


@pytest.mark.parametrize("objective", ["gan", "gan_cls"])
def test_every_network_learns_and_metrics_are_complete(objective):
    gan = GAN(dataclasses.replace(CONFIG, objective=objective), DIM)
    before = [np.array(w) for w in gan.generator.trainable_variables]
    values = gan.train_step(batch_of())
    assert set(values) == set(gan.metric_tags)
    assert ("loss/d_wrong" in values) == (objective == "gan_cls")
    assert int(gan.step.numpy()) == 1
    for old, new in zip(before, gan.generator.trainable_variables, strict=True):
        assert not np.array_equal(old, new), new.path


def test_without_text_nothing_depends_on_it():
    config = dataclasses.replace(CONFIG, conditional=False, objective="gan")
    one, other = GAN(config, DIM), GAN(config, DIM)
    batch = batch_of()
    values = one.train_step(batch)
    again = other.train_step({**batch, "text_embedding": batch["text_embedding"] + 1})
    for tag, value in values.items():
        np.testing.assert_array_equal(value, again[tag], err_msg=tag)
    names = [w.path for w in (*one.generator.weights, *one.discriminator.weights)]
    assert names
    assert not [name for name in names if "text" in name]


@pytest.mark.parametrize("updates", [1, 2])
def test_updates_of_the_generator(updates):
    config = dataclasses.replace(CONFIG, update="alternating", generator_steps=updates)
    gan = GAN(config, DIM)
    gan.train_step(batch_of(config))
    assert int(gan.generator_optimizer.iterations.numpy()) == updates
    assert int(gan.discriminator_optimizer.iterations.numpy()) == 1


def test_an_update_of_the_generator_leaves_the_weights_of_d():
    """Only batch-norm statistics move: D is in training mode there, too."""
    config = dataclasses.replace(CONFIG, update="alternating", generator_steps=3)
    gan, once = GAN(config, DIM), GAN(dataclasses.replace(config, generator_steps=1), 5)
    batch = batch_of(config)
    gan.train_step(batch)
    once.train_step(batch)
    moved = []
    for ours, theirs in zip(
        gan.discriminator.weights, once.discriminator.weights, strict=True
    ):
        if not np.array_equal(ours, theirs):
            moved.append(ours.path)
    assert moved
    assert all("moving_" in name for name in moved)


def test_moving_average_covers_batch_norm_and_warms_up():
    gan = GAN(CONFIG, 5)
    average = [np.array(w, np.float64) for w in gan.generator.weights]
    for step in range(1, 4):
        gan.train_step(batch_of(seed=step))
        decay = min(0.9, (1 + step) / (10 + step))
        average = [
            decay * old + (1 - decay) * np.asarray(new)
            for old, new in zip(average, gan.generator.weights, strict=True)
        ]
    names = [weight.path for weight in gan.ema_generator.weights]
    assert any("moving_variance" in name for name in names)
    for name, expected, actual in zip(
        names, average, gan.ema_generator.weights, strict=True
    ):
        np.testing.assert_allclose(actual, expected, atol=1e-5, err_msg=name)


def test_no_average_is_the_paper():
    gan = GAN(Config(gf=2, df=2, text_features=4), 5)
    assert gan.ema_generator is None
    assert gan.sampling_generator is gan.generator


def test_learning_rate_is_halved_on_the_papers_schedule():
    gan = GAN(CONFIG, 5, steps_per_epoch=92)
    rate = gan.discriminator_optimizer._learning_rate
    for epoch, expected in ((0, 2e-4), (99, 2e-4), (100, 1e-4), (599, 6.25e-6)):
        assert float(rate(epoch * 92)) == pytest.approx(expected)
    config = dataclasses.replace(CONFIG, update="alternating", generator_steps=2)
    twice = GAN(config, 5, steps_per_epoch=92)
    rate = twice.generator_optimizer._learning_rate
    assert float(rate(99 * 92 * 2)) == pytest.approx(2e-4)


def test_adam_is_torchs():
    optimizer = GAN(CONFIG, 5).generator_optimizer
    assert (optimizer.beta_1, optimizer.beta_2, optimizer.epsilon) == (0.5, 0.999, 1e-8)


def test_first_weights_are_a_function_of_the_seed():
    one, same = GAN(CONFIG, 5), GAN(CONFIG, 5)
    other = GAN(dataclasses.replace(CONFIG, seed=1), 5)
    kernel = np.asarray(one.generator.network.deconv8.kernel)
    np.testing.assert_array_equal(kernel, same.generator.network.deconv8.kernel)
    assert not np.array_equal(kernel, other.generator.network.deconv8.kernel)


def test_keras_file_holds_the_whole_model(tmp_path):
    gan = GAN(CONFIG, 5, steps_per_epoch=7)
    gan.set_text_statistics(np.ones(5, "f4"), np.full(5, 2, "f4"))
    gan.train_step(batch_of())
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert loaded.get_config() == gan.get_config()
    for ours, theirs in zip(gan.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    z, text = batch_of()["z"], batch_of()["text_embedding"]
    np.testing.assert_array_equal(gan(z, text), loaded(z, text))

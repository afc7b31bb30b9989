"""One step of Algorithm 1, and the moving average of the generator."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from text_to_image import Config
from text_to_image.gan import GAN, METRICS

CONFIG = Config(architecture="dcgan", gf=4, df=4, text_features=4, ema_decay=0.9)


def batch_of(size=6, text_dim=5, seed=0):
    rng = np.random.default_rng(seed)
    return {
        "real_images": rng.uniform(-1, 1, (size, 64, 64, 3)).astype("f4"),
        "wrong_images": rng.uniform(-1, 1, (size, 64, 64, 3)).astype("f4"),
        "text_embedding": rng.normal(size=(size, text_dim)).astype("f4"),
        "z": rng.normal(size=(size, 100)).astype("f4"),
    }


def noise(seed, size=6):
    return np.random.default_rng(seed).normal(size=(size, 100)).astype("f4")


def test_step_is_algorithm_1():
    """Losses and the first Adam update, from separately written steps."""
    config = dataclasses.replace(CONFIG, wrong_weight=0.3, fake_weight=0.9)
    gan, twin = GAN(config, 5), GAN(config, 5)
    batch = batch_of()
    values = gan.train_step(batch, noise)

    h = batch["text_embedding"]
    fake = twin.generator(batch["z"], h, training=True)
    with tf.GradientTape() as tape:
        judge = twin.discriminator
        real = tf.sigmoid(judge(batch["real_images"], h, training=True))
        wrong = tf.sigmoid(judge(batch["wrong_images"], h, training=True))
        score = tf.sigmoid(judge(fake, h, training=True))
        loss = -tf.reduce_mean(
            tf.math.log(real)
            + 0.3 * tf.math.log(1 - wrong)
            + 0.9 * tf.math.log(1 - score)
        )
    np.testing.assert_allclose(values["loss/d"], loss, rtol=1e-4)
    variables = judge.trainable_variables
    gradients = tape.gradient(loss, variables)
    norm = np.sqrt(sum(float(tf.reduce_sum(g * g)) for g in gradients))
    np.testing.assert_allclose(values["grad_norm/d"], norm, rtol=1e-3)
    # Adam's first update is the learning rate times the sign of the gradient.
    for ours, before, gradient in zip(
        gan.discriminator.trainable_variables, variables, gradients, strict=True
    ):
        large = np.abs(gradient) > 1e-4
        moved = (np.asarray(ours) - np.asarray(before))[large]
        np.testing.assert_allclose(
            moved, -2e-4 * np.sign(gradient)[large], rtol=0.02, atol=1e-6
        )


def test_every_network_learns_and_metrics_are_complete():
    gan = GAN(CONFIG, 5)
    before = [np.array(w) for w in gan.generator.trainable_variables]
    values = gan.train_step(batch_of(), noise)
    assert tuple(values) == METRICS
    assert int(gan.step.numpy()) == 1
    for old, new in zip(before, gan.generator.trainable_variables, strict=True):
        assert not np.array_equal(old, new), new.path


@pytest.mark.parametrize("updates", [1, 2])
def test_updates_of_the_generator(updates):
    gan = GAN(dataclasses.replace(CONFIG, generator_steps=updates), 5)
    asked = []
    gan.train_step(batch_of(), lambda i: asked.append(i) or noise(i))
    assert asked == list(range(1, updates + 1))
    assert int(gan.generator_optimizer.iterations.numpy()) == updates


def test_moving_average_covers_batch_norm_and_warms_up():
    gan = GAN(CONFIG, 5)
    average = [np.array(w, np.float64) for w in gan.generator.weights]
    for step in range(1, 4):
        gan.train_step(batch_of(seed=step), noise)
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
    twice = GAN(dataclasses.replace(CONFIG, generator_steps=2), 5, steps_per_epoch=92)
    rate = twice.generator_optimizer._learning_rate
    assert float(rate(99 * 92 * 2)) == pytest.approx(2e-4)


def test_adam_is_torchs():
    optimizer = GAN(CONFIG, 5).generator_optimizer
    assert (optimizer.beta_1, optimizer.beta_2, optimizer.epsilon) == (0.5, 0.999, 1e-8)


def test_first_weights_are_a_function_of_the_seed():
    one, same = GAN(CONFIG, 5), GAN(CONFIG, 5)
    other = GAN(dataclasses.replace(CONFIG, seed=1), 5)
    kernel = np.asarray(one.generator.deconv8.kernel)
    np.testing.assert_array_equal(kernel, same.generator.deconv8.kernel)
    assert not np.array_equal(kernel, other.generator.deconv8.kernel)


def test_keras_file_holds_the_whole_model(tmp_path):
    gan = GAN(CONFIG, 5, steps_per_epoch=7)
    gan.set_text_statistics(np.ones(5, "f4"), np.full(5, 2, "f4"))
    gan.train_step(batch_of(), noise)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert loaded.get_config() == gan.get_config()
    for ours, theirs in zip(gan.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    z, text = noise(1), batch_of()["text_embedding"]
    np.testing.assert_array_equal(gan(z, text), loaded(z, text))

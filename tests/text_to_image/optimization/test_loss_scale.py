"""Training in float16: the scale of the losses, and steps that are skipped."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from foundation.checkpoints import Checkpoints
from text_to_image import Config
from text_to_image.data.cache import Split
from text_to_image.data.device_dataset import DeviceDataset
from text_to_image.gan import GAN
from text_to_image.optimization.fused_adam import FusedAdam
from text_to_image.optimization.loss_scale import LossScale
from text_to_image.training.compiled_steps import compile_steps

CONFIG = Config(
    **{"architecture": "dcgan", "gf": 4, "df": 4, "text_features": 4},
    **{"batch_size": 4, "mixed_precision": "float16"},
)


def test_scale_follows_the_gradients():
    scale = LossScale(initial=8.0, growth_steps=3)
    norms = [1, np.inf, 2, 3, 4, 5, np.nan, np.inf, np.inf, np.inf, 6]
    seen = [float(scale.update(tf.constant(norm, tf.float32))) for norm in norms]
    # 8, 4 after the first overflow, 8 after three finite ones, then down to 1, where an
    # overflow is not excused any more.
    assert seen == [1, 0, 2, 3, 4, 5, 0, 0, 0, np.inf, 6]
    assert float(scale.scale.value) == 1.0
    assert int(scale.finite_updates.value) == 1
    restored = LossScale.from_config(scale.get_config())
    assert (restored.initial, restored.growth_steps) == (8.0, 3)


def test_gradients_are_unscaled():
    scale = LossScale(initial=1024.0)
    gradients = [tf.constant([2048.0, -512.0]), tf.constant(np.float32(np.inf))]
    unscaled = scale.unscale(gradients)
    np.testing.assert_array_equal(unscaled[0], [2.0, -0.5])
    assert np.isinf(unscaled[1])


def test_a_skipped_update_changes_nothing():
    variable = keras.Variable(np.arange(1, 5, dtype="f4"))
    optimizer = FusedAdam(0.1)
    optimizer.build([variable])
    good = tf.constant([0.3, -2.0, 0.0, 1.0])
    bad = tf.constant([np.inf, np.nan, -np.inf, 1.0])
    optimizer.apply([good], [variable], finite=tf.constant(True))
    before = [np.array(v) for v in (variable, *optimizer.variables)]
    optimizer.apply([bad], [variable], finite=tf.constant(False))
    for old, new in zip(before, (variable, *optimizer.variables), strict=True):
        np.testing.assert_array_equal(old, new)

    twin, plain = keras.Variable(np.arange(1, 5, dtype="f4")), FusedAdam(0.1)
    plain.build([twin])
    plain.apply([good], [twin])
    np.testing.assert_array_equal(variable, twin)
    assert int(plain.iterations.numpy()) == int(optimizer.iterations.numpy()) == 1


def batch():
    rng = np.random.default_rng(0)
    values = {
        "real_images": rng.uniform(-1, 1, (4, 64, 64, 3)),
        "text_embedding": rng.normal(size=(4, 5)),
        "wrong_text_embedding": rng.normal(size=(4, 5)),
        "z": rng.normal(size=(4, CONFIG.z_dim)),
    }
    return {name: tf.constant(value, tf.float32) for name, value in values.items()}


def step_of(config, scale=None):
    """One compiled step; returns the model, weights before it, and its metrics."""
    gan = GAN(config, 5)
    if scale is not None:
        gan.generator_scale.scale.assign(scale)
        gan.discriminator_scale.scale.assign(scale)
    before = [np.array(w) for w in gan.trainable_weights]
    values = tf.function(gan.train_step)(batch())
    return gan, before, {tag: float(value) for tag, value in values.items()}


def test_losses_and_norms_are_those_of_float32():
    gan, before, half = step_of(CONFIG, scale=256.0)
    _, _, single = step_of(dataclasses.replace(CONFIG, mixed_precision="none"))
    assert (
        set(half) == set(gan.metric_tags) == {*single, "loss_scale/d", "loss_scale/g"}
    )
    for tag, value in single.items():
        assert half[tag] == pytest.approx(value, rel=0.03, abs=0.01), tag
    assert half["loss_scale/d"] == half["loss_scale/g"] == 256.0
    assert {w.dtype for w in gan.weights} <= {"float32", "int32", "int64"}
    logits = gan.discriminator(batch()["real_images"], batch()["text_embedding"])
    assert logits.dtype == "float32"
    for old, new in zip(before, gan.trainable_weights, strict=True):
        assert not np.array_equal(old, new), new.path


def test_an_overflow_is_skipped_and_reported_as_finite():
    gan, before, values = step_of(CONFIG, scale=2.0**40)
    for old, new in zip(before, gan.trainable_weights, strict=True):
        np.testing.assert_array_equal(old, new, err_msg=new.path)
    assert all(np.isfinite(value) for value in values.values())
    assert values["grad_norm/d"] == values["grad_norm/g"] == 0.0
    assert values["loss_scale/g"] == 2.0**39
    assert int(gan.step.numpy()) == 1
    assert int(gan.generator_optimizer.iterations.numpy()) == 0


def test_the_scale_is_saved(tmp_path):
    gan, other = GAN(CONFIG, 5), GAN(CONFIG, 5)
    gan.generator_scale.scale.assign(64.0)
    gan.discriminator_scale.finite_updates.assign(7)
    Checkpoints(tmp_path, gan.checkpoint_objects(), gan.step).save()
    Checkpoints(tmp_path, other.checkpoint_objects(), other.step).restore()
    assert float(other.generator_scale.scale.value) == 64.0
    assert float(other.discriminator_scale.scale.value) == 2.0**15
    assert int(other.discriminator_scale.finite_updates.value) == 7


def test_the_loop_goes_on_over_skipped_steps():
    rng = np.random.default_rng(0)
    split = Split(
        images=rng.integers(0, 256, (8, 76, 76, 3), np.uint8),
        embeddings=rng.normal(size=(8, 5)).astype("f2"),
        caption_offsets=np.arange(9),
        labels=np.arange(8, dtype=np.int32) % 2,
        captions=[""] * 8,
    )
    gan = GAN(CONFIG, 5)
    gan.generator_scale.scale.assign(2.0**33)
    gan.discriminator_scale.scale.assign(256.0)
    means = compile_steps(gan, DeviceDataset(split, CONFIG))(tf.constant(3))
    assert all(np.isfinite(value) for value in means.values())
    assert int(gan.step.numpy()) == 3
    assert int(gan.discriminator_optimizer.iterations.numpy()) == 3
    assert int(gan.generator_optimizer.iterations.numpy()) < 3

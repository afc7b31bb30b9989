"""The fused Adam against the formula in float64, and the one of Keras."""

import keras
import numpy as np
import tensorflow as tf

from text_to_image.optimization.fused_adam import FusedAdam

RATE, BETA_1, BETA_2, EPSILON = 2e-2, 0.5, 0.999, 1e-8


def gradients(step):
    rng = np.random.default_rng(step)
    return [rng.normal(size=(3, 2)).astype("f4"), rng.normal(size=4).astype("f4")]


def weights():
    return [keras.Variable(np.ones((3, 2), "f4")), keras.Variable(np.zeros(4, "f4"))]


def updated(kind, steps=5, compiled=True):
    variables = weights()
    optimizer = kind(RATE, beta_1=BETA_1, beta_2=BETA_2, epsilon=EPSILON)
    optimizer.build(variables)

    def apply(*given):
        optimizer.apply(list(given), variables)

    apply = tf.function(apply) if compiled else apply
    for step in range(steps):
        apply(*map(tf.constant, gradients(step)))
    assert int(optimizer.iterations.numpy()) == steps
    return [np.asarray(v) for v in (*variables, *optimizer.variables[2:])]


def test_updates_are_adams():
    expected = []
    for i, start in enumerate(map(np.asarray, weights())):
        weight, m, v = np.float64(start), 0.0, 0.0
        for step in range(1, 6):
            gradient = gradients(step - 1)[i].astype(np.float64)
            m = BETA_1 * m + (1 - BETA_1) * gradient
            v = BETA_2 * v + (1 - BETA_2) * gradient**2
            rate = RATE * np.sqrt(1 - BETA_2**step) / (1 - BETA_1**step)
            weight = weight - rate * m / (np.sqrt(v) + EPSILON)
        expected.append(weight)
    for compiled in (True, False):
        actual = updated(FusedAdam, compiled=compiled)
        for ours, theirs in zip(actual, expected, strict=False):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)


def test_its_variables_are_keras_own():
    """So that a checkpoint of one is one of the other."""
    ours, theirs = updated(FusedAdam), updated(keras.optimizers.Adam)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)

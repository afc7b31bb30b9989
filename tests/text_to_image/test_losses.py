"""The losses against the paper's formulas in float64, and under another backend."""

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

from text_to_image import losses


def sigmoid(x):
    return 1 / (1 + np.exp(-np.asarray(x, np.float64)))


@pytest.mark.parametrize("weights", [(0.5, 0.5), (1.0, 1.0), (0.0, 1.0)])
def test_discriminator_loss_is_algorithm_1(weights):
    rng = np.random.default_rng(0)
    s_r, s_w, s_f = rng.normal(size=(3, 16)).astype("float32") * 3
    expected = -(
        np.log(sigmoid(s_r)).mean()
        + weights[0] * np.log(1 - sigmoid(s_w)).mean()
        + weights[1] * np.log(1 - sigmoid(s_f)).mean()
    )
    actual = losses.discriminator_loss(s_r, s_w, s_f, *weights)
    np.testing.assert_allclose(actual, expected, rtol=1e-5)


def test_generator_loss_does_not_saturate():
    s_f = np.array([-2.0, 0.5, 3.0], "float32")
    expected = -np.log(sigmoid(s_f)).mean()
    np.testing.assert_allclose(losses.generator_loss(s_f), expected, rtol=1e-5)


def test_losses_stay_finite_at_extreme_logits():
    extreme = np.array([-1e4, 1e4], "float32")
    assert np.isfinite(losses.discriminator_loss(extreme, extreme, extreme))
    assert float(losses.generator_loss(np.float32([-1e4]))) == pytest.approx(1e4)


FORWARD = """
import sys
import numpy as np
from text_to_image import losses
from text_to_image.models import Discriminator, Generator

rng = np.random.default_rng(0)
outputs = []
for architecture in ("reed", "dcgan"):
    size = {"text_dim": 12, "width": 4, "text_features": 6}
    networks = Generator(architecture, **size), Discriminator(architecture, **size)
    for network in networks:
        network.set_weights(
            [rng.uniform(0.1, 0.3, w.shape) if w.ndim == 1
             else rng.normal(0, 0.05, w.shape) for w in network.get_weights()]
        )
    z = rng.normal(size=(4, 100)).astype("float32")
    text = rng.normal(size=(4, 12)).astype("float32")
    for training in (False, True):
        images = networks[0](z, text, training=training)
        logits = networks[1](images, text, training=training)
        loss = losses.discriminator_loss(logits, logits + 1, logits - 1)
        outputs += [images, logits, loss, losses.generator_loss(logits)]
np.savez(sys.argv[1], *[np.asarray(output) for output in outputs])
"""


def forward(backend, path):
    environment = {**os.environ, "KERAS_BACKEND": backend}
    subprocess.run(
        [sys.executable, "-c", FORWARD, str(path)], env=environment, check=True
    )
    with np.load(path, allow_pickle=False) as arrays:
        return list(arrays.values())


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("jax") is None, reason="JAX is not installed"
)
def test_networks_and_losses_agree_under_jax(tmp_path):
    ours = forward("tensorflow", tmp_path / "tensorflow.npz")
    theirs = forward("jax", tmp_path / "jax.npz")
    assert len(ours) == len(theirs) == 16
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)

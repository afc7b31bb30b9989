"""With the same weights, PyTorch's networks and step give what ours give."""

import numpy as np
import pytest
import tensorflow as tf

torch = pytest.importorskip("torch")

from benchmarks.torch_peer.training import TorchGAN  # noqa: E402
from benchmarks.torch_peer.weights import (  # noqa: E402
    from_torch,
    to_torch,
    weights_from,
)
from text_to_image.config import Config  # noqa: E402
from text_to_image.gan import GAN  # noqa: E402

DIM, BATCH = 7, 4
NETWORKS = {
    "dcgan 4x4": {"architecture": "dcgan", "kernel_size": 4},
    "dcgan 5x5": {"architecture": "dcgan", "kernel_size": 5},
    "reed": {"architecture": "reed"},
}


def config_of(network, **values):
    return Config(
        **NETWORKS[network], gf=3, df=2, text_features=5, z_dim=6, batch_size=BATCH,
        **values,
    )  # fmt: skip


def both(config, **options):
    """Ours with weights as after some training, and PyTorch's copy."""
    gan = GAN(config, DIM)
    rng = np.random.default_rng(0)
    for model in (gan.generator, gan.discriminator):
        # Larger than at first, so that a wrong one is seen; variances are positive.
        model.set_weights(
            [
                rng.uniform(0.5, 1.5, w.shape)
                if w.name in ("gamma", "moving_variance")
                else rng.normal(0.0, 0.2, w.shape)
                for w in model.weights
            ]
        )
    peer = TorchGAN(config, DIM, **options)
    weights_from(gan.generator, peer.generator)
    weights_from(gan.discriminator, peer.discriminator)
    return gan, peer


def batch_of(config):
    rng = np.random.default_rng(1)
    shapes = {
        "real_images": (BATCH, 64, 64, 3),
        "wrong_images": (BATCH, 64, 64, 3),
        "text_embedding": (BATCH, DIM),
        "wrong_text_embedding": (BATCH, DIM),
        "z": (BATCH, config.z_dim),
        "generator_z": (config.generator_steps, BATCH, config.z_dim),
    }
    return {
        name: rng.uniform(-1.0, 1.0, shape).astype(np.float32)
        for name, shape in shapes.items()
    }


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("training", [True, False])
def test_same_pictures_and_logits(network, training):
    config = config_of(network)
    gan, peer = both(config)
    batch = batch_of(config)
    inputs = {name: to_torch(array) for name, array in batch.items()}
    text = batch["text_embedding"]
    peer.generator.train(training)
    peer.discriminator.train(training)
    with torch.no_grad():
        images = peer.generator(inputs["z"], inputs["text_embedding"])
        logits = peer.discriminator(inputs["real_images"], inputs["text_embedding"])
    ours = gan.generator(batch["z"], text, training=training).numpy()
    assert ours.std() > 0.05
    np.testing.assert_allclose(from_torch(images), ours, atol=1e-5)
    ours = gan.discriminator(batch["real_images"], text, training=training).numpy()
    assert ours.std() > 0.05
    np.testing.assert_allclose(logits.numpy(), ours, atol=1e-5)


@pytest.mark.parametrize(
    ("network", "mismatch"),
    [
        ("dcgan 5x5", "text"),
        ("dcgan 4x4", "image"),
        pytest.param("reed", "text", marks=pytest.mark.slow),
    ],
)
def test_same_step(network, mismatch):
    config = config_of(network, mismatch=mismatch)
    gan, peer = both(config)
    batch = batch_of(config)
    losses = peer.train_step({name: to_torch(array) for name, array in batch.items()})
    values = gan.train_step({name: tf.constant(array) for name, array in batch.items()})
    np.testing.assert_allclose(losses[0], values["loss/d"], atol=1e-5)
    np.testing.assert_allclose(losses[1], values["loss/g"], atol=1e-5)
    for name, module in (("d", peer.discriminator), ("g", peer.generator)):
        gradients = [parameter.grad for parameter in module.parameters()]
        norm = torch.linalg.vector_norm(torch.cat([g.flatten() for g in gradients]))
        np.testing.assert_allclose(norm, values[f"grad_norm/{name}"], rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("network", ["dcgan 5x5", "reed"])
def test_same_alternating_step(network):
    config = config_of(network, update="alternating", learning_rate=1e-4)
    gan, peer = both(config)
    batch = batch_of(config)
    losses = peer.train_step({name: to_torch(array) for name, array in batch.items()})
    values = gan.train_step({name: tf.constant(array) for name, array in batch.items()})
    np.testing.assert_allclose(losses[0], values["loss/d"], atol=1e-5)
    # Adam's first step is as long where a gradient is nothing but rounding.
    np.testing.assert_allclose(losses[1], values["loss/g"], atol=1e-3)
    # Another z and another D than in L_D's pass.
    before = both(config)[1]
    inputs = {name: to_torch(array) for name, array in batch.items()}
    with torch.no_grad():
        fakes = before.generator(inputs["z"], inputs["text_embedding"])
        s_f = before.discriminator(fakes, inputs["text_embedding"])
    assert abs(torch.nn.functional.softplus(-s_f).mean() - losses[1]) > 3e-3


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # torch.compile warns of its own workings
@pytest.mark.parametrize("update", ["simultaneous", "alternating"])
def test_compiled_is_the_same(update):
    config = config_of("dcgan 5x5", update=update)
    inputs = {name: to_torch(array) for name, array in batch_of(config).items()}
    eager = both(config)[1].train_step(inputs)
    compiled = both(config, compiled=True, backend="aot_eager")[1].train_step(inputs)
    np.testing.assert_allclose(compiled, eager, atol=1e-3)

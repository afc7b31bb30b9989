"""S learns to invert a frozen generator; training resumes; its error is measured."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
import tensorflow as tf

from foundation.errors import InputError
from text_to_image import TextToImage
from text_to_image.data.cache import Cache
from text_to_image.gan import make_generator
from text_to_image.models import StyleEncoder
from text_to_image.runs.parts import ModelParts
from text_to_image.style.inversion import (
    StyleEncoderConfig,
    StyleObjective,
    StyleReader,
    fit_style_encoder,
    inversion_error,
    load_style_encoder,
    train_style_encoder,
)

TINY = StyleEncoderConfig(steps=4, batch_size=4)


@pytest.fixture(scope="module")
def splits(tiny_cache):
    cache = Cache(tiny_cache)
    return cache.split("train"), cache.split("test")


@pytest.fixture(scope="module")
def model(trained):
    """A generator of two dimensions of noise, which both show in its images."""
    loaded = TextToImage.load(trained)
    config = dataclasses.replace(loaded.description.config, z_dim=2, df=8)
    description = dataclasses.replace(loaded.description, config=config)
    generator = make_generator(config, description.text_dim, "generator")
    rng = np.random.default_rng(0)
    generator.set_weights(
        [
            rng.normal(size=w.shape) * (2 / np.prod(w.shape[:-1])) ** 0.5
            if w.ndim > 1
            else w
            for w in generator.get_weights()
        ]
    )
    return TextToImage(
        ModelParts(description, loaded.encoder, generator, loaded.text_scaling, 3)
    )


def test_encoder_learns_what_the_generator_was_given(model, splits):
    train, test = splits
    before = [w.copy() for w in model.generator.get_weights()]
    config = StyleEncoderConfig(steps=120, batch_size=16, learning_rate=3e-3)
    reader = fit_style_encoder(model, train, config)
    assert inversion_error(model, reader, test, 96, 5)["r2"] > 0.5
    for weight, earlier in zip(model.generator.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, earlier)


@pytest.fixture(scope="module")
def objective(model, splits):
    network = StyleEncoder("dcgan", z_dim=2, width=4)
    config = StyleEncoderConfig(batch_size=6, seed=7)
    return StyleObjective(network, model, splits[0], config)


def test_loss_is_the_squared_distance(objective):
    z, images = objective.batch(tf.constant(5))
    s = np.asarray(objective.network(images, training=True), np.float64)
    expected = [sum((a - b) ** 2) for a, b in zip(z.numpy(), s, strict=True)]
    losses, pictures = objective(tf.constant(5))
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    assert pictures == 6


def test_only_the_encoder_has_gradients(objective, model):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(objective(tf.constant(0))[0])
    generators = model.generator.trainable_variables
    own = objective.network.trainable_variables
    gradients = tape.gradient(loss, [*own, *generators])
    assert all(gradient is not None for gradient in gradients[: len(own)])
    assert all(gradient is None for gradient in gradients[len(own) :])


def test_batches_are_what_the_run_would_show(objective, model, splits):
    """Captions of the training split, by moving averages; a function of the step."""
    z, images = objective.batch(tf.constant(3))
    again, _ = objective.batch(tf.constant(3))
    np.testing.assert_array_equal(z, again)
    other, _ = objective.batch(tf.constant(4))
    assert not np.isin(z, other).any()
    vectors = np.unique(np.asarray(splits[0].embeddings, np.float32), axis=0)
    shown = np.rint((images.numpy() + 1) * 127.5)
    for row in range(6):
        generated = model.generate_from(
            np.repeat(z[row : row + 1], len(vectors), 0), vectors
        )
        assert np.abs(generated - shown[row]).max(axis=(1, 2, 3)).min() <= 1


def test_noise_is_that_of_the_run(objective, model):
    many = dataclasses.replace(objective.config, batch_size=500)
    for noise, largest in (("normal", 2.0), ("uniform", 0.99)):
        config = dataclasses.replace(model.description.config, noise=noise)
        description = dataclasses.replace(model.description, config=config)
        run = TextToImage(
            ModelParts(
                description, model.encoder, model.generator, model.text_scaling, 3
            )
        )
        objective_of_run = StyleObjective(objective.network, run, _Captions(), many)
        z = objective_of_run.batch(tf.constant(0))[0].numpy()
        assert np.abs(z).max() > largest
        assert (np.abs(z).max() > 1) == (noise == "normal")
        assert abs(z.mean()) < 0.1


class _Captions:
    """A split of one caption."""

    embeddings = np.zeros((1, 16), np.float16)


class _Planted:
    """Stands for S and for the run: what was generated is known."""

    def __init__(self, model, answer):
        self.description = model.description
        self.answer = answer
        self.texts = []

    def generate_from(self, z, text_embedding):
        self.z = z
        self.texts.append(text_embedding)
        return np.zeros((len(z), 64, 64, 3), np.uint8)

    def styles(self, images):
        return self.answer(self.z)


def test_error_of_planted_encoders(model, splits):
    def measured(answer, count=40, seed=3):
        planted = _Planted(model, answer)
        error = inversion_error(planted, planted, splits[1], count, seed)
        assert sum(map(len, planted.texts)) == error["n"] == count
        return error

    drawn = []
    perfect = measured(lambda z: drawn.append(z) or z)
    assert (perfect["r2"], perfect["mse"]) == (1.0, 0.0)
    z = np.concatenate(drawn).astype(np.float64)
    assert perfect["mse_of_mean"] == pytest.approx(z.var(axis=0).mean())
    constant = measured(lambda batch: np.tile(z.mean(0), (len(batch), 1)))
    assert constant["r2"] == pytest.approx(0.0, abs=1e-6)
    assert constant["mse"] == pytest.approx(constant["mse_of_mean"])
    off = measured(lambda batch: batch + 0.5)
    assert off["mse"] == pytest.approx(0.25)
    assert off["r2"] == pytest.approx(1 - 0.25 / z.var(axis=0).mean())
    assert measured(lambda batch: batch, seed=4)["mse_of_mean"] != off["mse_of_mean"]


def test_styles_do_not_depend_on_the_rest_of_the_call():
    reader = StyleReader(StyleEncoder("dcgan", z_dim=3, width=4))
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (19, 64, 64, 3)).astype(np.uint8)
    styles = reader.styles(images)
    assert (styles.shape, styles.dtype) == ((19, 3), np.float32)
    np.testing.assert_array_equal(reader.styles(images[17:]), styles[17:])
    scaled = images.astype(np.float32) / 127.5 - 1
    expected = reader.network(scaled, training=False)
    np.testing.assert_allclose(styles, expected, atol=1e-5)
    assert reader.styles(images[:0]).shape == (0, 3)


@pytest.fixture(scope="module")
def styled(trained, tmp_path_factory):
    """A run with its style encoder; read-only. And what was measured of it."""
    run = shutil.copytree(trained, tmp_path_factory.mktemp("styled") / "run")
    return run, train_style_encoder(run, TINY)


@pytest.fixture
def styled_copy(styled, tmp_path):
    """A run with its style encoder, to change."""
    return shutil.copytree(styled[0], tmp_path / "run")


def test_training_leaves_what_is_documented(styled):
    run, result = styled
    folder = run / "style_encoder"
    assert (folder / "checkpoints/ckpt-4.index").is_file()
    assert not list(folder.glob("incomplete*"))
    description = json.loads((folder / "style_encoder.json").read_text())
    assert description["generator_step"] == 3
    assert description["config"] == dataclasses.asdict(TINY)
    last = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])
    assert last == result
    assert (last["metric"], last["step"], last["split"]) == (
        "style_inversion",
        3,
        "test",
    )
    assert (last["n"], last["style_encoder_steps"]) == (1000, 4)
    assert last["r2"] == pytest.approx(1 - last["mse"] / last["mse_of_mean"])
    # 100 dimensions of N(0, 1), 1,000 times.
    assert last["mse_of_mean"] == pytest.approx(1, abs=0.02)


def test_loaded_encoder_is_the_trained_one(styled, splits):
    run, result = styled
    model = TextToImage.load(run)
    reader = load_style_encoder(run, model)
    again = inversion_error(model, reader, splits[1], result["n"], TINY.seed)
    assert again == {name: result[name] for name in again}


def test_resumed_and_straight_trainings_are_equal(styled_copy, trained, tmp_path):
    longer = dataclasses.replace(TINY, steps=7)
    straight = shutil.copytree(trained, tmp_path / "straight")
    assert train_style_encoder(styled_copy, longer) == train_style_encoder(
        straight, longer
    )
    networks = [
        load_style_encoder(run, TextToImage.load(run)).network.get_weights()
        for run in (styled_copy, straight)
    ]
    for one, other in zip(*networks, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"learning_rate": 1e-3}, r"--learning_rate=0.0002, now 0.001.*rm -r"),
        ({"steps": 3}, r"--steps=4, now 3"),
    ],
)
def test_another_configuration_is_refused(styled_copy, values, message):
    with pytest.raises(InputError, match=message):
        train_style_encoder(styled_copy, dataclasses.replace(TINY, **values))
    assert (styled_copy / "style_encoder/style_encoder.keras").is_file()


def test_encoder_of_an_older_step_is_named_and_replaced(styled_copy):
    path = styled_copy / "style_encoder/style_encoder.json"
    description = json.loads(path.read_text())
    older = {"generator_step": 2, "generator_sha256": "f" * 64}
    path.write_text(json.dumps({**description, **older}))
    model = TextToImage.load(styled_copy)
    with pytest.raises(InputError, match=r"of step 2, .* step 3.*train.py style"):
        load_style_encoder(styled_copy, model)
    other = dataclasses.replace(TINY, steps=1, learning_rate=1e-3)
    train_style_encoder(styled_copy, other)
    assert json.loads(path.read_text())["generator_step"] == 3
    assert not (styled_copy / "style_encoder/checkpoints/ckpt-4.index").exists()
    load_style_encoder(styled_copy, model)


def test_unfinished_or_damaged_encoder(styled_copy):
    model = TextToImage.load(styled_copy)
    path = styled_copy / "style_encoder/style_encoder.keras"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InputError, match=r"cannot be read.*Write it anew with"):
        load_style_encoder(styled_copy, model)
    path.unlink()
    with pytest.raises(InputError, match=r"missing.*Train it with: .*train.py"):
        load_style_encoder(styled_copy, model)
    path.touch()
    (path.parent / "style_encoder.json").write_text("{}")
    with pytest.raises(InputError, match="not the description of a style encoder"):
        load_style_encoder(styled_copy, model)


def test_what_cannot_be_trained(styled, tmp_path, cache_copy):
    with pytest.raises(InputError, match=r"no config.json"):
        train_style_encoder(tmp_path / "none", TINY)
    assert not (tmp_path / "none").exists()
    manifest = cache_copy / "manifest.json"
    manifest.write_text(manifest.read_text() + "\n")
    with pytest.raises(InputError, match="not the cache that"):
        train_style_encoder(styled[0], TINY, str(cache_copy))

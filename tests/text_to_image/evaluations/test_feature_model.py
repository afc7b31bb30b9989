"""Features of an image: by the file alone, whatever else is in the batch."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from foundation.atomic import sha256_of
from foundation.errors import InputError
from text_to_image.evaluations.feature_model import FeatureModel

SHARED = Path(__file__).parents[4] / "shared/data/features/efficientnet_lite0.keras"


def pictures(count, side=64):
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (count, 4, 4, 3), np.uint8)
    return coarse.repeat(side // 4, axis=1).repeat(side // 4, axis=2)


def network(size=None, outputs=None):
    """The mean color, normalised by moving statistics that are not the batch's."""
    images = keras.Input((size, size, 3))
    norm = keras.layers.BatchNormalization(epsilon=0.0)
    means = keras.layers.GlobalAveragePooling2D()(images)
    features = norm(means)
    norm.set_weights(np.array([[1, 1, 1], [0, 0, 0], [100, 0, 0], [4, 1, 1]]))
    return keras.Model(images, outputs(features) if outputs else features)


@pytest.fixture
def saved(tmp_path):
    def save(model, name="tiny"):
        model.save(tmp_path / f"{name}.keras")
        return tmp_path / f"{name}.keras"

    return save


def test_features_by_moving_statistics(saved):
    path = saved(network())
    model = FeatureModel.load(path)
    assert (model.name, model.sha256) == ("tiny", sha256_of(path))
    assert model.resizing == "none before the network"
    images = pictures(37)
    features, probabilities = model(images, "features")
    expected = (images.mean((1, 2)) - [100, 0, 0]) / [2, 1, 1]
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-3)
    assert features.dtype == np.float32
    assert probabilities.shape == (37, 0)
    assert model.num_classes == 0


def test_named_by_its_path_or_as_inception(saved, monkeypatch):
    path = saved(network())
    assert FeatureModel.named(str(path)).sha256 == sha256_of(path)
    monkeypatch.setattr(FeatureModel, "inception_v3", lambda: "fetched")
    assert FeatureModel.named("inception_v3") == "fetched"


def test_features_do_not_depend_on_the_batch(saved):
    model = FeatureModel.load(saved(network()))
    images = pictures(40)
    together = model(images, "features").features
    for rows in ([3], [39], [5, 4], range(7, 31)):
        alone = model(images[list(rows)], "features").features
        np.testing.assert_array_equal(alone, together[list(rows)])


@pytest.mark.skipif(not SHARED.is_file(), reason="needs ../shared")
def test_shared_network_is_called_for_inference():
    """Left to itself, this file normalises by the statistics of the batch."""
    model = FeatureModel.load(SHARED)
    images = pictures(17)
    together = model(images, "features").features
    assert together.shape == (17, 1280)
    alone = model(images[2:3], "features").features
    np.testing.assert_array_equal(alone[0], together[2])


def test_resizes_to_what_the_network_insists_on(saved):
    model = FeatureModel.load(saved(network(size=16)))
    assert model.resizing == "bilinear, antialiased, to 16 x 16"
    images = pictures(3)
    features = model(images, "features").features
    small = tf.image.resize(images.astype(np.float32), (16, 16), antialias=True)
    expected = (small.numpy().mean((1, 2)) - [100, 0, 0]) / [2, 1, 1]
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-3)


def test_enlarging_is_plain_bilinear(saved):
    model = FeatureModel.load(saved(network(size=96)))
    features = model(pictures(2), "features").features
    large = tf.image.resize(pictures(2).astype(np.float32), (96, 96))
    expected = (large.numpy().mean((1, 2)) - [100, 0, 0]) / [2, 1, 1]
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-3)


def test_probabilities(saved):
    def outputs(features):
        classes = keras.layers.Dense(5, activation="softmax")(features / 100)
        return {"features": features, "probabilities": classes}

    model = FeatureModel.load(saved(network(outputs=outputs)))
    assert model.num_classes == 5
    features, probabilities = model(pictures(3), "features")
    assert (features.shape, probabilities.shape) == ((3, 3), (3, 5))
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.keras", "missing.keras: no such file; expected a Keras model"),
        ("weights.h5", "weights.h5: not a .keras file"),
        ("text.keras", "text.keras: cannot be read"),
    ],
)
def test_not_a_model(tmp_path, name, message):
    if not name.startswith("missing"):
        (tmp_path / name).write_text("no zip file")
    with pytest.raises(InputError, match=message):
        FeatureModel.load(tmp_path / name)


def test_code_in_a_model_is_not_run(saved):
    images = keras.Input((None, None, 3))
    code = keras.layers.Lambda(lambda x: x[:, 0, 0], output_shape=(3,))
    path = saved(keras.Model(images, code(images)))
    with pytest.raises(InputError, match=r"tiny.keras: cannot be read .*Lambda"):
        FeatureModel.load(path)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (keras.Sequential([keras.Input((7,)), keras.layers.Dense(2)]), "be applied"),
        (
            keras.Sequential([keras.Input((None, None, 3)), keras.layers.ReLU()]),
            r"gives \(16, 64, 64, 3\)",
        ),
        (network(outputs=lambda x: {"features": x}), "be applied.*probabilities"),
    ],
)
def test_not_a_feature_model(saved, model, message):
    with pytest.raises(InputError, match=message) as error:
        FeatureModel.load(saved(model))
    assert "images 0-255 [N, H, W, 3] -> features [N, F]" in str(error.value)
    assert "\n" not in str(error.value)


def test_inception_v3_without_network(monkeypatch):
    def fetch(**_):
        raise Exception("URL fetch failure on x: None -- unreachable")

    monkeypatch.setattr(keras.applications, "InceptionV3", fetch)
    with pytest.raises(InputError, match=r"no weights \(URL fetch.*_notop.h5, which"):
        FeatureModel.inception_v3()


@pytest.mark.slow
def test_inception_v3(monkeypatch):
    """Random weights stand in for ImageNet's: the images' way is what is tested."""
    genuine = keras.applications.InceptionV3
    networks = []

    def random_weights(**arguments):
        assert arguments.pop("weights") == "imagenet"
        if not networks:
            networks.append(genuine(weights=None, **arguments))
        return networks[0]

    monkeypatch.setattr(keras.applications, "InceptionV3", random_weights)
    model = FeatureModel.inception_v3()
    assert (model.name, model.resizing) == (
        "inception_v3",
        "bilinear, antialiased, to 299 x 299",
    )
    assert model.sha256 == FeatureModel.inception_v3().sha256
    images = pictures(1)
    large = tf.image.resize(images.astype(np.float32), (299, 299)) / 127.5 - 1
    expected = networks[0](large, training=False).numpy()
    assert expected.shape == (1, 2048)
    features = model(images, "features").features
    np.testing.assert_allclose(features, expected, rtol=1e-3, atol=1e-4)

"""Real features are computed once, and never taken for those of something else."""

import json
import logging

import keras
import numpy as np
import pytest

from text_to_image.data.cache import Cache
from text_to_image.data.crops import center_crop
from text_to_image.evaluations.feature_model import FeatureModel
from text_to_image.evaluations.real_features import RealFeatures, blur_images


@pytest.fixture
def counted():
    """A network of mean colors that counts the images that it is shown."""

    def make(sha256="a" * 64, shift=0.0):
        images = keras.Input((None, None, 3))
        means = keras.layers.GlobalAveragePooling2D()(images) + shift
        model = FeatureModel(keras.Model(images, means), "means", sha256)

        class Counted:
            seen = 0
            name, resizing = model.name, model.resizing

            def __call__(self, images, title):
                Counted.seen += len(images)
                return model(images, title)

        Counted.sha256 = sha256
        return Counted()

    return make


def test_computed_once(cache_copy, counted):
    model, cache = counted(), Cache(cache_copy)
    first = RealFeatures(cache, model).of_split("test")
    expected = center_crop(cache.split("test").images).mean((1, 2))
    np.testing.assert_allclose(first.features, expected, rtol=1e-4)
    assert model.seen == 12
    again = RealFeatures(Cache(cache_copy), model).of_split("test")
    assert model.seen == 12
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype
    # Another split and a blur are other features.
    RealFeatures(cache, model).of_split("train")
    RealFeatures(cache, model).of_split("test", blur=1)
    assert model.seen == 36
    cache.verify()  # what is kept there harms no cache


def test_another_network_or_data_set_is_computed_anew(cache_copy, counted):
    cache = Cache(cache_copy)
    RealFeatures(cache, counted()).of_split("test")
    # The same first twelve digits: the same file, but not the same network.
    other = counted("a" * 12 + "b" * 52, shift=7.0)
    shifted = RealFeatures(cache, other).of_split("test").features
    assert other.seen == 12
    expected = center_crop(cache.split("test").images).mean((1, 2)) + 7
    np.testing.assert_allclose(shifted, expected, rtol=1e-4)
    manifest = json.loads((cache_copy / "manifest.json").read_text())
    (cache_copy / "manifest.json").write_text(json.dumps(manifest | {"version": "2"}))
    RealFeatures(Cache(cache_copy), other).of_split("test")
    assert other.seen == 24


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", None])
def test_damaged_file_is_made_anew(cache_copy, counted, damage):
    model, cache = counted(), Cache(cache_copy)
    before = RealFeatures(cache, model).of_split("test")
    [path] = (cache_copy / "real_features").iterdir()
    whole = path.read_bytes()
    if damage is None:  # one flipped bit amid the numbers
        middle = whole.index(before.features.tobytes()[:8]) + 3
        path.write_bytes(
            whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
        )
    else:
        path.write_bytes(damage(whole))
    after = RealFeatures(cache, model).of_split("test")
    np.testing.assert_array_equal(before.features, after.features)
    assert model.seen == 24
    RealFeatures(cache, model).of_split("test")
    assert model.seen == 24


def test_where_nothing_can_be_kept(cache_copy, counted, caplog):
    model, cache = counted(), Cache(cache_copy)
    (cache_copy / "real_features").write_text("not a folder")
    with caplog.at_level(logging.WARNING):
        features = RealFeatures(cache, model).of_split("test").features
    assert features.shape == (12, 3)
    assert "features are not kept (File exists)" in caplog.text


def test_blur():
    images = np.zeros((2, 64, 64, 3), np.uint8)
    images[0, 32, 32] = (250, 100, 0)
    images[1] = 77
    blurred = blur_images(images, 2.0)
    assert blurred.dtype == np.uint8
    assert (blurred[1] == 77).all()
    # The height of a Gaussian in the plane, 1 / (2 pi sigma^2); channels stay apart.
    peak = 250 / (2 * np.pi * 4)
    np.testing.assert_allclose(blurred[0, 32, 32], [peak, peak * 0.4, 0], atol=1)
    x = np.arange(64) - 32
    expected = peak * np.exp(-(x**2) / 8)
    np.testing.assert_allclose(blurred[0, 32, :, 0], expected, atol=1)
    assert blur_images(images, 0) is images

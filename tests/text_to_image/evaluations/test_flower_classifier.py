"""The classifier learns colors, and its file is a network of features."""

import shutil

import numpy as np
import pytest

from foundation.atomic import sha256_of
from foundation.errors import InputError
from text_to_image.data.cache import Cache
from text_to_image.evaluations import flower_classifier
from text_to_image.evaluations.feature_model import FeatureModel
from text_to_image.evaluations.flower_classifier import train_classifier


@pytest.fixture(scope="module")
def written(tiny_cache, tmp_path_factory):
    """Trained on a cache whose labels begin at 40, as those of the real flowers."""
    folder = tmp_path_factory.mktemp("classifier")
    cache = shutil.copytree(tiny_cache, folder / "cache")
    labels = np.load(cache / "train/labels.npy")
    np.save(cache / "train/labels.npy", labels * 3 + 40)
    path = folder / "out/colours.keras"
    path.parent.mkdir()
    return path, train_classifier(Cache(cache), path, seed=0, epochs=15)


def test_learns_the_classes(written):
    path, result = written
    assert result["accuracy"] == 1.0
    assert result == result | {"classes": 3, "train": 9, "held_out": 3}
    assert result["chance"] == pytest.approx(1 / 3)
    assert result["sha256"] == sha256_of(path)
    assert [file.name for file in path.parent.iterdir()] == ["colours.keras"]


def test_file_gives_features_and_probabilities_in_the_order_of_labels(written):
    model = FeatureModel.load(written[0])
    assert model.name == "colours"
    colors = np.array([(200, 20, 20), (30, 60, 220), (240, 240, 240)], np.uint8)
    images = np.tile(colors[:, None, None], (1, 64, 64, 1))
    features, probabilities = model(images, "features")
    assert features.shape == (3, 256)
    assert probabilities.argmax(1).tolist() == [0, 1, 2]
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)
    # Dropout is of training only.
    np.testing.assert_array_equal(model(images, "features").features, features)


def test_held_out_images_are_not_learnt_from(tiny_cache, tmp_path, monkeypatch):
    learnt = []

    def record(network, images, labels, *_):
        learnt.extend([images, labels])

    monkeypatch.setattr(flower_classifier, "_fit", record)
    cache = Cache(tiny_cache)
    train_classifier(cache, tmp_path / "x.keras", seed=1)
    images, labels = learnt
    assert labels.tolist() == [0] * 3 + [1] * 3 + [2] * 3
    known = [image.tobytes() for image in cache.split("train").images]
    rows = [known.index(image.tobytes()) for image in images]
    assert len(set(rows)) == 9


def test_one_class_cannot_be_told_apart(cache_copy, tmp_path):
    path = cache_copy / "train/labels.npy"
    np.save(path, np.load(path) * 0)
    with pytest.raises(InputError, match="1 training class, expected at least 2"):
        train_classifier(Cache(cache_copy), tmp_path / "x.keras", seed=0)


@pytest.mark.parametrize("output", ["x.h5", "missing/x.keras"])
def test_where_it_cannot_be_written(tiny_cache, tmp_path, output):
    with pytest.raises(
        InputError, match=r"expected a \.keras file in a folder of yours"
    ):
        train_classifier(Cache(tiny_cache), tmp_path / output, seed=0)
    assert not list(tmp_path.iterdir())

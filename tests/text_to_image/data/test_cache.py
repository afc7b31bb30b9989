"""Splits of a cache that are trained on together."""

import json

import numpy as np
import pytest

from foundation.errors import InputError
from text_to_image.config import Config
from text_to_image.data.batches import Batches
from text_to_image.data.cache import Cache
from text_to_image.training.preparation import describe


@pytest.fixture
def cache(cache_copy):
    """Validation classes, captions and vectors that differ from those of training."""
    folder = cache_copy / "validation"
    captions = json.loads((folder / "captions.json").read_text())
    texts = [f"{i} unlike training" for i in range(len(captions))]
    (folder / "captions.json").write_text(json.dumps(texts))
    for name, change in (("embeddings", 3), ("labels", 3)):
        array = np.load(folder / f"{name}.npy")
        np.save(folder / f"{name}.npy", array + array.dtype.type(change))
    return Cache(cache_copy)


def images_of(split):
    """Everything that belongs to each image, image by image."""
    for i, (first, end) in enumerate(
        zip(split.caption_offsets[:-1], split.caption_offsets[1:], strict=True)
    ):
        yield (
            split.images[i].tobytes(),
            int(split.labels[i]),
            split.captions[first:end],
            split.embeddings[first:end].tolist(),
        )


def test_joined_splits_keep_what_belongs_to_each_image(cache):
    train, validation = cache.split("train"), cache.split("validation")
    joined = cache.joined(["train", "validation"])
    assert list(images_of(joined)) == [*images_of(train), *images_of(validation)]
    assert len(joined.captions) == len(joined.embeddings) == joined.caption_offsets[-1]
    for name in ("images", "embeddings", "caption_offsets", "labels"):
        assert getattr(joined, name).dtype == getattr(train, name).dtype
    assert Batches(joined, Config(batch_size=4)).num_classes == 6


def test_one_split_stays_on_the_disk(cache):
    assert isinstance(cache.joined(["train"]).images, np.memmap)


def test_an_epoch_passes_over_all_that_is_trained_on(cache):
    for train_splits, steps in (("train", 3), ("train,validation", 6)):
        config = Config(batch_size=4, epochs=2, train_splits=train_splits)
        description, total = describe(config, cache)
        assert (description.steps_per_epoch, total) == (steps, 2 * steps)


def test_missing_cache_names_the_command(tmp_path):
    with pytest.raises(InputError, match=r"no manifest.json.*python -m data_prep"):
        Cache(tmp_path / "nowhere")


def damaged(cache_copy, change):
    change(cache_copy)
    with pytest.raises(InputError) as error:
        Cache(cache_copy).verify()
    assert "python -m data_prep" in str(error.value)
    return str(error.value)


def test_damage_is_found_before_training(cache_copy):
    path = cache_copy / "train/images.npy"
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    message = damaged(cache_copy, lambda _: path.write_bytes(content))
    assert "train/images.npy" in message
    assert "sha256" in message
    message = damaged(cache_copy, lambda _: path.write_bytes(content[:-100]))
    assert f"{len(content) - 100} bytes" in message
    assert "missing" in damaged(cache_copy, lambda _: path.unlink())


def test_newer_or_garbled_manifest(cache_copy):
    manifest = cache_copy / "manifest.json"
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**content, "schema": 2}))
    assert "format 2" in damaged(cache_copy, lambda _: None)
    assert "manifest" in damaged(cache_copy, lambda _: manifest.write_text("{"))


def test_pickle_in_place_of_an_array_is_refused(cache_copy, tmp_path):
    class Attack:
        def __reduce__(self):
            return (tmp_path.joinpath("marker").touch, ())

    np.save(cache_copy / "train/labels.npy", np.array([Attack()], dtype=object))
    with pytest.raises(InputError, match="train"):
        Cache(cache_copy).split("train")
    assert not (tmp_path / "marker").exists()

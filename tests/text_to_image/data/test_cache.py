"""Splits of a cache that are trained on together."""

import json

import numpy as np
import pytest

from text_to_image.config import Config
from text_to_image.data.batches import Batches
from text_to_image.data.cache import Cache
from text_to_image.training.loop import describe


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

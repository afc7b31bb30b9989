"""What all measurements name: above all, whether training saw the classes."""

import dataclasses

import pytest

from text_to_image import TextToImage
from text_to_image.data.cache import Cache
from text_to_image.evaluations.protocol import run_protocol
from text_to_image.runs.parts import ModelParts


@pytest.mark.parametrize(
    ("train_splits", "seen"),
    [("train", {"train"}), ("train,validation", {"train", "validation"})],
)
def test_classes_that_were_trained_on_are_named(model, tiny_cache, train_splits, seen):
    config = dataclasses.replace(model.description.config, train_splits=train_splits)
    description = dataclasses.replace(model.description, config=config)
    other = TextToImage(
        ModelParts(
            description,
            model.encoder,
            model.generator,
            model.text_scaling,
            step=7,
            ema_decay=0.9,
        )
    )
    for split in ("train", "validation", "test"):
        assert run_protocol(other, Cache(tiny_cache), split, 5) == {
            "step": 7,
            "ema_decay": 0.9,
            "dataset": "tiny",
            "split": split,
            "split_is": "trained on" if split in seen else "of unseen classes",
            "seed": 5,
            "image_size": 64,
        }

import json

import numpy as np
import pytest
import tensorflow_datasets as tfds

from data_prep.rendered_flowers.attributes import flower_classes, sample_attributes
from data_prep.rendered_flowers.builder import RenderedFlowers, RenderedFlowersConfig
from data_prep.rendered_flowers.grammar import captions
from data_prep.rendered_flowers.renderer import render


def build(directory, **options):
    config = RenderedFlowersConfig(name="tiny", images_per_class=1, **options)
    builder = RenderedFlowers(config=config, data_dir=directory)
    builder.download_and_prepare()
    return builder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return build(tmp_path_factory.mktemp("tfds"))


def examples(builder):
    """Returns every example in stored order, its image still a PNG file.

    The record files are not compared: protobuf writes the features of an example in
    an order that changes from process to process.
    """
    skip = {"image": tfds.decode.SkipDecoding()}
    return [
        (e["filename"], e["image"], list(e["captions"]), e["label"], e["attributes"])
        for split in ("train", "validation", "test")
        for e in tfds.as_numpy(builder.as_dataset(split=split, decoders=skip))
    ]


def test_splits_have_one_picture_of_each_class(tiny):
    counts = {name: split.num_examples for name, split in tiny.info.splits.items()}
    assert counts == {"train": 80, "validation": 8, "test": 16}
    for split in counts:
        labels = [int(e["label"]) for e in tfds.as_numpy(tiny.as_dataset(split=split))]
        assert {flower_classes()[label].split for label in labels} == {split}
        assert len(set(labels)) == counts[split]


def test_an_example_is_the_drawing_of_its_attributes(tiny):
    example = next(iter(tfds.as_numpy(tiny.as_dataset(split="test"))))
    label = int(example["label"])
    drawn = sample_attributes(label, 0)
    assert json.loads(example["attributes"]) == vars(drawn)
    np.testing.assert_array_equal(example["image"], render(drawn))
    assert [text.decode() for text in example["captions"]] == captions(drawn, label, 0)
    name = tiny.info.features["label"].int2str(label)
    assert example["filename"].decode() == f"{name}_0000.png"


def test_two_builds_hold_the_same_bytes(tiny, tmp_path):
    assert examples(build(tmp_path)) == examples(tiny)


def test_another_seed_gives_another_data_set(tiny, tmp_path):
    assert examples(build(tmp_path, seed=1)) != examples(tiny)


def test_the_default_is_registered_and_has_its_documented_size(tmp_path):
    builder = RenderedFlowers(data_dir=tmp_path)
    assert builder.name == "rendered_flowers" and str(builder.version) == "1.0.0"
    assert builder.builder_config.name == "default"
    assert builder.builder_config.images_per_class == 64
    assert tfds.builder_cls("rendered_flowers") is RenderedFlowers

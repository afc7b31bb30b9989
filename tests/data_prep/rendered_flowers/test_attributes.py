import dataclasses
import json

import pytest

from data_prep.rendered_flowers import attributes as vocabulary
from data_prep.rendered_flowers.attributes import (
    FlowerAttributes,
    flower_classes,
    sample_attributes,
)


def combination(kind):
    return kind.petal_color, kind.petal_count, kind.petal_shape, kind.arrangement


def values(kinds, field):
    return {getattr(kind, field) for kind in kinds}


@pytest.fixture(scope="module")
def by_split():
    classes = flower_classes()
    return {
        split: [kind for kind in classes if kind.split == split]
        for split in ("train", "validation", "test")
    }


def test_there_are_about_a_hundred_classes_with_distinct_names():
    names = [kind.name for kind in flower_classes()]
    assert len(names) == len(set(names)) == 104


def test_no_split_shares_a_combination_with_another(by_split):
    train, validation, test = (set(map(combination, v)) for v in by_split.values())
    assert not train & validation and not train & test and not validation & test
    assert len(train) == 80 and len(validation) == 8 and len(test) == 16


@pytest.mark.parametrize(
    "field, vocabulary_name",
    [
        ("petal_color", "PETAL_COLORS"),
        ("petal_count", "PETAL_COUNTS"),
        ("petal_shape", "PETAL_SHAPES"),
        ("arrangement", "ARRANGEMENTS"),
        ("center_color", "CENTER_COLORS"),
        ("center_size", "CENTER_SIZES"),
    ],
)
def test_training_shows_every_value(by_split, field, vocabulary_name):
    assert values(by_split["train"], field) == set(getattr(vocabulary, vocabulary_name))


def test_every_split_shows_every_color_equally(by_split):
    for kinds in by_split.values():
        colors = [kind.petal_color for kind in kinds]
        assert {colors.count(c) for c in vocabulary.PETAL_COLORS} == {len(kinds) // 8}


def test_draws_depend_on_label_index_and_seed_only():
    first = sample_attributes(3, 5, seed=2)
    assert sample_attributes(3, 5, seed=2) == first
    others = [
        sample_attributes(3, 6, seed=2),
        sample_attributes(4, 5, seed=2),
        sample_attributes(3, 5, seed=3),
    ]
    seeds = {other.noise_seed for other in others} | {first.noise_seed}
    assert len(seeds) == 4


def test_pictures_keep_what_their_class_decides():
    kind = flower_classes()[42]
    for index in range(10):
        drawn = sample_attributes(42, index)
        for field in dataclasses.fields(kind):
            if field.name != "split":
                assert getattr(drawn, field.name) == getattr(kind, field.name)


def test_petals_stand_out_from_background_and_center():
    seen = {
        (drawn.petal_color, drawn.background)
        for label in range(104)
        for index in range(20)
        for drawn in [sample_attributes(label, index)]
    }
    assert ("blue", "sky") not in seen and ("red", "soil") not in seen
    assert ("white", "sky") not in seen
    assert {background for _, background in seen} == set(vocabulary.BACKGROUNDS)
    assert all(k.petal_color != k.center_color for k in flower_classes())


def test_attributes_survive_json():
    drawn = sample_attributes(100, 7)
    text = json.dumps(dataclasses.asdict(drawn))
    assert FlowerAttributes(**json.loads(text)) == drawn

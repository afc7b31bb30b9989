"""What captions of the grammar, and of people, say of a flower."""

import re

import pytest

from data_prep.rendered_flowers import attributes
from data_prep.rendered_flowers.attributes import sample_attributes
from data_prep.rendered_flowers.grammar import captions
from text_to_image.metrics.drawn_flowers.caption_attributes import (
    BACKGROUNDS,
    CENTER_COLORS,
    PETAL_COUNTS,
    named_background,
    named_center_color,
    named_petal_color,
    named_petal_count,
)

NAMED = {
    "petal_color": named_petal_color,
    "petal_count": named_petal_count,
    "center_color": named_center_color,
    "background": named_background,
}


@pytest.fixture(scope="module")
def sentences():
    """Returns (attributes, caption) of three flowers of every class."""
    return [
        (flower, caption)
        for label in range(104)
        for index in range(3)
        for flower in [sample_attributes(label, index)]
        for caption in captions(flower, label, index)
    ]


def test_the_vocabularies_are_those_of_the_drawing():
    assert tuple(map(str, attributes.PETAL_COUNTS)) == PETAL_COUNTS
    assert set(CENTER_COLORS) == set(attributes.CENTER_COLORS)
    assert set(BACKGROUNDS) == set(attributes.BACKGROUNDS)


# Every caption names the petals' color; the rest is said in some of them only.
@pytest.mark.parametrize(
    "attribute, mentions",
    [
        ("petal_color", r""),
        ("petal_count", r"\b(four|five|six|eight|twelve)\b"),
        (
            "center_color",
            r"\b(yellow|brown|green|white|black) (cent|mid|dis|pis)(?!.* leaves)",
        ),
        ("background", r"\b(against|in front of)\b"),
    ],
)
def test_every_drawn_caption_is_understood(sentences, attribute, mentions):
    said = 0
    for flower, caption in sentences:
        truth, named = str(getattr(flower, attribute)), NAMED[attribute](caption)
        assert named in (truth, None), caption
        if re.search(mentions, caption):
            assert named == truth, caption
        said += named is not None
    assert said > 0.1 * len(sentences)


def test_every_value_is_named_by_some_caption(sentences):
    for attribute, named in NAMED.items():
        seen = {named(caption) for _, caption in sentences} - {None}
        assert seen == {str(getattr(flower, attribute)) for flower, _ in sentences}


@pytest.mark.parametrize(
    "caption, color",
    [
        ("this flower has long pink petals and a yellow center", "pink"),
        (
            "The petals of the flower are purple in color and have green leaves",
            "purple",
        ),
        ("the center of this flower is yellow and the petals are violet", "purple"),
        ("the flower has petals that are white with purple stamens", "white"),
        ("this flower is bright orange and has a large center", "orange"),
        ("this flower has red veins on pink petals", "pink"),
        ("a yellow stamen surrounded by white petals", "white"),
        ("there are many long pink petals surrounding red stamen", "pink"),
        ("petals are pink and center is yellow", "pink"),
        ("this flower is white and yellow in color", None),
        ("a red flower with blue petals", None),
        ("a flower with many petals and a yellow center", None),
        ("yellow", None),
        ("", None),
    ],
)
def test_captions_by_people(caption, color):
    assert named_petal_color(caption) == color


@pytest.mark.parametrize(
    "caption, color",
    [
        ("this flower has long pink petals and a yellow center", "yellow"),
        ("the center of this flower is golden and the petals are white", "yellow"),
        ("white petals with green leaves and a black disc", "black"),
        ("red petals, its pistil is small and black", "black"),
        ("the middle is green and the petals are bright white", "green"),
        ("a white flower with yellow stamens", None),
        ("a flower with an orange center", None),
        ("a yellow center and a brown pistil", None),
        ("the center is large", None),
        ("", None),
    ],
)
def test_centers(caption, color):
    assert named_center_color(caption) == color


@pytest.mark.parametrize(
    "caption, count",
    [
        ("Five petals which are round and red", "5"),
        ("this flower has twelve pink petals in two layers", "12"),
        ("the petals are red and eight in number", "8"),
        ("a flower with three petals", None),
        ("four or five petals", None),
        ("often weighty", None),
    ],
)
def test_counts(caption, count):
    assert named_petal_count(caption) == count


@pytest.mark.parametrize(
    "caption, ground",
    [
        ("a red flower against a grey wall", "stone"),
        ("a red flower in front of blurred green leaves", "foliage"),
        ("red petals against the dark", "dark"),
        ("red petals in front of a brown flower bed", "soil"),
        ("against a dark sky", None),
        ("a red flower with green leaves below", None),
        ("a dark red flower", None),
        ("", None),
    ],
)
def test_grounds(caption, ground):
    assert named_background(caption) == ground

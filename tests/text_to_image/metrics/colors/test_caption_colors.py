"""One color, several or none, as people write them."""

import pytest

from text_to_image.metrics.colors.caption_colors import (
    COLOR_WORDS,
    COLORS,
    agreed_color,
    named_color,
)


@pytest.mark.parametrize(
    "caption, color",
    [
        ("this flower is PINK in color with petals that are layered", "pink"),
        ("the petals are veiny and purple and cover the stamen", "purple"),
        ("this flower has yellow petals and a golden stamen", "yellow"),
        ("a spiky lavender flower", "purple"),
        ("white petals with green leaves and a black center", "white"),
        ("the petals are pink and the center is yellow", None),
        ("this flower has petals that are white with purple stamen", None),
        ("turquoise", None),
        ("a reddish flower, whitened", None),  # whole words only
        ("", None),
    ],
)
def test_captions_by_people(caption, color):
    assert named_color(caption) == color


@pytest.mark.parametrize("word", COLOR_WORDS)
def test_every_word_names_a_color_of_photographs_or_none(word):
    expected = COLOR_WORDS[word] if COLOR_WORDS[word] in COLORS else None
    assert named_color(f"a flower with {word} petals") == expected


@pytest.mark.parametrize(
    "colors, agreed",
    [
        (["red", "red", "pink"], "red"),
        (["red", "pink"], None),
        (["red", "red", "pink", "pink", "red"], None),
        (["", "red and blue", "white"], "white"),
        (["", "red and blue"], None),
        ([], None),
    ],
)
def test_two_thirds_of_single_colors_agree(colors, agreed):
    assert agreed_color([f"a flower, {color}" for color in colors]) == agreed

"""Images against what their captions, or others', say of them."""

import numpy as np
import pytest

from data_prep.rendered_flowers.attributes import FlowerAttributes
from foundation.errors import InputError
from text_to_image.metrics.drawn_flowers.attributes import attribute_agreement

CHANCE = {
    "petal_color": 1 / 8,
    "petal_count": 1 / 5,
    "center_color": 1 / 5,
    "background": 1 / 5,
}


@pytest.fixture(scope="module")
def described(drawn):
    """Returns every image with two captions, one of which names its ground or may."""
    grounded = [
        next((t for t in own if "against" in t or "front" in t), own[1])
        for own in drawn.captions
    ]
    captions = [own[0] for own in drawn.captions] + grounded
    return np.concatenate([drawn.images] * 2), captions


def test_true_captions_agree(described):
    scores = attribute_agreement(*described)
    assert set(scores) == set(CHANCE) <= set(FlowerAttributes.__annotations__)
    for attribute, score in scores.items():
        assert score["chance"] == pytest.approx(CHANCE[attribute])
        assert score["accuracy"] > 0.93 and score["balanced_accuracy"] > 0.93
        assert 50 < score["n"] <= len(described[1])
    assert scores["petal_color"]["n"] == len(described[1])


def test_others_captions_agree_by_chance(described):
    images, captions = described
    rng = np.random.default_rng(0)
    scores = attribute_agreement(images, rng.permutation(captions).tolist())
    for attribute, score in scores.items():
        assert abs(score["balanced_accuracy"] - CHANCE[attribute]) < 0.13, attribute


def test_blank_pictures_show_nothing_but_a_ground(described):
    blank = np.full((len(described[1]), 64, 64, 3), (50, 85, 35), np.uint8)
    scores = attribute_agreement(blank, described[1])
    for attribute in ("petal_color", "petal_count", "center_color"):
        assert scores[attribute]["accuracy"] == 0
    assert scores["background"]["balanced_accuracy"] == pytest.approx(1 / 5)


def test_what_no_caption_names_is_missing(drawn):
    captions = [f"a {color} flower" for color in drawn.values("petal_color")]
    scores = attribute_agreement(drawn.images, captions)
    assert list(scores) == ["petal_color"]
    with pytest.raises(InputError, match="None of the 1 captions"):
        attribute_agreement(drawn.images[:1], ["a flower"])
    with pytest.raises(ValueError, match="105 images, but 1 captions"):
        attribute_agreement(drawn.images, ["a red flower"])

"""The ground, with and without a flower in front of it."""

import numpy as np
import pytest

from data_prep.rendered_flowers.backgrounds import background
from text_to_image.metrics.drawn_flowers.background_reader import read_background
from text_to_image.metrics.drawn_flowers.caption_attributes import BACKGROUNDS


def test_drawn_flowers_are_read_right(drawn):
    read = np.array(read_background(drawn.images))
    assert np.mean(read == drawn.values("background")) > 0.98


@pytest.mark.parametrize("kind", BACKGROUNDS)
def test_bare_ground(kind):
    rng = np.random.default_rng(0)
    grounds = np.stack([255 * background(kind, 64, rng) for _ in range(10)])
    read = read_background(np.clip(grounds, 0, 255).astype(np.uint8))
    assert read == [kind] * 10


def test_what_the_middle_shows_does_not_matter():
    rng = np.random.default_rng(1)
    images = np.full((5, 64, 64, 3), (50, 85, 35), np.uint8)
    images[:, 6:-6, 6:-6] = rng.integers(0, 256, (5, 52, 52, 3))
    images[:, :, 20:40] = (230, 30, 40)  # a stem's way through the rim, and wider
    assert read_background(images) == ["foliage"] * 5
    assert read_background(images[:0]) == []

"""The disc in the middle of drawn and of plain synthetic flowers."""

import numpy as np
import pytest

from text_to_image.metrics.colors.petal_color import NONE
from text_to_image.metrics.drawn_flowers.center_color import read_center_color

Y, X = np.mgrid[:64, :64] - 31.5
CENTERS = {
    "yellow": (247, 204, 36),
    "brown": (102, 61, 28),
    "green": (120, 158, 41),
    "white": (242, 240, 224),
    "black": (28, 23, 26),
}


def generated(center, petals=(215, 22, 28), x=0, y=0):
    radius = np.hypot(X - x, Y - y)[..., None]
    image = np.where(radius < 22, petals, (35, 60, 25))
    return np.where(radius < 4, center, image).astype(np.uint8)


def test_drawn_flowers_are_read_right(drawn):
    read = np.array(read_center_color(drawn.images))
    assert np.mean(read == drawn.values("center_color")) > 0.98


@pytest.mark.parametrize("color", CENTERS)
def test_synthetic_centers(color):
    images = np.stack(
        [
            generated(CENTERS[color], petals, x, y)
            for petals in ((215, 22, 28), (45, 80, 220), (250, 130, 185))
            for x, y in ((0, 0), (5, -4))
        ]
    )
    assert read_center_color(images) == [color] * 6


def test_no_center_and_no_flower():
    ground = np.full((64, 64, 3), (35, 60, 25), np.uint8)
    images = np.stack(
        [generated((215, 22, 28)), generated((240, 240, 235), (240, 240, 235)), ground]
    )
    assert read_center_color(images) == [NONE] * 3
    assert read_center_color(images[:0]) == []

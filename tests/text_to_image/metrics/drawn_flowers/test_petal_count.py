"""Petals of drawn and of plain synthetic flowers."""

import numpy as np
import pytest

from text_to_image.metrics.colors.petal_color import NONE
from text_to_image.metrics.drawn_flowers.caption_attributes import PETAL_COUNTS
from text_to_image.metrics.drawn_flowers.petal_count import read_petal_count

Y, X = np.mgrid[:64, :64] - 31.5


def generated(radius_at, x=0.0, y=0.0):
    """Returns a red shape on a green ground; its rim is a function of the angle."""
    inside = np.hypot(X - x, Y - y) < radius_at(np.arctan2(Y - y, X - x))
    return np.where(inside[..., None], (215, 22, 28), (35, 60, 25)).astype(np.uint8)


def test_drawn_flowers_are_counted_right(drawn):
    read = np.array(read_petal_count(drawn.images))
    assert np.mean(read == drawn.values("petal_count")) > 0.95


@pytest.mark.parametrize("count", PETAL_COUNTS)
def test_stars(count):
    stars = np.stack(
        [
            generated(lambda a, t=t: 19 + 5 * np.cos(int(count) * (a - t)), 2 * t, -t)
            for t in np.linspace(0, 2, 6)
        ]
    )
    assert read_petal_count(stars) == [count] * 6


def test_stars_seen_from_aside():
    slanted = np.stack([generated(lambda a: 19 + 5 * np.cos(5 * a))])[:, ::2]
    image = np.full((1, 64, 64, 3), slanted[0, 0, 0], np.uint8)
    image[:, 16:48] = slanted
    assert read_petal_count(image) == ["5"]


def test_what_has_no_petals_has_no_count():
    discs = np.stack([generated(lambda a, r=r: r, r / 9) for r in range(12, 26)])
    ground = np.full((1, 64, 64, 3), (35, 60, 25), np.uint8)
    assert set(read_petal_count(discs)) == {NONE}
    assert read_petal_count(ground) == [NONE]
    assert read_petal_count(ground[:0]) == []

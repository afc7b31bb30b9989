import numpy as np
import pytest

from data_prep.rendered_flowers.attributes import BACKGROUNDS
from data_prep.rendered_flowers.backgrounds import background


def mean_color(kind):
    pictures = [background(kind, 38, np.random.default_rng(i)) for i in range(8)]
    return np.mean(pictures, axis=(0, 1, 2))


@pytest.mark.parametrize("kind", BACKGROUNDS)
def test_grounds_vary_and_stay_in_range(kind):
    first, second = (background(kind, 38, np.random.default_rng(i)) for i in (0, 1))
    assert first.shape == (38, 38, 3)
    assert first.min() >= 0 and first.max() <= 1
    assert np.abs(first - second).mean() > 0.003
    assert first.std() > 0.005


def test_grounds_have_their_colors():
    red, green, blue = mean_color("foliage")
    assert green > 1.3 * red and green > 1.3 * blue
    red, green, blue = mean_color("soil")
    assert red > green > blue
    red, green, blue = mean_color("sky")
    assert red < green < blue
    assert np.ptp(mean_color("stone")) < 0.05
    assert mean_color("dark").max() < 0.15

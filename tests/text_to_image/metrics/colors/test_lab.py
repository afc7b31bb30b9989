"""CIELAB against published values, and there and back."""

import numpy as np
import pytest

from text_to_image.metrics.colors.lab import lab_of, rgb_of


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((0, 0, 0), (0, 0, 0)),
        ((255, 255, 255), (100, 0, 0)),
        ((119, 119, 119), (50.03, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((255, 255, 0), (97.14, -21.55, 94.48)),
        ((10, 0, 0), (0.583, 2.615, 0.921)),  # below the knee: L = 903.3 Y
    ],
)
def test_published_values(rgb, lab):
    np.testing.assert_allclose(lab_of(np.array(rgb, np.uint8)), lab, atol=0.05)


def test_there_and_back():
    rng = np.random.default_rng(0)
    colors = rng.integers(0, 256, (5, 40, 3)).astype(np.uint8)
    lab = lab_of(colors)
    assert (lab.shape, lab.dtype) == ((5, 40, 3), np.float32)
    np.testing.assert_array_equal(rgb_of(lab), colors)
    outside = rgb_of(np.array([50.0, 120.0, -120.0]))  # no such color on a screen
    assert outside.dtype == np.uint8

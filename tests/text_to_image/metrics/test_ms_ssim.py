"""Structural similarity against loops over windows, TensorFlow's, and known cases."""

import math

import numpy as np
import pytest
from PIL import Image, ImageFilter

from foundation.errors import InputError
from text_to_image.metrics.ms_ssim import ms_ssim

WEIGHTS = [w / 0.6305 for w in (0.0448, 0.2856, 0.3001)]


def pictures(count, side=64, seed=0):
    coarse = np.random.default_rng(seed).integers(0, 256, (count, 9, 9, 3))
    images = [Image.fromarray(picture.astype(np.uint8)) for picture in coarse]
    return np.stack([np.asarray(image.resize((side, side))) for image in images])


def changed(images, sigma):
    noise = np.random.default_rng(1).normal(0, sigma, images.shape)
    return np.clip(images + noise, 0, 255).astype(np.uint8)


def blurred(images, radius):
    blur = ImageFilter.GaussianBlur(radius)
    return np.stack([np.asarray(Image.fromarray(z).filter(blur)) for z in images])


def one_scale(x, y):
    """Means of luminance x structure, and of structure, over windows of a channel."""
    weights = np.array(
        [[math.exp(-(i * i + j * j) / 4.5) for j in range(-5, 6)] for i in range(-5, 6)]
    )
    weights /= weights.sum()
    both, structures = [], []
    for i in range(x.shape[0] - 10):
        for j in range(x.shape[1] - 10):
            a, b = x[i : i + 11, j : j + 11], y[i : i + 11, j : j + 11]
            mean_a, mean_b = np.sum(weights * a), np.sum(weights * b)
            var_a = np.sum(weights * (a - mean_a) ** 2)
            var_b = np.sum(weights * (b - mean_b) ** 2)
            cov = np.sum(weights * (a - mean_a) * (b - mean_b))
            light = (2 * mean_a * mean_b + 6.5025) / (mean_a**2 + mean_b**2 + 6.5025)
            structures.append((2 * cov + 58.5225) / (var_a + var_b + 58.5225))
            both.append(light * structures[-1])
    return np.mean(both), np.mean(structures)


def halved(z):
    return (z[::2, ::2] + z[1::2, ::2] + z[::2, 1::2] + z[1::2, 1::2]) / 4


def by_loops(first, second):
    channels = []
    for x, y in zip(first.T.astype(float), second.T.astype(float), strict=True):
        value = 1.0
        for scale, weight in enumerate(WEIGHTS):
            if scale:
                x, y = halved(x), halved(y)
            both, structure = one_scale(x, y)
            value *= max(0, both if scale == 2 else structure) ** weight
        channels.append(value)
    return np.mean(channels)


def test_against_loops():
    first = pictures(1, 48)[:, :44]  # height and width differ
    for second in (changed(first, 20), pictures(1, 48, seed=2)[:, :44]):
        expected = by_loops(first[0], second[0])
        assert ms_ssim(first, second) == pytest.approx([expected], abs=3e-4)


def test_a_pair_does_not_depend_on_others():
    first = pictures(70)  # more than a batch
    second = np.concatenate([changed(first[:35], 40), pictures(35, seed=3)])
    alone = ms_ssim(first[66:68], second[66:68])
    np.testing.assert_allclose(ms_ssim(first, second)[66:68], alone, atol=1e-6)


def test_known_cases():
    images = pictures(3)
    np.testing.assert_allclose(ms_ssim(images, images), 1)
    np.testing.assert_allclose(ms_ssim(255 - images, images), 0, atol=0.01)
    # Flat images differ in luminance alone, on the coarsest scale.
    dark, light = (np.full((1, 64, 64, 3), level, np.uint8) for level in (50, 200))
    expected = ((2 * 50 * 200 + 6.5025) / (50**2 + 200**2 + 6.5025)) ** WEIGHTS[2]
    assert ms_ssim(dark, light) == pytest.approx([expected], abs=3e-4)
    assert ms_ssim(dark, dark) == pytest.approx([1])
    np.testing.assert_array_equal(ms_ssim(images[:0], images[:0]), [])


def test_symmetric_and_less_alike_with_more_blur():
    images = pictures(4)
    noisy = changed(images, 60)
    np.testing.assert_allclose(ms_ssim(images, noisy), ms_ssim(noisy, images))
    alike = [ms_ssim(noisy, blurred(noisy, r)).mean() for r in (0.5, 1, 2, 4)]
    assert alike == sorted(alike, reverse=True)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (np.zeros((1, 64, 64, 3)), None, "float64"),
        (np.zeros((1, 32, 64, 3), np.uint8), None, "at least 44 pixels"),
        (np.zeros((1, 66, 64, 3), np.uint8), None, "divisible by 4"),
        (np.zeros((64, 64, 3), np.uint8), None, r"expected uint8 \[N, H, W, 3\]"),
        (np.zeros((1, 64, 64, 3), np.uint8), np.zeros((2, 64, 64, 3), np.uint8), "pai"),
    ],
)
def test_what_is_no_pair_of_images(first, second, message):
    with pytest.raises(InputError, match=message):
        ms_ssim(first, first if second is None else second)

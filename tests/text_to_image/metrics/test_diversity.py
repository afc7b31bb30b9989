"""Distances and similarities within groups against loops over pairs."""

import itertools

import numpy as np
import pytest

from foundation.errors import InputError
from text_to_image.metrics.diversity import (
    feature_diversity,
    mean_distance,
    mean_ms_ssim,
    spread,
)
from text_to_image.metrics.ms_ssim import ms_ssim


def over_pairs(groups, compare):
    pairs = [pair for group in groups for pair in itertools.combinations(group, 2)]
    return np.mean([compare(a, b) for a, b in pairs])


def pictures(groups, count):
    rng = np.random.default_rng(0)
    ground = rng.integers(0, 200, (groups, 1, 64, 64, 3))
    noise = rng.integers(0, 56, (groups, count, 64, 64, 3))
    return (ground + noise).astype(np.uint8)


def test_spread():
    images = pictures(2, 3)
    expected = over_pairs(images.astype(int), lambda a, b: np.abs(a - b).mean())
    assert spread(images) == pytest.approx(expected, rel=1e-5)
    assert spread(images[:, [0, 0]]) == 0
    with pytest.raises(ValueError, match="1 image a group"):
        spread(images[:, :1])


def test_mean_distance():
    groups = np.random.default_rng(1).normal(size=(3, 4, 5)).astype(np.float32)
    expected = over_pairs(groups, lambda a, b: np.linalg.norm(a - b))
    assert mean_distance(groups) == pytest.approx(expected)
    by_hand = np.array([[[0, 0], [3, 4]], [[1, 1], [1, 2]]])
    assert mean_distance(by_hand) == 3
    assert mean_distance(groups[:, [2, 2, 2]]) == 0


def test_feature_diversity():
    rng = np.random.default_rng(2)
    classes = rng.normal(size=(4, 6, 5))
    assert feature_diversity(classes, classes) == 1
    # Captions lie as far apart as you like: only samples of one caption count.
    centres = 100 * rng.normal(size=(4, 1, 5))
    assert feature_diversity(centres + classes / 4, classes) == pytest.approx(0.25)
    assert feature_diversity(np.repeat(centres, 8, axis=1), classes) == 0
    fewer = feature_diversity(classes[:1, :2], classes)
    apart = np.linalg.norm(classes[0, 0] - classes[0, 1])
    assert fewer == pytest.approx(apart / mean_distance(classes))


def test_mean_ms_ssim():
    images = pictures(2, 3)
    expected = over_pairs(images, lambda a, b: ms_ssim(a[None], b[None])[0])
    assert mean_ms_ssim(images) == pytest.approx(expected)
    assert 0 < expected < 0.999
    assert mean_ms_ssim(images[:, [1, 1]]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("captions", "message"),
    [
        (np.ones((2, 1, 4)), r"each caption have shape \(2, 1, 4\)"),
        (np.ones((0, 8, 4)), r"each caption have shape \(0, 8, 4\)"),
        (np.ones((8, 4)), "expected 3 axes"),
        (np.full((2, 8, 4), np.nan), "caption features: row 0 is not finite"),
        (np.ones((2, 8, 5)), "caption: 5, class: 4"),
        (np.ones((2, 8, 4)), "every class are the same"),
    ],
)
def test_groups_without_a_diversity(captions, message):
    with pytest.raises(InputError, match=message):
        feature_diversity(captions, np.ones((3, 5, 4)))


def test_pictures_without_a_similarity():
    with pytest.raises(InputError, match=r"images have shape \(2, 1, 64"):
        mean_ms_ssim(pictures(2, 1))
    with pytest.raises(InputError, match="float64"):
        mean_ms_ssim(np.zeros((2, 2, 64, 64, 3)))

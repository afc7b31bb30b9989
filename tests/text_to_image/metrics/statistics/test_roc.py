"""The area below the curve against counting pairs."""

import numpy as np
import pytest

from text_to_image.metrics.statistics.roc import area_under, roc_curve


def brute_force(scores, positive):
    wins = [(p > n) + (p == n) / 2 for p in scores[positive] for n in scores[~positive]]
    return np.mean(wins)


@pytest.mark.parametrize("levels", [2, 5, 10_000])  # many ties, some, hardly any
def test_area_is_the_share_of_pairs_in_order(levels):
    rng = np.random.default_rng(levels)
    for _ in range(20):
        positive = rng.random(60) < 0.3
        positive[:2] = True, False
        scores = rng.integers(0, levels, 60) + 0.4 * levels * positive
        curve = roc_curve(scores, positive)
        assert area_under(*curve) == pytest.approx(brute_force(scores, positive))


def test_curve_by_hand():
    scores = np.array([0.9, 0.7, 0.7, 0.2])
    false_rate, true_rate = roc_curve(scores, np.array([True, False, True, False]))
    np.testing.assert_allclose(false_rate, [0, 0, 0.5, 1])
    np.testing.assert_allclose(true_rate, [0, 0.5, 1, 1])


def test_ends():
    positive = np.array([True, True, False])
    assert area_under(*roc_curve(np.array([3.0, 2.0, 1.0]), positive)) == 1
    assert area_under(*roc_curve(np.array([1.0, 2.0, 3.0]), positive)) == 0
    assert area_under(*roc_curve(np.zeros(3), positive)) == 0.5
    with pytest.raises(ValueError, match="3 of 3"):
        roc_curve(np.zeros(3), np.ones(3, bool))

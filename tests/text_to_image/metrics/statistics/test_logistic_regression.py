"""The fit is the optimum of its objective, found in other ways."""

import numpy as np
import pytest
from scipy.special import softmax

from text_to_image.metrics.statistics.logistic_regression import (
    fit_logistic,
    predict_logistic,
)


def objective(weights, features, labels, l2):
    """The documented objective, class by class."""
    likely = softmax(features @ weights[:-1] + weights[-1], axis=1)
    losses = [-np.log(likely[labels == k, k]).mean() for k in range(labels.max() + 1)]
    return np.mean(losses) + l2 / 2 * (weights[:-1] ** 2).sum()


def clouds(classes=3, dims=2, sizes=(60, 25, 6), seed=0):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), sizes[:classes])
    centres = 1.5 * rng.normal(size=(classes, dims))
    return centres[labels] + rng.normal(size=(len(labels), dims)), labels


@pytest.mark.parametrize("l2", [1e-3, 0.1])
def test_no_direction_leads_down(l2):
    features, labels = clouds()
    weights = fit_logistic(features, labels, l2)
    assert weights.shape == (3, 3) and weights.dtype == np.float64
    for i in np.ndindex(weights.shape):
        step = np.zeros_like(weights)
        step[i] = 1e-4
        ahead, back = (
            objective(weights + sign * step, features, labels, l2) for sign in (1, -1)
        )
        assert abs(ahead - back) / 2e-4 < 1e-6


def test_as_the_best_of_a_fine_grid():
    # Of two classes and one feature, only the difference of the columns matters to
    # the loss, and the penalty halves it between them: two numbers, searched one
    # grid after the other.
    features, labels = clouds(classes=2, dims=1, sizes=(30, 9))
    l2, center, width = 0.05, np.zeros(2), 8.0
    for _ in range(12):
        steps = np.linspace(-width, width, 21)
        grid = [center + np.array([a, b]) for a in steps for b in steps]
        values = [
            objective(np.outer(point, (-0.5, 0.5)), features, labels, l2)
            for point in grid
        ]
        center, width = grid[int(np.argmin(values))], width / 4
    weights = fit_logistic(features, labels, l2)
    np.testing.assert_allclose(weights[:, 1] - weights[:, 0], center, atol=1e-4)
    np.testing.assert_allclose(weights[0].sum(), 0, atol=1e-6)


def test_a_rare_class_counts_as_a_common_one():
    features, labels = clouds(classes=2, dims=2, sizes=(40, 10))
    repeated = np.append(np.arange(50), np.repeat(np.arange(40, 50), 7))
    np.testing.assert_allclose(
        fit_logistic(features[repeated], labels[repeated], 0.01),
        fit_logistic(features, labels, 0.01),
        atol=1e-4,
    )


def test_prediction_is_the_nearest_of_clouds_far_apart():
    rng = np.random.default_rng(3)
    labels = np.arange(90) % 3
    features = 20 * np.eye(3)[labels] + rng.normal(size=(90, 3))
    weights = fit_logistic(features, labels, 1e-3)
    np.testing.assert_array_equal(predict_logistic(features, weights), labels)
    np.testing.assert_array_equal(fit_logistic(features, labels, 1e-3), weights)
    assert predict_logistic(np.zeros((0, 3)), weights).shape == (0,)


def test_every_class_needs_an_example():
    with pytest.raises(ValueError, match="class 1 of 3 has no example"):
        fit_logistic(np.zeros((2, 1)), np.array([0, 2]), 0.1)

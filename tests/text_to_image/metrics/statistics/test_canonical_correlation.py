"""Canonical correlation against an eigenvalue problem, and on planted data."""

import numpy as np
import pytest
import scipy.linalg

from foundation.errors import InputError
from text_to_image.metrics.statistics.canonical_correlation import canonical_directions


def views(count, seed=0):
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(count, 3))
    x = shared @ rng.normal(size=(3, 6)) + rng.normal(size=(count, 6)) + 5
    y = shared @ rng.normal(size=(3, 4)) + rng.normal(size=(count, 4)) - 2
    return x, y


@pytest.mark.parametrize(
    ("count", "ridges"), [(80, (0, 0)), (80, (3, 0.1)), (5, (3, 0.1))]
)
def test_against_the_generalised_eigenvalue_problem(count, ridges):
    x, y = views(count)
    covariance = np.cov(x.T, y.T, ddof=0)
    across = covariance.copy()
    across[:6, :6] = across[6:, 6:] = 0
    within = np.diag([ridges[0]] * 6 + [ridges[1]] * 4) + covariance - across
    values, vectors = scipy.linalg.eigh(across, within)
    found = canonical_directions(x, y, 3, *ridges)
    np.testing.assert_allclose(found.correlations, values[:-4:-1], atol=1e-9)
    # Each has the length 1 in the covariance of its view; eigenvectors share it.
    expected = vectors[:, :-4:-1] * np.sqrt(2)
    signs = np.sign(np.sum(expected[:6] * found.x_directions, axis=0))
    np.testing.assert_allclose(found.x_directions * signs, expected[:6], atol=1e-6)
    np.testing.assert_allclose(found.y_directions * signs, expected[6:], atol=1e-6)


def test_projections_correlate_as_stated():
    x, y = views(200)
    found = canonical_directions(x.astype(np.float32), y, 4, 0, 0)
    across = np.corrcoef(
        ((x - x.mean(axis=0)) @ found.x_directions).T, (y @ found.y_directions).T
    )
    expected = np.eye(8)
    expected[:4, 4:] = expected[4:, :4] = np.diag(found.correlations)
    np.testing.assert_allclose(across, expected, atol=1e-5)


def test_planted_correlations():
    rng = np.random.default_rng(1)
    planted = np.array([0.9, 0.6, 0.3])
    x = rng.normal(size=(50_000, 3))
    y = planted * x + np.sqrt(1 - planted**2) * rng.normal(size=x.shape)
    mixed = x @ rng.normal(size=(3, 3)), y @ rng.normal(size=(3, 3))
    found = canonical_directions(*mixed, 3, 0, 0)
    np.testing.assert_allclose(found.correlations, planted, atol=0.02)
    again = canonical_directions(mixed[1], mixed[0], 3, 0, 0)
    np.testing.assert_allclose(again.correlations, found.correlations)


def test_ridges_shrink():
    x, y = views(50)
    least = [canonical_directions(x, y, 1, r, r).correlations[0] for r in (0, 1, 9)]
    assert least == sorted(least, reverse=True) and least[-1] < 0.9 * least[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": np.full((20, 6), np.nan)}, "x features: row 0 is not finite"),
        ({"y": np.ones((19, 4))}, "views of 20 and 19 rows"),
        ({"x": np.ones((1, 6)), "y": np.ones((1, 4))}, "x features have 1 rows"),
        ({"directions": 5}, "5 directions, expected 1 to 4"),
        ({"directions": 0}, "0 directions"),
        ({"x": np.ones((20, 6)), "ridge_x": 0}, "no inverse with ridge 0"),
    ],
)
def test_views_without_directions(change, message):
    x, y = views(20)
    arguments = {"x": x, "y": y, "directions": 2, "ridge_x": 1, "ridge_y": 1} | change
    with pytest.raises(InputError, match=message):
        canonical_directions(**arguments)

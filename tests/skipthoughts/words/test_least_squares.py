"""Linear maps, against their closed form."""

import numpy as np
import pytest

from skipthoughts.words.least_squares import LeastSquares


@pytest.mark.parametrize("ridge", [0, 0.3, 50])
def test_map_is_that_of_the_closed_form(closed_form, ridge):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 4)) + 3
    y = x @ rng.normal(size=(4, 3)) + rng.normal(size=(80, 3)) - 2
    sums = LeastSquares()
    for start in range(0, 80, 7):
        sums.add(x[start : start + 7], y[start : start + 7])
    found = sums.solve(ridge)
    slope, intercept = closed_form(x, y, ridge)
    np.testing.assert_allclose(found.weights[:-1], slope, rtol=1e-8)
    np.testing.assert_allclose(found.weights[-1], intercept, rtol=1e-8)
    error = y - x @ slope - intercept
    for columns in (slice(None), slice(1, 3)):
        residual, around = (error**2)[:, columns], (y - y.mean(0))[:, columns] ** 2
        r2 = 1 - residual.sum() / around.sum()
        assert 0 < r2 < 1 and found.r2(columns) == pytest.approx(r2, rel=1e-9)


def test_dependent_columns_give_the_smallest_map():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 4)) + 1
    x = np.column_stack([x, x[:, 0], np.zeros(500)])
    y = rng.normal(size=(500, 3))
    sums = LeastSquares()
    sums.add(x, y)
    design = np.column_stack([x, np.ones(500)])
    expected = np.linalg.lstsq(design, y, rcond=None)[0]
    np.testing.assert_allclose(sums.solve().weights, expected, atol=1e-9)

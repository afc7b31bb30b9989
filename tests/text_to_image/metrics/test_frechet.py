"""The distance of Gaussians against its closed forms and SciPy's `sqrtm`."""

import numpy as np
import pytest
import scipy.linalg

from foundation.errors import InputError
from text_to_image.metrics.frechet import (
    frechet_distance,
    gaussian_frechet_distance,
    gaussian_of,
)


def random_covariance(rng, size, rank=None):
    factor = rng.normal(size=(size, rank or size))
    return factor @ factor.T


def by_sqrtm(mean1, cov1, mean2, cov2):
    root = scipy.linalg.sqrtm(cov1 @ cov2)
    return np.sum((mean1 - mean2) ** 2) + np.trace(cov1 + cov2 - 2 * root.real)


@pytest.mark.parametrize("size", [1, 2, 7, 40])
def test_against_sqrtm(size):
    rng = np.random.default_rng(size)
    for _ in range(10):
        mean1, mean2 = rng.normal(size=(2, size))
        cov1, cov2 = random_covariance(rng, size), random_covariance(rng, size)
        distance = gaussian_frechet_distance(mean1, cov1, mean2, cov2)
        assert distance == pytest.approx(by_sqrtm(mean1, cov1, mean2, cov2), rel=1e-6)
        swapped = gaussian_frechet_distance(mean2, cov2, mean1, cov1)
        assert swapped == pytest.approx(distance, rel=1e-9)


def test_closed_form_of_independent_dimensions():
    rng = np.random.default_rng(0)
    mean1, mean2 = rng.normal(size=(2, 9))
    sd1, sd2 = rng.random((2, 9))
    rotation, _ = np.linalg.qr(rng.normal(size=(9, 9)))  # moves both, changes nothing
    expected = np.sum((mean1 - mean2) ** 2) + np.sum((sd1 - sd2) ** 2)
    distance = gaussian_frechet_distance(
        rotation @ mean1,
        rotation @ np.diag(sd1**2) @ rotation.T,
        rotation @ mean2,
        rotation @ np.diag(sd2**2) @ rotation.T,
    )
    assert distance == pytest.approx(expected, rel=1e-10)


def test_closed_form_of_rank_one():
    # sqrt(aa' bb') has the trace |a'b|: no matrix function that needs full rank.
    a, b = np.random.default_rng(1).normal(size=(2, 30))
    zero = np.zeros(30)
    distance = gaussian_frechet_distance(zero, np.outer(a, a), zero, np.outer(b, b))
    assert distance == pytest.approx(a @ a + b @ b - 2 * abs(a @ b), rel=1e-9)


def test_features_are_taken_as_gaussians():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(50, 6)).astype(np.float32)
    y = 1 + 2 * rng.normal(size=(80, 6)).astype(np.float32)
    expected = by_sqrtm(
        x.mean(axis=0, dtype=np.float64),
        np.cov(x.T.astype(np.float64)),
        y.mean(axis=0, dtype=np.float64),
        np.cov(y.T.astype(np.float64)),
    )
    assert frechet_distance(x, y) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("count", [2, 20, 300])  # rank-deficient, and not
def test_equal_sets_are_at_no_distance(count):
    x = 100 * np.random.default_rng(count).normal(size=(count, 60))
    assert 0 <= frechet_distance(x, x[::-1]) < 1e-6
    assert frechet_distance(x, x + 3) == pytest.approx(9 * 60, rel=1e-6)


def test_constant_features_and_one_dimension():
    flat = np.full((4, 3), 7.0)
    assert frechet_distance(flat, flat) == 0
    line = np.array([[1.0], [2.0], [3.0]])
    assert frechet_distance(line, 2 * line) == pytest.approx(2**2 + (2 - 1) ** 2)


@pytest.mark.parametrize(
    ("generated", "message"),
    [
        (np.ones((1, 3)), "generated features have 1 rows"),
        (np.ones((5, 4)), "generated: 4, real: 3"),
        (np.full((5, 3), np.nan), "generated features: row 0"),
    ],
)
def test_sets_without_a_distance(generated, message):
    with pytest.raises(InputError, match=message):
        frechet_distance(generated, np.ones((5, 3)))


@pytest.mark.parametrize(
    ("cov", "message"),
    [
        (np.eye(3), r"mean \(2,\) and covariance \(3, 3\)"),
        (np.diag([1.0, -0.1]), "has the eigenvalue -0.1"),
        (np.array([[1.0, 0.5], [0.0, 1.0]]), "off symmetry by 0.5"),
        (np.diag([1.0, np.nan]), "not finite"),
    ],
)
def test_what_is_no_gaussian(cov, message):
    with pytest.raises(InputError, match=message):
        gaussian_frechet_distance(np.zeros(2), cov, np.zeros(2), np.eye(2))
    with pytest.raises(InputError, match="2 and 3 dimensions"):
        gaussian_frechet_distance(np.zeros(2), np.eye(2), np.zeros(3), np.eye(3))


def test_statistics_in_single_precision_pass():
    x = np.random.default_rng(3).normal(size=(20, 60))
    mean, covariance = (part.astype(np.float32) for part in gaussian_of(x))
    distance = gaussian_frechet_distance(mean, covariance, *gaussian_of(x))
    assert distance == pytest.approx(0, abs=1e-2)

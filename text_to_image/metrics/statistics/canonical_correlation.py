"""Canonical correlation: the directions in which two views of the same things agree."""

from typing import NamedTuple

import numpy as np
from scipy.linalg import LinAlgError, cholesky, solve_triangular, svd

from foundation.errors import InputError
from text_to_image.metrics.statistics.finite_features import finite_features


class CanonicalDirections(NamedTuple):
    """What `canonical_directions` finds; `(x - mean) @ x_directions` projects.

    Attributes:
        x_directions: float64 `[F, K]`.
        y_directions: float64 `[D, K]`.
        correlations: float64 `[K]`, falling, 0 to 1; shrunk by the ridges.
    """

    x_directions: np.ndarray
    y_directions: np.ndarray
    correlations: np.ndarray


def canonical_directions(
    x: np.ndarray, y: np.ndarray, directions: int, ridge_x: float, ridge_y: float
) -> CanonicalDirections:
    """Finds pairs of directions in which the projections of both views correlate most.

    With the covariances Sxx, Syy, Sxy (over N, not N - 1), and Sxx + ridge_x I = L L',
    Syy + ridge_y I = M M': the singular vectors U, V of L^-1 Sxy M^-T give the
    directions L^-T U and M^-T V, and its singular values the correlations. The ridges
    keep directions of little variance, which few pairs say little about, out.

    Args:
        x: float `[N, F]`.
        y: float `[N, D]`, row by row of the same things.
        directions: K; at most F, D and N - 1.
        ridge_x: at least 0; in units of the variance of `x`.
        ridge_y: of `y`.

    Raises:
        InputError: views that are not finite, or not of the same N; too many
            directions; a covariance without inverse, as of N <= F without ridge.

    Reference:
        Vinod 1976, Sec. 3.
    """
    [x], [y] = finite_features({"x": x}, 2), finite_features({"y": y}, 2)
    if len(x) != len(y):
        raise InputError(f"views of {len(x)} and {len(y)} rows, expected pairs")
    most = min(x.shape[1], y.shape[1], len(x) - 1)
    if not 1 <= directions <= most:
        raise InputError(f"{directions} directions, expected 1 to {most}")
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    root_x, root_y = _root(x, ridge_x), _root(y, ridge_y)  # [F, F], [D, D]
    between = solve_triangular(root_x, x.T @ y / len(x), lower=True)  # [F, D]
    between = solve_triangular(root_y, between.T, lower=True).T
    left, correlations, right = svd(between, full_matrices=False)
    return CanonicalDirections(
        solve_triangular(root_x.T, left[:, :directions]),  # [F, K]
        solve_triangular(root_y.T, right[:directions].T),  # [D, K]
        correlations[:directions],
    )


def _root(centred: np.ndarray, ridge: float) -> np.ndarray:
    """Returns the lower triangular root of covariance + ridge, `[F, F]`."""
    covariance = centred.T @ centred / len(centred)
    covariance[np.diag_indices_from(covariance)] += ridge
    try:
        return cholesky(covariance, lower=True)
    except LinAlgError:
        count, width = centred.shape
        raise InputError(
            f"a covariance of {width} dimensions from {count} rows has no inverse with "
            f"ridge {ridge:g}, expected a larger ridge"
        ) from None

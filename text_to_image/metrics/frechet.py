"""The Fréchet distance: how far apart two sets of features lie, as Gaussians."""

import numpy as np

from foundation.errors import InputError
from text_to_image.metrics.statistics.finite_features import finite_features

# Of `fid_inception_v3`: refused below the width of its features, of which the
# covariance has no full rank there, and biased upwards by more than models differ
# below the second (Heusel et al. 2017).
FID_REFUSED_BELOW, FID_WARNED_BELOW = 2_048, 10_000
_ROUNDING = 1e-6  # of the largest eigenvalue: float32 statistics pass, errors do not


def frechet_distance(generated: np.ndarray, real: np.ndarray) -> float:
    """Returns the Fréchet distance between the Gaussians of two sets of features.

    Beware: where N <= F a covariance has no full rank, and the distance is biased
    upwards at every N, the more the smaller N is. Such figures may be compared only
    with others of the same N and the same real images.

    Args:
        generated: float `[N, F]`, N >= 2.
        real: float `[M, F]`, M >= 2.

    Returns:
        The squared distance, at least 0, in squared units of the features.

    Raises:
        InputError: features that are not finite, too few, or of different F.
    """
    x, y = finite_features({"generated": generated, "real": real}, 2)
    return gaussian_frechet_distance(*gaussian_of(x), *gaussian_of(y))


def gaussian_of(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns mean and unbiased covariance of features.

    Args:
        features: float `[N, F]`, finite, N >= 2.

    Returns:
        float64 `[F]` and `[F, F]`.
    """
    x = np.asarray(features, np.float64)
    mean = x.mean(axis=0)
    centred = x - mean
    return mean, centred.T @ centred / (len(x) - 1)  # [F], [F, F]


def gaussian_frechet_distance(
    mean1: np.ndarray, cov1: np.ndarray, mean2: np.ndarray, cov2: np.ndarray
) -> float:
    """Returns the squared Fréchet (2-Wasserstein) distance of two Gaussians.

    |m1 - m2|^2 + Tr S1 + Tr S2 - 2 Tr sqrt(S1^1/2 S2 S1^1/2). The last trace is the sum
    of the singular values of S1^1/2 S2^1/2: their squares are the eigenvalues below the
    root, of which rounding would leave half the digits.

    Args:
        mean1: float `[F]`.
        cov1: float `[F, F]`, symmetric, no eigenvalue below 0.
        mean2: float `[F]`.
        cov2: float `[F, F]`, as `cov1`.

    Returns:
        The squared distance, at least 0.

    Raises:
        InputError: shapes that do not fit, or a matrix that is no covariance.

    Reference:
        Dowson and Landau 1982, Eq. 16; Heusel et al. 2017, Eq. 6.
    """
    roots = [_square_root(m, c) for m, c in ((mean1, cov1), (mean2, cov2))]
    if len(mean1) != len(mean2):
        raise InputError(
            f"Gaussians of {len(mean1)} and {len(mean2)} dimensions, expected the "
            "same; compute both with one feature network"
        )
    shift = np.asarray(mean1, np.float64) - np.asarray(mean2, np.float64)
    shared = np.linalg.svd(roots[0] @ roots[1], compute_uv=False).sum()
    distance = shift @ shift + np.trace(cov1) + np.trace(cov2) - 2 * shared
    return max(0.0, float(distance))  # rounding, where both are the same


def _square_root(mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Returns the symmetric square root of a covariance, float64 `[F, F]`."""
    c = np.asarray(covariance, np.float64)
    if np.ndim(mean) != 1 or c.shape != (len(mean), len(mean)):
        raise InputError(
            f"a Gaussian with mean {np.shape(mean)} and covariance {c.shape}, expected "
            "[F] and [F, F]"
        )
    if not (np.isfinite(mean).all() and np.isfinite(c).all()):
        raise InputError("a Gaussian that is not finite, expected numbers")
    values, vectors = np.linalg.eigh(c)
    skew = np.abs(c - c.T).max()
    if max(skew, -values[0]) > _ROUNDING * abs(values[-1]):
        raise InputError(
            f"a covariance is off symmetry by {skew:.3g} and has the eigenvalue "
            f"{values[0]:.3g}, expected a symmetric matrix with none below 0"
        )
    return vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T  # [F, F]

"""The kernel distance (KID): an estimate without bias, with the error that it has.

k(x, y) = (x.y / F + 1)^3; the squared maximum mean discrepancy of two sets is
mean k(x, x') + mean k(y, y') - 2 mean k(x, y) over different images.
"""

from collections.abc import Iterator

import numpy as np

from foundation.errors import InputError
from text_to_image.metrics.statistics.finite_features import finite_features

# Two estimates of the same error differ by less than this many errors, 19 times of 20.
TWO_SEEDS = 1.96 * np.sqrt(2)
_ROWS = 1024  # of a kernel matrix at a time: bounds the memory


def kernel_distance(
    generated: np.ndarray,
    real: np.ndarray,
    subsets: int = 10,
    size: int = 500,
    *,
    seed: int,
) -> tuple[float, float]:
    """Returns the kernel distance over random subsets, and how much these differ.

    Unbiased at every size, so that it may come out below 0 where both sets are alike.

    Args:
        generated: float `[N, F]`.
        real: float `[M, F]`.
        subsets: how many pairs of subsets are drawn, at least 2.
        size: images in each subset, at most N and M; drawn without repetition.
        seed: of the subsets.

    Returns:
        Mean and standard deviation over the subsets. The second is not the error of
        the first: subsets of the same images overlap (`kernel_distance_error`).

    Raises:
        InputError: features that are not finite, too few, or of different F; fewer
            than 2 subsets, or subsets of fewer than 2.

    Reference:
        Bińkowski et al. 2018, Sec. 4; Gretton et al. 2012, Eq. 3.
    """
    if subsets < 2 or size < 2:
        raise InputError(f"{subsets} subsets of {size}, expected at least 2 of 2")
    x, y = finite_features({"generated": generated, "real": real}, size)
    rng = np.random.default_rng(seed)
    distances = [
        _squared_discrepancy(
            x[rng.choice(len(x), size, replace=False)],
            y[rng.choice(len(y), size, replace=False)],
        )
        for _ in range(subsets)
    ]
    return float(np.mean(distances)), float(np.std(distances, ddof=1))


def kernel_distance_error(
    generated: np.ndarray, real: np.ndarray, sd: float, subsets: int
) -> float:
    """Returns the standard error of a kernel distance, the real images given.

    It says how far another seed's estimate may lie, of other images of the same
    generator against the same real ones: two differ by less than `TWO_SEEDS` errors in
    19 cases of 20. Two variances are added. (1) Of the images drawn. With a(x) =
    mean_j k(x, y_j), the distance is, but for a constant, the mean of g(x, x') =
    k(x, x') - a(x) - a(x') over pairs: a U-statistic of order two, whose variance is
    E[g(1,2) g(1,2)] less E[g(1,2) g(3,4)], each over different images. With g less
    its mean, r_i the sums of its rows and q the sum of its squares, that is
    (4 sum r_i^2 - 2 q) / (N (N-1) (N-2) (N-3)), without bias. (2) Of the subsets drawn
    from these images: sd^2 / subsets.

    Args:
        generated: float `[N, F]`, N >= 4, all that the subsets were drawn from.
        real: float `[M, F]`.
        sd: standard deviation over the subsets, from `kernel_distance`.
        subsets: how many these were.

    Returns:
        The standard error, in units of the distance. Where captions are drawn once and
        only the noise anew, it errs on the large side.

    Raises:
        InputError: features that are not finite, too few, or of different F.

    Reference:
        Hoeffding 1948, Eq. 5.13.
    """
    x, y = finite_features({"generated": generated, "real": real}, 4)
    count = len(x)
    to_real = np.concatenate([block.mean(axis=1) for block in _kernel(x, y)])  # [N]
    sums, squares = np.empty(count), 0.0
    for start, block in zip(range(0, count, _ROWS), _kernel(x, x), strict=True):
        own = np.arange(len(block))
        g = block - to_real - to_real[start : start + len(block), None]  # [rows, N]
        g[own, start + own] = 0  # an image is no pair
        sums[start : start + len(block)] = g.sum(axis=1)
        squares += np.sum(g**2)
    mean = sums.sum() / (count * (count - 1))
    sums -= (count - 1) * mean
    squares -= count * (count - 1) * mean**2
    pairs_of_pairs = count * (count - 1) * (count - 2) * (count - 3)
    of_images = (4 * np.sum(sums**2) - 2 * squares) / pairs_of_pairs
    return float(np.sqrt(max(0.0, of_images) + sd**2 / subsets))


def _squared_discrepancy(x: np.ndarray, y: np.ndarray) -> float:
    between = sum(block.sum() for block in _kernel(x, y)) / (len(x) * len(y))
    return _mean_of_pairs(x) + _mean_of_pairs(y) - 2 * between


def _mean_of_pairs(x: np.ndarray) -> float:
    """Returns the mean kernel of different images."""
    total = sum(block.sum() for block in _kernel(x, x))
    own = _cubic((x**2).sum(axis=1), x.shape[1]).sum()
    return (total - own) / (len(x) * (len(x) - 1))


def _kernel(x: np.ndarray, y: np.ndarray) -> Iterator[np.ndarray]:
    """Yields the kernel matrix `[N, M]`, some rows at a time."""
    for start in range(0, len(x), _ROWS):
        yield _cubic(x[start : start + _ROWS] @ y.T, x.shape[1])  # [rows, M]


def _cubic(products: np.ndarray, width: int) -> np.ndarray:
    return (products / width + 1) ** 3

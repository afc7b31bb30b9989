"""K-means: seeded by k-means++, refined by Lloyd's rounds."""

import numpy as np

_ROUNDS = 100


def k_means(points: np.ndarray, clusters: int, seed: int) -> np.ndarray:
    """Groups points by their nearest mean; the same seed gives the same groups.

    Args:
        points: float `[N, D]`.
        clusters: K; at most N.
        seed: of the first means.

    Returns:
        int64 `[N]`, in 0 to K - 1; where points coincide, a number may be unused.
    """
    if not 1 <= clusters <= len(points):
        raise ValueError(f"{clusters} clusters of {len(points)} points")
    points = np.asarray(points, np.float64)
    means = _plus_plus(points, clusters, np.random.default_rng(seed))
    return nearest(points, refine(points, means, _ROUNDS))


def refine(points: np.ndarray, means: np.ndarray, rounds: int) -> np.ndarray:
    """Moves means to the centers of the points nearest to them, until they rest.

    Args:
        points: float `[..., N, D]`; leading axes are problems of their own.
        means: float `[..., K, D]`; one that no point is nearest to stays.
        rounds: most times that the means are moved.

    Returns:
        float `[..., K, D]`.
    """
    for _ in range(rounds):
        owned = nearest(points, means)[..., None] == np.arange(means.shape[-2])
        owned = owned.astype(points.dtype)  # [..., N, K]
        sums = np.swapaxes(owned, -1, -2) @ points  # [..., K, D]
        counts = owned.sum(axis=-2)[..., None]
        moved = np.where(counts > 0, sums / np.maximum(counts, 1), means)
        if np.array_equal(moved, means):
            break
        means = moved
    return means


def nearest(points: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Returns the index of the nearest mean of each point, int64 `[..., N]`."""
    # |p - m|^2 without |p|^2, which is the same for all means.
    to_means = (means**2).sum(axis=-1)[..., None, :]
    return (to_means - 2 * points @ np.swapaxes(means, -1, -2)).argmin(axis=-1)


def _plus_plus(
    points: np.ndarray, clusters: int, rng: np.random.Generator
) -> np.ndarray:
    """Draws means among the points, far ones more likely: Arthur & Vassilvitskii."""
    means = [points[rng.integers(len(points))]]
    squared = np.full(len(points), np.inf)
    for _ in range(clusters - 1):
        squared = np.minimum(squared, ((points - means[-1]) ** 2).sum(axis=1))
        # All zero where fewer points differ than means are wanted.
        likely = squared if squared.any() else np.ones(len(points))
        means.append(points[rng.choice(len(points), p=likely / likely.sum())])
    return np.stack(means)

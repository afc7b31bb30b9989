"""Controls in which nothing keeps what is its own."""

import numpy as np


def random_cycle(count: int, seed: int) -> np.ndarray:
    """Returns, for each of `count`, the next in one random cycle through all.

    Args:
        count: how many, from 2 or each is its own next.
        seed: of the cycle.

    Returns:
        Int `[count]`, a permutation that leaves none in its place.
    """
    order = np.random.default_rng(seed).permutation(count)
    following = np.empty(count, int)
    following[order] = np.roll(order, -1)
    return following

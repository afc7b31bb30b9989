"""Vectors over their norm."""

import numpy as np


def directions(vectors: np.ndarray) -> np.ndarray:
    """Divides rows by their norm; a row of zeros, as of unknown words only, stays.

    Args:
        vectors: float `[N, D]`.

    Returns:
        Float `[N, D]`, rows of norm 1 or 0.
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(norms == 0, 1, norms)

"""Applies a network in batches of one size."""

from collections.abc import Callable

import numpy as np

# Kernels may round differently at another batch size: what comes out for a row must not
# depend on how many others there are.
BATCH = 16


def in_fixed_batches(
    function: Callable[..., np.ndarray], *arrays: np.ndarray
) -> np.ndarray:
    """Calls a function on `BATCH` rows at a time, the last ones padded with zeros.

    Args:
        function: takes a batch of each array, gives `[BATCH, ...]`.
        arrays: `[N, ...]` each, N at least 1.

    Returns:
        `[N, ...]`, the results side by side.
    """
    results = []
    for start in range(0, len(arrays[0]), BATCH):
        rows = [array[start : start + BATCH] for array in arrays]
        missing = BATCH - len(rows[0])
        padded = [
            np.pad(part, [(0, missing), *[(0, 0)] * (part.ndim - 1)]) for part in rows
        ]
        results.append(function(*padded)[: len(rows[0])])
    return np.concatenate(results)

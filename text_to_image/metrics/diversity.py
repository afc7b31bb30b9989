"""Do the samples of one caption differ? A generator may ignore its noise."""

import numpy as np


def spread(images: np.ndarray) -> float:
    """Returns the mean absolute pixel difference within groups of pictures.

    Args:
        images: uint8 `[groups, pictures, H, W, 3]`, at least two pictures a group.

    Returns:
        The mean over groups, pairs of different pictures, pixels and channels, 0-255.
    """
    groups, count = images.shape[:2]
    if count < 2:
        raise ValueError(f"{count} picture a group, expected at least 2")
    total = 0.0
    for group in images.astype(np.float32):
        for i in range(count - 1):
            total += float(np.abs(group[i] - group[i + 1 :]).mean((1, 2, 3)).sum())
    return total / (groups * count * (count - 1) / 2)

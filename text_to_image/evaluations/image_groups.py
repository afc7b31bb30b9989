"""Groups of images, within which diversity is measured."""

from typing import Any

import numpy as np

SAMPLES = 8  # images of one caption


def draw_class_groups(
    labels: np.ndarray, size: int, rng: np.random.Generator
) -> np.ndarray:
    """Draws as many images of every class.

    Args:
        labels: int `[N]`.
        size: images of each class; fewer where the smallest class has fewer.
        rng: what draws them.

    Returns:
        Their numbers, int64 `[classes, up to size]`.
    """
    classes, counts = np.unique(labels, return_counts=True)
    count = min(size, counts.min())
    return np.stack(
        [
            rng.choice(np.flatnonzero(labels == label), count, replace=False)
            for label in classes
        ]
    )


def across_captions(rows: np.ndarray, groups: int) -> np.ndarray:
    """Returns groups of what there is one of for every caption.

    Args:
        rows: `[N, ...]`, N at least 8.
        groups: how many, at most.

    Returns:
        `[up to groups, 8, ...]`.
    """
    count = min(groups, len(rows) // SAMPLES)
    return rows[: count * SAMPLES].reshape(count, SAMPLES, *rows.shape[1:])


def groups_protocol(samples: np.ndarray, class_rows: np.ndarray) -> dict[str, Any]:
    """Returns what a score of diversity depends on.

    Args:
        samples: `[captions, noises, ...]`.
        class_rows: of real images, `[classes, images]`.
    """
    captions, noises = samples.shape[:2]
    classes, images = class_rows.shape
    return {
        "groups": f"{noises} noises of {captions} captions, {images} images of "
        f"{classes} classes",
        "num_generated": captions * noises,
        "num_real": classes * images,
    }

"""Multi-scale structural similarity: how alike are two images, to the eye?"""

import numpy as np
import tensorflow as tf

from foundation.errors import InputError

# Sec. 4 of Wang et al. gives five scales, for large photographs. Three are left where
# the window still fits into an image of 64 pixels; their weights are scaled to sum 1.
_PUBLISHED = (0.0448, 0.2856, 0.3001)
_WEIGHTS = [weight / sum(_PUBLISHED) for weight in _PUBLISHED]
_WINDOW = 11
_STEP = 2 ** (len(_WEIGHTS) - 1)  # pixels of an image in one of its coarsest scale
_BATCH = 64  # bounds the memory


def ms_ssim(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns the multi-scale structural similarity of pairs of images.

    Computed for each channel, not on the luminance, and averaged: images that differ
    in color alone are not alike. Where the contrast of a pair is opposed, so that the
    paper's power is not defined, the similarity of that channel is 0.

    Args:
        first: uint8 `[N, H, W, 3]`, sides of at least 44 pixels, divisible by 4.
        second: as `first`.

    Returns:
        float64 `[N]`, 0 to 1; 1 for equal images.

    Raises:
        InputError: other types or shapes.

    Reference:
        Wang et al. 2003, Eq. 7, with three scales; Odena et al. 2017, Sec. 4.2.
    """
    _check(first, second)
    similar = [
        tf.image.ssim_multiscale(
            first[start : start + _BATCH],
            second[start : start + _BATCH],
            max_val=255,
            power_factors=_WEIGHTS,
            filter_size=_WINDOW,
        ).numpy()
        for start in range(0, len(first), _BATCH)
    ]
    return np.concatenate([np.zeros(0), *similar])


def _check(first: np.ndarray, second: np.ndarray) -> None:
    for images in (first, second):
        sides = images.shape[1:3]
        if (
            images.dtype != np.uint8
            or images.shape[3:] != (3,)
            or min(sides) < _WINDOW * _STEP
            or any(side % _STEP for side in sides)
        ):
            raise InputError(
                f"images are {images.dtype} {images.shape}, expected uint8 "
                f"[N, H, W, 3] with sides of at least {_WINDOW * _STEP} pixels, "
                f"divisible by {_STEP}"
            )
    if first.shape != second.shape:
        raise InputError(
            f"images {first.shape} and {second.shape}, expected pairs of one size"
        )

"""Multi-scale structural similarity: how alike are two pictures, to the eye?"""

import numpy as np

from foundation.errors import InputError

# Sec. 4 of Wang et al. gives five scales, for large photographs. Three are left where
# the window still fits into a picture of 64 pixels; their weights are scaled to sum 1.
_WEIGHTS = np.array([0.0448, 0.2856, 0.3001])
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_WINDOW, _SIGMA = 11, 1.5
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_STEP = 2 ** (len(_WEIGHTS) - 1)  # pixels of a picture in one of its coarsest scale
_BATCH = 64  # bounds the memory


def ms_ssim(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns the multi-scale structural similarity of pairs of pictures.

    Computed for each channel, not on the luminance, and averaged: pictures that differ
    in colour alone are not alike. Where the contrast of a pair is opposed, so that the
    paper's power is not defined, the similarity of that channel is 0.

    Args:
        first: uint8 `[N, H, W, 3]`, sides of at least 44 pixels, divisible by 4.
        second: as `first`.

    Returns:
        float64 `[N]`, 0 to 1; 1 for equal pictures.

    Raises:
        InputError: other types or shapes.

    Reference:
        Wang et al. 2003, Eq. 7, with three scales; Odena et al. 2017, Sec. 4.2.
    """
    _check(first, second)
    batches = range(0, len(first), _BATCH)
    similar = [
        _similarity(first[start : start + _BATCH], second[start : start + _BATCH])
        for start in batches
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
                f"pictures are {images.dtype} {images.shape}, expected uint8 "
                f"[N, H, W, 3] with sides of at least {_WINDOW * _STEP} pixels, "
                f"divisible by {_STEP}"
            )
    if first.shape != second.shape:
        raise InputError(
            f"pictures {first.shape} and {second.shape}, expected pairs of one size"
        )


def _similarity(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns the similarity of a batch of pairs, float64 `[N]`."""
    x, y = (np.moveaxis(z, -1, 1).astype(np.float64) for z in (first, second))
    similarity = np.ones(x.shape[:2])  # [N, 3]
    for scale, weight in enumerate(_WEIGHTS):
        if scale:
            x, y = _halved(x), _halved(y)
        luminance, structure = _compare(x, y)
        coarsest = scale == len(_WEIGHTS) - 1
        similar = (luminance * structure if coarsest else structure).mean(axis=(2, 3))
        similarity *= np.maximum(similar, 0) ** weight
    return similarity.mean(axis=1)  # [N]


def _compare(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compares windows: luminance, and contrast with structure, `[N, 3, H', W']`."""
    mean_x, mean_y = _blurred(x), _blurred(y)
    variances = _blurred(x**2) - mean_x**2 + _blurred(y**2) - mean_y**2
    covariance = _blurred(x * y) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + _C1) / (mean_x**2 + mean_y**2 + _C1)
    return luminance, (2 * covariance + _C2) / (variances + _C2)


def _blurred(x: np.ndarray) -> np.ndarray:
    """Averages each window that lies within: `[N, 3, H, W]` to `[N, 3, H-10, W-10]`."""
    return _windows(x.shape[2]) @ x @ _windows(x.shape[3]).T


def _windows(side: int) -> np.ndarray:
    """Returns the Gaussian window at each place along a side, `[side - 10, side]`."""
    offsets = np.arange(_WINDOW) - _WINDOW // 2
    window = np.exp(-(offsets**2) / (2 * _SIGMA**2))
    places = range(side - _WINDOW + 1)
    return np.stack(
        [np.pad(window / window.sum(), (i, places[-1] - i)) for i in places]
    )


def _halved(x: np.ndarray) -> np.ndarray:
    """Averages 2 x 2 pixels: `[N, 3, H, W]` to `[N, 3, H/2, W/2]`."""
    n, channels, height, width = x.shape
    blocks = x.reshape(n, channels, height // 2, 2, width // 2, 2)
    return blocks.mean(axis=(3, 5))

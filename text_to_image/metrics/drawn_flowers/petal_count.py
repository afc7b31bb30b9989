"""How many petals has a drawn flower?"""

import numpy as np

from text_to_image.metrics.colors.petal_color import NONE
from text_to_image.metrics.drawn_flowers.caption_attributes import PETAL_COUNTS
from text_to_image.metrics.drawn_flowers.corolla import Corolla, find_corollas

# Circles on which petals and the gaps between them alternate: outside the stamens,
# inside the tips.
_RADII = np.linspace(0.575, 0.975, 17)
_ANGLES = np.arange(240) * 2 * np.pi / 240
_FIRST, _LAST = 3, 60  # waves a turn: fewer are a skew of the fit, more are noise
_FLAT = 100.0  # power of a circle that shows no petals
_ENOUGH = 0.8  # of the best count's power, for a higher count to explain the image
_LEAST_REGULAR = 0.3  # share of the power that regular petals have
_LEAST_POWER = 0.08  # a circle, on average; smooth discs stay below 0.05


def read_petal_count(images: np.ndarray) -> list[str]:
    """Reads the number of petals in the outer ring.

    Around the flower, petals and gaps repeat n times a turn, so the power is at n,
    2n, 3n, ... waves a turn. Of 4, 8 and 12 (and of 6 and 12) the lower explains all
    that the higher does: the highest that explains nearly as much is taken.

    Args:
        images: uint8 `[N, 64, 64, 3]`.

    Returns:
        For every image one of `PETAL_COUNTS`, or `NONE` without regular petals.
    """
    return [NONE if c is None else _count(c) for c in find_corollas(images)]


def _count(corolla: Corolla) -> str:
    waves = np.fft.rfft(corolla.unroll(_RADII, _ANGLES), axis=1)  # [R, A / 2 + 1]
    power = np.abs(waves[:, : _LAST + 1]) ** 2
    power[:, :_FIRST] = 0
    # Every circle counts alike, however deep the gaps are there.
    power = (power / (power.sum(axis=1, keepdims=True) + _FLAT)).sum(axis=0)
    shares = {name: power[int(name) :: int(name)].sum() for name in PETAL_COUNTS}
    best = max(shares.values())
    if best < max(_LEAST_REGULAR * power.sum(), _LEAST_POWER * len(_RADII)):
        return NONE
    return [name for name, share in shares.items() if share >= _ENOUGH * best][-1]

"""In front of what is a flower drawn?"""

import numpy as np

from text_to_image.metrics.colors.lab import lab_of
from text_to_image.metrics.drawn_flowers.caption_attributes import BACKGROUNDS

# In CIELAB, in the order of BACKGROUNDS. Light is the plainest difference of sky and
# stone: a cold camera makes either look bluish.
_TYPICAL = ((27, -20, 23), (5, -2, 1), (67, -2, -6), (26, 5, 12), (42, 0, 2))
_RIM = 6  # pixels, that petals do not reach


def read_background(images: np.ndarray) -> list[str]:
    """Reads what is behind the flower, from the median color of the image's rim.

    Leaves and the stem reach the rim too, but never fill half of it.

    Args:
        images: uint8 `[N, 64, 64, 3]`.

    Returns:
        For every image the nearest of `BACKGROUNDS`, even if it has no flower.
    """
    rim = np.ones(images.shape[1:3], bool)
    rim[_RIM:-_RIM, _RIM:-_RIM] = False
    colors = np.median(lab_of(images[:, rim]), axis=1)  # [N, 3]
    away = np.linalg.norm(colors[:, None] - np.array(_TYPICAL), axis=-1)  # [N, 5]
    return [BACKGROUNDS[i] for i in away.argmin(axis=1)]

"""What color has the center of a drawn flower?"""

import numpy as np

from text_to_image.metrics.colors.lab import lab_of
from text_to_image.metrics.colors.petal_color import NONE
from text_to_image.metrics.drawn_flowers.caption_attributes import CENTER_COLORS
from text_to_image.metrics.drawn_flowers.corolla import Corolla, find_corollas

# Typical shades, 8-bit sRGB, in the order of CENTER_COLORS.
_SHADES = ((240, 198, 40), (98, 58, 28), (118, 155, 42), (230, 228, 215), (28, 24, 26))
_RADIUS = 0.13  # radii of the flower: within the smallest disc


def read_center_color(images: np.ndarray) -> list[str]:
    """Reads the color of the disc in the middle of the flower.

    Args:
        images: uint8 `[N, 64, 64, 3]`.

    Returns:
        For every image one of `CENTER_COLORS`, or `NONE` if there is no flower, or if
        its middle looks like its petals.
    """
    found = zip(images, find_corollas(images), strict=True)
    return [NONE if c is None else _color(image, c) for image, c in found]


def _color(image: np.ndarray, corolla: Corolla) -> str:
    distance = corolla.distance()
    lab = lab_of(image)
    middle = np.median(lab[distance < max(_RADIUS, 1.01 * distance.min())], axis=0)
    petals = np.median(lab[corolla.petals > 0.5], axis=0)
    shades = np.vstack([lab_of(np.array(_SHADES, np.uint8)), petals])  # [6, 3]
    nearest = np.linalg.norm(shades - middle, axis=1).argmin()
    return (*CENTER_COLORS, NONE)[nearest]

"""Where in an image is the flower, how large is it, and how is it tilted?

Made for the drawn flowers of `rendered_flowers`, without a network: the petals are
where the image has their color, and a flower of three or more equal petals, seen at
a slant, becomes round again when its spread is made equal in all directions.
"""

import dataclasses

import numpy as np
from scipy.ndimage import map_coordinates

from text_to_image.metrics.colors.petal_color import (
    COLORS,
    NONE,
    petal_shares,
    read_petal_color,
)

_SIDE = 64
_BATCH = 16  # bounds the memory
_ROUNDS = 4  # of fitting the disc, then leaving out what lies far outside
_REACH = 1.6  # radii that still count
_FIRST_REACH = 28  # pixels from the middle
_LEAST_PETALS = 40  # pixels


@dataclasses.dataclass(frozen=True)
class Corolla:
    """The petals of one flower.

    Attributes:
        petals: float32 `[64, 64]`, how much of a pixel is petal, 0 to 1; somewhere 1.
        center: float64 `[2]`, x and y in pixels.
        plane: float64 `[2, 2]`, maps the unit disc to pixels around the center. A disc
            with the petals' spread: they reach a little beyond it.
    """

    petals: np.ndarray
    center: np.ndarray
    plane: np.ndarray

    def distance(self) -> np.ndarray:
        """Returns how far every pixel is from the center, in radii, `[64, 64]`."""
        away = _pixels() - self.center  # [64, 64, 2]
        return np.linalg.norm(away @ np.linalg.inv(self.plane).T, axis=-1)

    def unroll(self, radii: np.ndarray, angles: np.ndarray) -> np.ndarray:
        """Returns the petals in polar coordinates of the flower's plane.

        Args:
            radii: `[R]`, 1 for the rim of the disc.
            angles: `[A]`, radians.

        Returns:
            float32 `[R, A]`, interpolated.
        """
        directions = np.stack([np.cos(angles), np.sin(angles)], -1) @ self.plane.T
        places = self.center + radii[:, None, None] * directions  # [R, A, 2]
        x, y = np.moveaxis(places, -1, 0)
        return map_coordinates(self.petals, [y, x], order=1, mode="nearest")


def find_corollas(images: np.ndarray) -> list[Corolla | None]:
    """Finds the flower of every image.

    Args:
        images: uint8 `[N, 64, 64, 3]`.

    Returns:
        N flowers; None where none of the petal colors is seen.
    """
    if images.shape[1:] != (_SIDE, _SIDE, 3):
        raise ValueError(f"Images of shape {images.shape}, not [N, 64, 64, 3].")
    found: list[Corolla | None] = []
    colors = read_petal_color(images)
    for start in range(0, len(images), _BATCH):
        batch = slice(start, start + _BATCH)
        shares = petal_shares(images[batch].astype(np.float32))  # [B, 64, 64, 8]
        for color, of_colors in zip(colors[batch], shares, strict=True):
            if color == NONE:
                found.append(None)
                continue
            petals = of_colors[..., COLORS.index(color)]
            # White petals in a cold light have something of a sky, all over.
            found.append(_fit(petals / petals.max()))
    return found


def _fit(petals: np.ndarray) -> Corolla | None:
    """Fits center and plane to the spread of the petals, float `[64, 64]`."""
    pixels = _pixels()
    middle = (_SIDE - 1) / 2
    corolla = Corolla(petals, np.full(2, middle), _FIRST_REACH / _REACH * np.eye(2))
    for _ in range(_ROUNDS):
        weight = petals * (corolla.distance() < _REACH)
        if weight.sum() < _LEAST_PETALS:
            return None
        center = np.average(pixels, axis=(0, 1), weights=_both(weight))
        away = (pixels - center).reshape(-1, 2)
        spread = np.cov(away.T, aweights=weight.ravel(), ddof=0)  # [2, 2]
        # A disc of radius 1 has the spread 1/4 in every direction.
        values, axes = np.linalg.eigh(spread)
        radii = 2 * np.sqrt(np.maximum(values, 1e-3))
        corolla = Corolla(petals, center, axes @ np.diag(radii) @ axes.T)
    return corolla


def _both(weight: np.ndarray) -> np.ndarray:
    return np.repeat(weight[..., None], 2, axis=-1)  # [64, 64, 2]


def _pixels() -> np.ndarray:
    """Returns x and y of every pixel, `[64, 64, 2]`."""
    y, x = np.mgrid[:_SIDE, :_SIDE]
    return np.stack([x, y], axis=-1).astype(np.float64)

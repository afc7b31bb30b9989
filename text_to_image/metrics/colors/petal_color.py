"""Does an image show the petal color that its caption names?

Both sides are read without a network: the caption by its grammar, the image by its
pixels. The reader is made for the drawn flowers of `rendered_flowers` and for what a
generator trained on them generates; it is not meant for photographs.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from text_to_image.metrics.agreement import agreement
from text_to_image.metrics.colors.lab import lab_of
from text_to_image.metrics.drawn_flowers.caption_attributes import named_petal_color

COLORS = ("red", "orange", "yellow", "white", "pink", "purple", "blue", "turquoise")
NONE = "none"  # read from an image without a flower in any of the colors

# Typical shades, 8-bit sRGB: petals in the light, and in the shade where that differs
# by more than brightness.
_PETALS = {
    "red": ((215, 22, 28), (150, 14, 20), (235, 60, 60)),
    "orange": ((250, 125, 15), (190, 85, 8), (255, 150, 60)),
    "yellow": ((250, 220, 40), (195, 165, 22), (250, 230, 110)),
    "white": ((248, 246, 240), (222, 220, 216)),
    "pink": ((250, 130, 185), (200, 92, 140), (252, 165, 205)),
    "purple": ((120, 50, 165), (80, 30, 115), (150, 85, 190)),
    "blue": ((45, 80, 220), (28, 48, 150), (85, 115, 225)),
    "turquoise": ((60, 205, 200), (40, 145, 140), (110, 215, 210)),
}
# What surrounds petals: foliage, leaves, earth, stone, sky, shadow; and the blurs of
# petals with them, which must not count as another petal color.
_GROUNDS = (
    ((18, 35, 14), (35, 60, 25), (55, 95, 40), (80, 120, 55), (110, 140, 80)),
    ((45, 32, 24), (75, 55, 42), (105, 80, 62), (130, 105, 85), (100, 60, 28)),
    ((70, 70, 70), (105, 105, 105), (140, 138, 135), (165, 163, 160)),
    ((130, 145, 158), (155, 168, 178), (180, 190, 198), (198, 206, 212)),
    ((6, 8, 8), (25, 28, 26), (120, 155, 40), (45, 50, 55)),
)
_SIDE = 32  # pixels to which images are averaged first
_SPREAD = 7.0  # of one shade, in units of CIELAB
_LIGHTNESS_WEIGHT = 0.6  # light and shade move lightness more than hue
_LEAST_EVIDENCE = 0.04  # share of the middle that the color must exceed the rim by


def read_petal_color(images: np.ndarray) -> list[str]:
    """Reads the color of the petals from the pixels.

    Every pixel is shared among the colors by its distance from their shades. A
    color scores by its share of a ring around the middle, less its share of the
    image's rim: what fills the whole image is no flower. Blobs of random colors
    are read as each color in proportion to the room it takes in RGB (red and white
    little, purple and turquoise much), so look at the balanced accuracy too.

    Args:
        images: uint8 [N, 64, 64, 3]; other sides that 32 divides will do.

    Returns:
        For every image one of `COLORS`, or `NONE`.
    """
    names = (*COLORS, NONE)
    return [names[i] for i in _best(images)] if len(images) else []


def _best(images: np.ndarray) -> np.ndarray:
    """Returns the index of the color with the best score, int [N]."""
    ring, rim = _ring_and_rim()
    best = []
    for start in range(0, len(images), 128):  # bounds the memory
        shares = petal_shares(_reduce(images[start : start + 128]))
        scores = np.einsum("nhwc,hw->nc", shares, ring - rim)
        scores = np.append(scores, np.full((len(scores), 1), _LEAST_EVIDENCE), axis=1)
        best.append(scores.argmax(axis=1))
    return np.concatenate(best)


def _reduce(images: np.ndarray) -> np.ndarray:
    """Averages blocks of pixels: uint8 [N, H, H, 3] to float [N, 32, 32, 3]."""
    n, side = images.shape[:2]
    if images.shape[1:] != (side, side, 3) or side % _SIDE:
        raise ValueError(f"Images of shape {images.shape}, not [N, 64, 64, 3].")
    factor = side // _SIDE
    blocks = images.reshape(n, _SIDE, factor, _SIDE, factor, 3)
    return blocks.mean(axis=(2, 4), dtype=np.float32)


def petal_shares(pixels: np.ndarray) -> np.ndarray:
    """Shares pixels among the colors by how near their shades are.

    Args:
        pixels: sRGB, float32 0-255 `[..., 3]`.

    Returns:
        float32 `[..., 8]`, in the order of `COLORS`; what is missing to 1 is ground.
    """
    groups = [*_PETALS.values(), *_GROUNDS]
    shades = _weighted_lab(
        np.array([shade for group in groups for shade in group], np.uint8)
    )
    owner = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    lab = _weighted_lab(pixels)
    # |p - s|^2 without |p|^2, which is the same for all shades.
    squared = (shades**2).sum(axis=-1) - 2 * lab @ shades.T  # [..., S]
    squared -= squared.min(axis=-1, keepdims=True)
    likely = np.exp(-squared / (2 * _SPREAD**2))
    member = (owner[:, None] == np.arange(len(groups))).astype(np.float32)
    of_groups = likely @ member  # [..., G]
    return of_groups[..., : len(COLORS)] / of_groups.sum(axis=-1, keepdims=True)


def _ring_and_rim() -> tuple[np.ndarray, np.ndarray]:
    """Returns where petals are and where they are not: weights [32, 32], sum 1."""
    along = (np.arange(_SIDE) + 0.5) / _SIDE - 0.5
    radius = np.hypot(along, along[:, None])
    ring = np.exp(-((radius / 0.27) ** 4)) * (1 - 0.8 * np.exp(-((radius / 0.10) ** 4)))
    rim = (np.maximum(np.abs(along), np.abs(along[:, None])) > 0.44).astype(float)
    return ring / ring.sum(), rim / rim.sum()


def _weighted_lab(rgb: np.ndarray) -> np.ndarray:
    """Converts sRGB 0-255 [..., 3] to CIELAB, lightness weighted."""
    return lab_of(rgb) * np.array([_LIGHTNESS_WEIGHT, 1, 1], np.float32)


def color_agreement(images: np.ndarray, captions: Sequence[str]) -> dict[str, Any]:
    """Scores images against the petal colors that their captions name.

    Args:
        images: uint8 [N, 64, 64, 3].
        captions: N captions; those that do not name exactly one petal color are
            left out.

    Returns:
        The scores of `agreement`.

    Raises:
        InputError: no caption names a petal color.
    """
    named = [named_petal_color(caption) for caption in captions]
    return agreement(images, named, read_petal_color, COLORS)

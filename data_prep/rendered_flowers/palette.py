"""The colors of the drawn flowers, as RGB triples in 0-1."""

import colorsys

import numpy as np

# Hue in degrees, saturation and value in 0-1: each from its lowest to its highest.
# The ranges of two colors never come near each other, in any light that is drawn.
PETAL_RANGES = {
    "red": ((352, 362), (0.84, 0.95), (0.74, 0.90)),
    "orange": ((24, 31), (0.88, 1.00), (0.94, 1.00)),
    "yellow": ((50, 56), (0.72, 0.94), (0.94, 1.00)),
    "white": ((30, 60), (0.00, 0.05), (0.96, 1.00)),
    "pink": ((326, 340), (0.38, 0.56), (0.94, 1.00)),
    "purple": ((268, 284), (0.58, 0.74), (0.56, 0.76)),
    "blue": ((218, 229), (0.70, 0.88), (0.76, 0.94)),
    "turquoise": ((172, 182), (0.58, 0.80), (0.76, 0.88)),
}
CENTERS = {
    "yellow": (0.97, 0.80, 0.14),
    "brown": (0.40, 0.24, 0.11),
    "green": (0.47, 0.62, 0.16),
    "white": (0.95, 0.94, 0.88),
    "black": (0.11, 0.09, 0.10),
}
STAMENS = {
    "yellow": (0.72, 0.42, 0.05),
    "brown": (0.95, 0.76, 0.20),
    "green": (0.93, 0.88, 0.45),
    "white": (0.95, 0.78, 0.20),
    "black": (0.92, 0.80, 0.35),
}
LEAF = (0.22, 0.42, 0.16)
STEM = (0.28, 0.44, 0.18)

# The darkest and the lightest shade of every background.
BACKGROUNDS = {
    "foliage": ((0.08, 0.18, 0.06), (0.38, 0.54, 0.22)),
    "dark": ((0.02, 0.03, 0.03), (0.11, 0.13, 0.11)),
    "sky": ((0.55, 0.62, 0.68), (0.74, 0.78, 0.81)),
    "soil": ((0.20, 0.14, 0.10), (0.47, 0.38, 0.30)),
    "stone": ((0.32, 0.32, 0.32), (0.58, 0.57, 0.55)),
}


def petal_rgb(color: str, hue: float, saturation: float, value: float) -> np.ndarray:
    """Returns a shade of a petal color, float32 [3] in 0-1.

    Args:
        color: one of the names in `PETAL_RANGES`.
        hue: where in the color's range of hues, from -1 to 1.
        saturation: likewise for the saturation.
        value: likewise for the value.
    """
    positions = (hue, saturation, value)
    h, s, v = (
        low + (high - low) * (position + 1) / 2
        for (low, high), position in zip(PETAL_RANGES[color], positions, strict=True)
    )
    return np.array(colorsys.hsv_to_rgb(h / 360 % 1, s, v), np.float32)

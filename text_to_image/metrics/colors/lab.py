"""Colors in CIELAB, where distances are about as large as they look."""

import numpy as np

# IEC 61966-2-1: linear sRGB to XYZ, D65.
_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def _linear(values: np.ndarray) -> np.ndarray:
    """Takes the gamma of sRGB away: 0-255 to 0-1, float32."""
    srgb = values / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return linear.astype(np.float32)


_LINEAR = _linear(np.arange(256))


def lab_of(images: np.ndarray) -> np.ndarray:
    """Converts sRGB to CIELAB under D65.

    With X, Y, Z relative to white: f(t) = t^(1/3), or t / (3 (6/29)^2) + 4/29 where
    t <= (6/29)^3; L = 116 f(Y) - 16, a = 500 (f(X) - f(Y)), b = 200 (f(Y) - f(Z)).

    Args:
        images: `[..., 3]`, uint8, or float 0-255.

    Returns:
        float32 `[..., 3]`: L in 0-100, a and b in about -110 to 110.
    """
    # Rows sum to the white point, so that white is (1, 1, 1) and all greys a = b = 0.
    to_xyz = (_TO_XYZ / _TO_XYZ.sum(axis=1, keepdims=True)).T.astype(np.float32)
    linear = _LINEAR[images] if images.dtype == np.uint8 else _linear(images)
    xyz = linear @ to_xyz  # [..., 3]
    knee = 6 / 29
    f = np.where(xyz > knee**3, np.cbrt(xyz), xyz / (3 * knee**2) + 4 / 29)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def rgb_of(lab: np.ndarray) -> np.ndarray:
    """Converts CIELAB `[..., 3]` to the nearest uint8 sRGB `[..., 3]`, to show it."""
    lightness, a, b = np.moveaxis(np.asarray(lab, np.float64), -1, 0)
    y = (lightness + 16) / 116
    f = np.stack([y + a / 500, y, y - b / 200], axis=-1)
    knee = 6 / 29
    xyz = np.where(f > knee, f**3, 3 * knee**2 * (f - 4 / 29))
    linear = xyz * _TO_XYZ.sum(axis=1) @ np.linalg.inv(_TO_XYZ).T
    linear = np.clip(linear, 0, 1)
    srgb = np.where(
        linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055
    )
    return np.rint(255 * srgb).astype(np.uint8)

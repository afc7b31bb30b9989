"""Paints one petal (or leaf) on a canvas: outline, shading, veins and soft shadow."""

import dataclasses
import math

import numpy as np

# Exponents of the outline near the base and near the tip: width ~ u^a (1 - u)^b.
_OUTLINES = {
    "round": (0.80, 0.42),
    "pointed": (0.75, 1.00),
    "narrow": (0.50, 0.55),
    "notched": (0.95, 0.36),
    "leaf": (0.65, 0.95),
}
_STEPS = 256


def _width_table(shape: str) -> np.ndarray:
    """Returns the half width along a petal, float32 [256], at most 1."""
    base, tip = _OUTLINES[shape]
    u = np.linspace(0, 1, _STEPS)
    width = u**base * (1 - u) ** tip
    return (width / width.max()).astype(np.float32)


_WIDTHS = {shape: _width_table(shape) for shape in _OUTLINES}


@dataclasses.dataclass(frozen=True)
class Petal:
    """One petal in the plane of its flower, where the flower's radius is 1.

    Attributes:
        shape: a name in `_OUTLINES`.
        angle: its direction from the center, radians.
        length: from the center to the tip.
        half_width: at its widest.
        rgb: float [3] in 0-1.
        light: its direction in the plane, radians; that side is lighter.
        ruffle: amplitude of the waves of the edge, relative to the width.
        phase: of those waves, radians.
        shadow: strength of the shadow on what lies below, 0-1.
    """

    shape: str
    angle: float
    length: float
    half_width: float
    rgb: np.ndarray
    light: float = 0.0
    ruffle: float = 0.0
    phase: float = 0.0
    shadow: float = 0.34


def paint(
    canvas: np.ndarray, petal: Petal, center: np.ndarray, plane: np.ndarray
) -> None:
    """Paints a petal onto `canvas` in place.

    Args:
        canvas: float32 [H, W, 3] in 0-1.
        petal: what to paint.
        center: [2], the flower's center (x, y) in pixels.
        plane: [2, 2], maps the plane of the flower to pixels.
    """
    axis = np.array([np.cos(petal.angle), np.sin(petal.angle)])
    side = np.array([-axis[1], axis[0]])
    # Columns: the pixels that one length along and one half width across span.
    frame = plane @ np.stack([axis * petal.length, side * petal.half_width], axis=1)
    window = _window(canvas.shape, center, frame)
    if window is None:
        return
    rows, columns = window
    u, v = _local_coordinates(rows, columns, center, frame)
    width = _WIDTHS[petal.shape][(np.clip(u, 0, 1) * (_STEPS - 1)).astype(np.int32)]
    if petal.ruffle:
        width = width * (1 + petal.ruffle * np.sin(u * 19 + petal.phase))
    tip = 1 - 0.26 * np.exp(-((v / 0.30) ** 2)) if petal.shape == "notched" else 1.0
    # Python numbers: a NumPy float64 would turn all that follows into float64.
    along, across = (float(np.hypot(*column)) for column in frame.T)
    inside = np.minimum((width - np.abs(v)) * across, (tip - u) * along)  # pixels
    patch = canvas[rows, columns]
    halo = np.clip(inside / (0.16 * along) + 0.75, 0, 1) * (u > 0)
    patch *= (1 - petal.shadow * halo)[..., None]
    alpha = np.clip(inside / 1.4 + 0.5, 0, 1)[..., None]
    shade = _shade(u, v / np.maximum(width, 0.05), petal)[..., None]
    deep = petal.rgb**1.3  # the same hue, more saturated
    rgb = deep + (petal.rgb - deep) * np.clip(u * 1.5, 0, 1)[..., None]
    patch += alpha * (np.clip(rgb * shade, 0, 1) - patch)


def _window(
    shape: tuple[int, ...], center: np.ndarray, frame: np.ndarray
) -> tuple[slice, slice] | None:
    """Returns the rows and columns that hold the petal and its shadow."""
    corners = frame @ np.array([[-0.05, -0.05, 1.08, 1.08], [-1.25, 1.25, -1.25, 1.25]])
    low = np.floor(corners.min(axis=1) + center).astype(int) - 2
    high = np.ceil(corners.max(axis=1) + center).astype(int) + 3
    left, top = np.maximum(low, 0)
    right, bottom = np.minimum(high, (shape[1], shape[0]))
    if left >= right or top >= bottom:
        return None
    return slice(top, bottom), slice(left, right)


def _local_coordinates(
    rows: slice, columns: slice, center: np.ndarray, frame: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns along (0 center, 1 tip) and across (-1 to 1), each float32 [h, w]."""
    inverse = np.linalg.inv(frame).astype(np.float32)
    x = np.arange(columns.start, columns.stop, dtype=np.float32) + 0.5 - center[0]
    y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] + 0.5 - center[1]
    x, y = x.astype(np.float32), y.astype(np.float32)
    return inverse[0, 0] * x + inverse[0, 1] * y, inverse[1, 0] * x + inverse[1, 1] * y


def _shade(u: np.ndarray, s: np.ndarray, petal: Petal) -> np.ndarray:
    """Returns the brightness of the petal's color, float32 [h, w], about 0.7-1.1.

    Args:
        u: position along the petal.
        s: position across it, relative to its width there.
        petal: its angle and the light's decide the lighter side.
    """
    s = np.clip(s, -1, 1)
    base = 0.74 + 0.30 * np.sqrt(np.clip(u, 0, 1))  # deeper towards the center
    curl = 0.09 * math.sin(petal.light - petal.angle) * s - 0.07 * s * s
    veins = 0.035 * np.cos(s * 11) * np.clip(1.2 - u, 0, 1)
    midrib = -0.12 * np.exp(-((s / 0.10) ** 2)) * np.clip(1 - u, 0, 1)
    return base + curl + veins + midrib

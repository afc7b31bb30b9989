"""Paints the ground behind a flower: blurred foliage, dark, sky, soil or stone."""

import numpy as np
from PIL import Image, ImageFilter

from data_prep.rendered_flowers import palette
from data_prep.rendered_flowers.petals import Petal, paint

# Cells of noise across the image and the weight of that noise: coarse first.
_OCTAVES = {
    "foliage": ((4, 0.6), (9, 0.4)),
    "dark": ((3, 0.7), (8, 0.3)),
    "sky": ((2, 0.6), (5, 0.4)),
    "soil": ((5, 0.35), (22, 0.35), (60, 0.30)),
    "stone": ((4, 0.45), (14, 0.35), (50, 0.20)),
}


def background(kind: str, size: int, rng: np.random.Generator) -> np.ndarray:
    """Returns a ground of one kind, float32 [size, size, 3] in 0-1."""
    noise = np.zeros((size, size), np.float32)
    for cells, weight in _OCTAVES[kind]:
        noise += weight * _smooth_noise(cells, size, rng)
    if kind == "sky":  # lighter towards the horizon
        noise = 0.6 * noise + 0.4 * np.linspace(0, 1, size, dtype=np.float32)[:, None]
    low, high = (np.array(shade, np.float32) for shade in palette.BACKGROUNDS[kind])
    canvas = low + (high - low) * noise[..., None]
    tint = 0.03 if kind in ("sky", "stone") else 0.06  # greys must stay grey
    canvas *= 1 + rng.uniform(-tint, tint, 3).astype(np.float32)
    if kind in ("foliage", "dark"):
        _scatter_leaves(canvas, rng, lightness=1.0 if kind == "foliage" else 0.32)
        canvas = _blur(canvas, radius=size * rng.uniform(0.012, 0.035))
    return canvas


def _smooth_noise(cells: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Returns noise that varies over `size / cells` pixels, [size, size] in 0-1."""
    coarse = Image.fromarray(rng.random((cells, cells), dtype=np.float32))
    smooth = np.asarray(coarse.resize((size, size), Image.Resampling.BICUBIC))
    return np.clip(smooth, 0, 1)


def _scatter_leaves(
    canvas: np.ndarray, rng: np.random.Generator, lightness: float
) -> None:
    size = len(canvas)
    for _ in range(rng.integers(5, 11)):
        leaf = Petal(
            shape="leaf",
            angle=rng.uniform(0, 2 * np.pi),
            length=rng.uniform(0.3, 0.6),
            half_width=rng.uniform(0.06, 0.14),
            rgb=lightness * rng.uniform(0.5, 1.25) * np.array(palette.LEAF, np.float32),
            light=rng.uniform(0, 2 * np.pi),
        )
        paint(canvas, leaf, rng.uniform(0, size, 2), size * np.eye(2))


def _blur(canvas: np.ndarray, radius: float) -> np.ndarray:
    picture = Image.fromarray((np.clip(canvas, 0, 1) * 255).astype(np.uint8))
    blurred = picture.filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(blurred, np.float32) / 255

"""Draws a flower from its attributes."""

import numpy as np
from PIL import Image

from data_prep.rendered_flowers import palette
from data_prep.rendered_flowers.attributes import FlowerAttributes
from data_prep.rendered_flowers.backgrounds import background
from data_prep.rendered_flowers.petals import Petal, paint

SIZE = 76  # pixels; training crops 64 of them
_OVERSAMPLING = 2
# Half width of a petal, relative to that at which neighbours just touch.
_FULLNESS = {"round": 1.22, "pointed": 1.02, "narrow": 0.62, "notched": 1.18}
_WIDEST = {"round": 0.50, "pointed": 0.40, "narrow": 0.20, "notched": 0.50}
_CENTER_RADIUS = {"small": 0.15, "large": 0.25}


def render(attributes: FlowerAttributes, size: int = SIZE) -> np.ndarray:
    """Returns the image of a flower, uint8 [size, size, 3].

    The same attributes give the same bytes. Edges are smooth: the image is drawn
    at twice its size with soft outlines and then reduced.
    """
    rng = np.random.default_rng(attributes.noise_seed)
    large = size * _OVERSAMPLING
    canvas = _enlarge(background(attributes.background, size, rng), large)
    center = large * np.array([attributes.center_x, attributes.center_y])
    plane = large * attributes.radius * _foreshortening(attributes)
    _ground_shadow(canvas, center, large * attributes.radius, attributes.background)
    light = rng.uniform(0, 2 * np.pi)
    _paint_stem(canvas, center, large * attributes.radius, rng)
    if attributes.leaves:
        _paint_leaves(canvas, center, large * attributes.radius, light, rng)
    for petal in _corolla(attributes, light, rng):
        paint(canvas, petal, center, plane)
    _paint_center(canvas, attributes, center, plane, rng)
    return _develop(canvas, attributes, size, rng)


def _foreshortening(attributes: FlowerAttributes) -> np.ndarray:
    """Returns the [2, 2] map that tilts a unit disc away from the viewer."""
    c, s = np.cos(attributes.tilt_direction), np.sin(attributes.tilt_direction)
    turn = np.array([[c, -s], [s, c]])
    return turn @ np.diag([1, np.cos(attributes.tilt)]) @ turn.T


def _enlarge(picture: np.ndarray, size: int) -> np.ndarray:
    """Resizes float32 [H, W, 3] smoothly to [size, size, 3]."""
    channels = [
        Image.fromarray(np.ascontiguousarray(picture[..., i])).resize(
            (size, size), Image.Resampling.BILINEAR
        )
        for i in range(3)
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=-1)


def _grid(size: int, center: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns x [1, size] and y [size, 1] in pixels from `center`."""
    along = np.arange(size, dtype=np.float32) + 0.5
    return (
        (along - center[0]).astype(np.float32)[None],
        (along - center[1]).astype(np.float32)[:, None],
    )


def _ground_shadow(
    canvas: np.ndarray, center: np.ndarray, radius: float, kind: str
) -> None:
    """Darkens the ground around the flower, so that it stands out."""
    x, y = _grid(len(canvas), center + 0.12 * radius)
    strength = 0.18 if kind == "sky" else 0.42
    canvas *= (1 - strength * np.exp(-(x * x + y * y) / (1.1 * radius) ** 2))[..., None]


def _paint_stem(
    canvas: np.ndarray, center: np.ndarray, radius: float, rng: np.random.Generator
) -> None:
    x, y = _grid(len(canvas), center)
    bend = rng.uniform(-0.5, 0.5) / radius
    lean = rng.uniform(-0.25, 0.25)
    away = x - lean * y - bend * y * y / 4
    half_width = rng.uniform(0.035, 0.055) * radius
    alpha = np.clip(half_width - np.abs(away) + 0.5, 0, 1) * (y > 0)
    shade = 0.9 + 0.35 * np.clip(away / half_width, -1, 1)
    rgb = np.array(palette.STEM, np.float32) * shade[..., None]
    canvas += alpha[..., None] * (rgb - canvas)


def _paint_leaves(
    canvas: np.ndarray,
    center: np.ndarray,
    radius: float,
    light: float,
    rng: np.random.Generator,
) -> None:
    for _ in range(rng.integers(2, 5)):
        leaf = Petal(
            shape="leaf",
            angle=rng.uniform(0, 2 * np.pi),
            length=rng.uniform(1.05, 1.4),
            half_width=rng.uniform(0.17, 0.28),
            rgb=rng.uniform(0.75, 1.15) * np.array(palette.LEAF, np.float32),
            light=light,
        )
        paint(canvas, leaf, center, radius * np.eye(2))


def _corolla(
    attributes: FlowerAttributes, light: float, rng: np.random.Generator
) -> list[Petal]:
    """Returns the petals, the lowest first."""
    count, shape = attributes.petal_count, attributes.petal_shape
    touching = 0.6 * np.tan(np.pi / count)
    half_width = min(_FULLNESS[shape] * touching, _WIDEST[shape])
    rgb = palette.petal_rgb(
        attributes.petal_color,
        attributes.hue_shift,
        attributes.saturation_shift,
        attributes.value_shift,
    )
    layers = [(1.0, 0.0, 0.92), (0.66, 0.5, 1.04)]  # length, turn, brightness
    if attributes.arrangement == "single":
        layers = [(1.0, 0.0, 1.0)]
    ruffle = rng.uniform(0, 0.05)
    petals = []
    for length, turn, brightness in layers:
        for k in rng.permutation(count):
            turned = (k + turn + rng.uniform(-0.06, 0.06)) * 2 * np.pi / count
            petals.append(
                Petal(
                    shape=shape,
                    angle=attributes.rotation + turned,
                    length=length * rng.uniform(0.94, 1.0),
                    half_width=half_width * length * rng.uniform(0.94, 1.06),
                    rgb=rgb * np.float32(brightness * rng.uniform(0.96, 1.03)),
                    light=light,
                    ruffle=ruffle,
                    phase=rng.uniform(0, 2 * np.pi),
                )
            )
    return petals


def _paint_center(
    canvas: np.ndarray,
    attributes: FlowerAttributes,
    center: np.ndarray,
    plane: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """Paints the disc, its grain, and the stamens around it."""
    radius = _CENTER_RADIUS[attributes.center_size] * rng.uniform(0.92, 1.08)
    rgb = np.array(palette.CENTERS[attributes.center_color], np.float32)
    if attributes.stamens:
        tip_rgb = np.array(palette.STAMENS[attributes.center_color], np.float32)
        _paint_stamens(canvas, tip_rgb, center, plane, radius, rng)
    _paint_ball(canvas, center, plane * radius, rgb, shadow=0.4)
    # Florets in a sunflower's spiral give the disc its grain.
    for k in range(1, 26):
        angle, distance = 2.39996 * k, 0.86 * np.sqrt(k / 26)
        where = center + plane @ (
            radius * distance * np.array([np.cos(angle), np.sin(angle)])
        )
        tone = rgb * np.float32(rng.uniform(0.78, 1.22)) + np.float32(0.02)
        _paint_ball(canvas, where, plane * radius * 0.16, tone)


def _paint_stamens(
    canvas: np.ndarray,
    tip_rgb: np.ndarray,
    center: np.ndarray,
    plane: np.ndarray,
    radius: float,
    rng: np.random.Generator,
) -> None:
    """Paints threads that end in balls, around a disc of `radius`."""
    filament = np.array([0.93, 0.90, 0.72], np.float32)
    count = int(rng.integers(7, 12))
    for k in range(count):
        angle = (k + rng.uniform(-0.25, 0.25)) * 2 * np.pi / count
        length = radius + rng.uniform(0.16, 0.24)
        thread = Petal("narrow", angle, length, 0.022, filament, shadow=0.15)
        paint(canvas, thread, center, plane)
        direction = np.array([np.cos(angle), np.sin(angle)])
        where = center + plane @ (length * direction)
        _paint_ball(canvas, where, plane * 0.045, tip_rgb, shadow=0.2)


def _paint_ball(
    canvas: np.ndarray,
    center: np.ndarray,
    shape: np.ndarray,
    rgb: np.ndarray,
    shadow: float = 0.0,
) -> None:
    """Paints a shaded ball; `shape` [2, 2] maps the unit disc to pixels."""
    reach = np.abs(shape).sum(axis=1) * 1.4 + 2
    left, top = np.maximum(np.floor(center - reach), 0).astype(int)
    right, bottom = np.ceil(center + reach).astype(int)
    patch = canvas[top:bottom, left:right]
    x = np.arange(left, left + patch.shape[1], dtype=np.float32) + 0.5
    y = np.arange(top, top + patch.shape[0], dtype=np.float32)[:, None] + 0.5
    x, y = (x - center[0]).astype(np.float32), (y - center[1]).astype(np.float32)
    inverse = np.linalg.inv(shape).astype(np.float32)
    u, v = inverse[0, 0] * x + inverse[0, 1] * y, inverse[1, 0] * x + inverse[1, 1] * y
    distance = np.hypot(u, v)
    if shadow:
        patch *= (1 - shadow * np.clip((1.4 - distance) / 0.4, 0, 1))[..., None]
    pixels = float(np.sqrt(abs(np.linalg.det(shape))))
    alpha = np.clip((1 - distance) * pixels / 1.4 + 0.5, 0, 1)[..., None]
    shade = (1.06 - 0.28 * distance**2 - 0.10 * (u + v))[..., None]
    patch += alpha * (np.clip(rgb * shade, 0, 1) - patch)


def _develop(
    canvas: np.ndarray,
    attributes: FlowerAttributes,
    size: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Reduces the canvas and applies the light and the grain of a camera."""
    small = canvas.reshape(size, _OVERSAMPLING, size, _OVERSAMPLING, 3).mean(
        axis=(1, 3)
    )
    light = attributes.brightness * (1 + attributes.warmth * np.array([1, 0, -1]))
    grain = rng.normal(0, 0.008, (size, size, 1))
    return (np.clip(small * light + grain, 0, 1) * 255 + 0.5).astype(np.uint8)

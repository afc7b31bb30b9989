"""Pictures along paths between two captions and between two noises (Sec. 5.4, Fig. 8).

In go a trained run, captions and seeds; out come rows of pictures whose ends are those
that `TextToImage.generate` makes.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from tqdm import tqdm

from foundation.errors import InputError
from text_to_image.generation.text_to_image import TextToImage

# The sine of an angle below which two directions span no plane in float32.
_PARALLEL = 1e-6


def linear(a: np.ndarray, b: np.ndarray, steps: int) -> np.ndarray:
    """Returns points (1 - share) a + share b at equal shares from 0 to 1.

    Args:
        a: float32 `[D]`, the first point.
        b: float32 `[D]`, the last point.
        steps: points, both ends included, at least 2.

    Returns:
        float32 `[steps, D]`; the ends are `a` and `b` to the bit.

    Raises:
        InputError: fewer than 2 steps.
    """
    share = _shares(steps)
    return (_column(1.0 - share) * a + _column(share) * b).astype(np.float32)


def spherical(a: np.ndarray, b: np.ndarray, steps: int) -> np.ndarray:
    """Returns points that turn from `a` to `b` by equal angles.

    Half way between two draws of N(0, I) the straight line passes the origin at 0.7 of
    the distance that such draws have. Here the norm goes linearly from that of `a` to
    that of `b`. Where the arc is not unique (opposite directions, a vector of zeros),
    or is the line itself (same direction), the points are those of `linear`.

    Arguments, result and errors are those of `linear`.
    """
    norm_a, norm_b = np.linalg.norm(np.float64(a)), np.linalg.norm(np.float64(b))
    if not norm_a or not norm_b:
        return linear(a, b, steps)
    unit_a, unit_b = a / norm_a, b / norm_b
    # The arc cosine would lose half of the digits of a small angle.
    angle = 2.0 * np.arctan2(
        np.linalg.norm(unit_a - unit_b), np.linalg.norm(unit_a + unit_b)
    )
    if np.sin(angle) < _PARALLEL:
        return linear(a, b, steps)
    share = _shares(steps)
    weight_a, weight_b = np.sin((1.0 - share) * angle), np.sin(share * angle)
    directions = _column(weight_a) * unit_a + _column(weight_b) * unit_b
    norms = (1.0 - share) * norm_a + share * norm_b
    path = (_column(norms) * directions / np.sin(angle)).astype(np.float32)
    path[0], path[-1] = a, b  # rounding would leave them an ulp beside
    return path


NOISE_PATHS: dict[str, Callable[[np.ndarray, np.ndarray, int], np.ndarray]] = {
    "linear": linear,
    "spherical": spherical,
}


def interpolate_captions(
    model: TextToImage, first: str, last: str, seeds: Sequence[int], steps: int
) -> np.ndarray:
    """Makes pictures from one caption to another, each row at one noise z.

    The vectors phi(t) are interpolated before their projection, as GAN-INT trains G to
    (Eq. 5).

    Args:
        model: a trained run.
        first: the caption of the first picture of each row.
        last: the caption of the last one.
        seeds: whole numbers from 0; each names the noise of a row.
        steps: pictures in a row, at least 2.

    Returns:
        uint8 `[seeds, steps, 64, 64, 3]`.

    Raises:
        InputError: a caption without words, or fewer than 2 steps.
    """
    first_text, last_text = model.embed([first, last])
    texts = linear(first_text, last_text, steps)
    return _paint_rows(
        model, [(np.tile(z, (steps, 1)), texts) for z in model.noise(seeds)]
    )


def interpolate_noise(
    model: TextToImage,
    captions: Sequence[str],
    first_seed: int,
    last_seed: int,
    steps: int,
    path: str = "linear",
) -> np.ndarray:
    """Makes pictures from one noise to another, each row of one caption.

    Args:
        model: a trained run.
        captions: one for each row; none for a run that reads no captions, which makes
            one row.
        first_seed: names the noise of the first picture of each row.
        last_seed: names that of the last one.
        steps: pictures in a row, at least 2.
        path: of the noise, a key of `NOISE_PATHS`.

    Returns:
        uint8 `[captions, steps, 64, 64, 3]`.

    Raises:
        InputError: a caption without words, or fewer than 2 steps.
    """
    first_z, last_z = model.noise([first_seed, last_seed])
    z = NOISE_PATHS[path](first_z, last_z, steps)
    texts = model.embed(captions) if captions else model.no_text(1)
    return _paint_rows(model, [(z, np.tile(text, (steps, 1))) for text in texts])


def interpolate_both(
    model: TextToImage,
    first: str,
    last: str,
    first_seed: int,
    last_seed: int,
    steps: int,
    path: str = "linear",
) -> np.ndarray:
    """Makes pictures along both paths: noises go down, captions across.

    Args:
        model: a trained run.
        first: the caption of the first column.
        last: the caption of the last column.
        first_seed: names the noise of the first row.
        last_seed: names that of the last row.
        steps: rows, and columns, at least 2.
        path: of the noise, a key of `NOISE_PATHS`.

    Returns:
        uint8 `[steps, steps, 64, 64, 3]`.

    Raises:
        InputError: a caption without words, or fewer than 2 steps.
    """
    first_z, last_z = model.noise([first_seed, last_seed])
    noises = NOISE_PATHS[path](first_z, last_z, steps)
    first_text, last_text = model.embed([first, last])
    texts = linear(first_text, last_text, steps)
    return _paint_rows(model, [(np.tile(z, (steps, 1)), texts) for z in noises])


def _paint_rows(
    model: TextToImage, rows: Iterable[tuple[np.ndarray, np.ndarray]]
) -> np.ndarray:
    """Paints rows of noises `[steps, Z]` and texts `[steps, D]`."""
    return np.stack(
        [model.paint(z, texts) for z, texts in tqdm(rows, unit="row", disable=None)]
    )


def _shares(steps: int) -> np.ndarray:
    if steps < 2:
        raise InputError(f"--steps={steps}: expected at least 2, the ends of the path")
    return np.linspace(0.0, 1.0, steps)


def _column(values: np.ndarray) -> np.ndarray:
    return values[:, None]

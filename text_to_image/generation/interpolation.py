"""Images along paths between two captions and between two noises (Sec. 5.4, Fig. 8).

In go a trained run, captions and seeds; out come rows of images whose ends are those
that `TextToImage.generate` makes.
"""

import dataclasses
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
    path[0], path[-1] = a, b  # rounding would leave them an ulp off
    return path


NOISE_PATHS: dict[str, Callable[[np.ndarray, np.ndarray, int], np.ndarray]] = {
    "linear": linear,
    "spherical": spherical,
}


@dataclasses.dataclass(frozen=True)
class Interpolation:
    """Where images are generated along: captions, noises, or both.

    Attributes:
        captions: the first and the last, or, where captions do not change, one for
            each row; none for a run that reads no captions, which gives one row.
        seeds: the first and the last, or, where noises do not change, one for each row.
        steps: images in a row, both ends included.
        changes_caption: along the rows. The vectors phi(t) are interpolated before
            their projection, as GAN-INT trains G to (Eq. 5).
        changes_noise: along the rows; down the columns where captions change, too.
        noise_path: a key of `NOISE_PATHS`.

    Raises:
        InputError: fewer than 2 steps, or not two ends of what changes.
    """

    captions: Sequence[str]
    seeds: Sequence[int]
    steps: int
    changes_caption: bool = False
    changes_noise: bool = False
    noise_path: str = "linear"

    def __post_init__(self) -> None:
        if self.steps < 2:
            raise InputError(
                f"--steps={self.steps}: expected at least 2, the ends of the path"
            )
        for changes, ends in (
            (self.changes_caption, self.captions),
            (self.changes_noise, self.seeds),
        ):
            if changes and len(ends) != 2:
                raise InputError(f"path along {list(ends)}: expected two ends")


def interpolate(model: TextToImage, path: Interpolation) -> np.ndarray:
    """Generates images along a path.

    Args:
        model: a trained run.
        path: where along.

    Returns:
        uint8 `[rows, steps, 64, 64, 3]`: a row for each seed where captions change, for
        each caption where noises change, for each noise where both do.

    Raises:
        InputError: a caption without words.
    """
    texts = model.embed(path.captions) if path.captions else model.no_text(1)  # [C, D]
    noises = model.noise(path.seeds)  # [S, Z]
    if path.changes_noise:
        noises = NOISE_PATHS[path.noise_path](
            noises[0], noises[1], path.steps
        )  # [steps, Z]
    if path.changes_caption:
        texts = linear(texts[0], texts[1], path.steps)  # [steps, D]
        rows = [(np.tile(z, (path.steps, 1)), texts) for z in noises]
    else:
        rows = [(noises, np.tile(text, (path.steps, 1))) for text in texts]
    return _generate_rows(model, rows)


def _generate_rows(
    model: TextToImage, rows: Iterable[tuple[np.ndarray, np.ndarray]]
) -> np.ndarray:
    """Generates rows of noises `[steps, Z]` and texts `[steps, D]`."""
    return np.stack(
        [
            model.generate_from(z, texts)
            for z, texts in tqdm(rows, unit="row", disable=None)
        ]
    )


def _shares(steps: int) -> np.ndarray:
    if steps < 2:
        raise InputError(f"--steps={steps}: expected at least 2, the ends of the path")
    return np.linspace(0.0, 1.0, steps)


def _column(values: np.ndarray) -> np.ndarray:
    return values[:, None]

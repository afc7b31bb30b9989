"""Writes interpolations: a PNG of each step, `interpolation.png`, `interpolation.gif`.

Each function returns how many pictures there are.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from text_to_image.generation.files import FOLDED_COLUMNS, file_stem, save
from text_to_image.generation.interpolation import (
    interpolate_both,
    interpolate_captions,
    interpolate_noise,
)
from text_to_image.generation.text_to_image import TextToImage
from text_to_image.pictures.animation import write_gif
from text_to_image.pictures.grid import draw_grid, fold, mosaic


def write_captions_path(
    model: TextToImage,
    first: str,
    last: str,
    seeds: Sequence[int],
    steps: int,
    outdir: Path,
) -> int:
    """Writes a row for each seed, as `interpolate_captions` makes it."""
    images = interpolate_captions(model, first, last, seeds, steps)
    _write_steps(images, [f"seed{seed:04d}" for seed in seeds], outdir)
    legend = _legend_of_captions(first, last)
    _write_grid(images, [f"seed {seed}" for seed in seeds], legend, outdir)
    _write_rows_as_gif(images, outdir)
    return len(seeds) * steps


def write_noise_path(
    model: TextToImage,
    captions: Sequence[str],
    first_seed: int,
    last_seed: int,
    steps: int,
    path: str,
    outdir: Path,
) -> int:
    """Writes a row for each caption, as `interpolate_noise` makes it."""
    images = interpolate_noise(model, captions, first_seed, last_seed, steps, path)
    stems = [file_stem(index, caption) for index, caption in enumerate(captions)]
    _write_steps(images, stems or ["noise"], outdir)
    legend = [f"left: seed {first_seed}; right: seed {last_seed}; {path} path"]
    _write_grid(images, captions or [""], legend, outdir)
    _write_rows_as_gif(images, outdir)
    return len(images) * steps


def write_both_paths(
    model: TextToImage,
    first: str,
    last: str,
    first_seed: int,
    last_seed: int,
    steps: int,
    path: str,
    outdir: Path,
) -> int:
    """Writes the grid of `interpolate_both`; the GIF follows its diagonal."""
    images = interpolate_both(model, first, last, first_seed, last_seed, steps, path)
    _write_steps(images, [f"noise{row:02d}" for row in range(steps)], outdir)
    legend = [
        *_legend_of_captions(first, last),
        f"top: seed {first_seed}; bottom: seed {last_seed}; {path} path",
    ]
    _write_grid(images, [""] * steps, legend, outdir)
    write_gif(images[range(steps), range(steps)], outdir / "interpolation.gif")
    return steps * steps


def _legend_of_captions(first: str, last: str) -> list[str]:
    return [f"left: {first}", f"right: {last}"]


def _write_steps(images: np.ndarray, stems: Sequence[str], outdir: Path) -> None:
    for stem, row in zip(stems, images, strict=True):
        for step, image in enumerate(row):
            save(Image.fromarray(image), outdir / f"{stem}_step{step:02d}.png")


def _write_grid(
    images: np.ndarray, captions: Sequence[str], legend: Sequence[str], outdir: Path
) -> None:
    save(draw_grid(images, captions, legend), outdir / "interpolation.png")


def _write_rows_as_gif(images: np.ndarray, outdir: Path) -> None:
    """Writes all rows beside each other, moving together."""
    frames = [
        mosaic(fold(images[:, step], FOLDED_COLUMNS)) for step in range(images.shape[1])
    ]
    write_gif(np.stack(frames), outdir / "interpolation.gif")

"""Writes interpolations: a PNG of each step, a grid, and a GIF."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from text_to_image.generation.files import FOLDED_COLUMNS, file_stem, save
from text_to_image.generation.interpolation import Interpolation, interpolate
from text_to_image.generation.text_to_image import TextToImage
from text_to_image.pictures.animation import write_gif
from text_to_image.pictures.grid import draw_grid, fold, mosaic


def write_interpolation(model: TextToImage, path: Interpolation, outdir: Path) -> int:
    """Writes the images along a path; returns how many there are.

    The GIF shows all rows moving together, or the diagonal where captions and noises
    change.
    """
    images = interpolate(model, path)
    legend, labels, stems = [], [""] * len(images), []
    if path.changes_caption:
        legend += [f"left: {path.captions[0]}", f"right: {path.captions[1]}"]
        labels = [f"seed {seed}" for seed in path.seeds]
        stems = [f"seed{seed:04d}" for seed in path.seeds]
    if path.changes_noise and path.changes_caption:
        first, last = path.seeds
        legend.append(f"top: seed {first}; bottom: seed {last}; {path.noise_path} path")
        labels = [""] * path.steps
        stems = [f"noise{row:02d}" for row in range(path.steps)]
    elif path.changes_noise:
        first, last = path.seeds
        legend.append(f"left: seed {first}; right: seed {last}; {path.noise_path} path")
        labels = list(path.captions) or [""]
        stems = [file_stem(i, caption) for i, caption in enumerate(path.captions)]
    _write_steps(images, stems or ["noise"], outdir)
    save(draw_grid(images, labels, legend), outdir / "interpolation.png")
    if path.changes_noise and path.changes_caption:
        frames = images[range(path.steps), range(path.steps)]
    else:
        frames = np.stack(
            [mosaic(fold(images[:, i], FOLDED_COLUMNS)) for i in range(path.steps)]
        )
    write_gif(frames, outdir / "interpolation.gif")
    return len(images) * path.steps


def _write_steps(images: np.ndarray, stems: Sequence[str], outdir: Path) -> None:
    for stem, row in zip(stems, images, strict=True):
        for step, image in enumerate(row):
            save(Image.fromarray(image), outdir / f"{stem}_step{step:02d}.png")

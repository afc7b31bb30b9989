"""An image of a cache, for people who would rather look."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from data_prep.examples import read_caption_offsets, read_captions
from foundation.font import drawable, load_font

_COLUMNS, _SCALE = 8, 2  # images a split, their magnification
_TITLE, _TEXT = 20, 52  # pixels for the name of a split, for a caption


def draw_preview(cache_dir: Path, splits: Sequence[str]) -> None:
    """Writes `preview.png`: a row of images a split, each with its first caption."""
    rows = [_chosen(cache_dir / split) for split in splits]
    side = len(rows[0][0][0]) * _SCALE
    height = _TITLE + side + _TEXT
    sheet = Image.new("RGB", (_COLUMNS * side, len(rows) * height), "white")
    draw, font = ImageDraw.Draw(sheet), load_font(10)
    for i, (split, row) in enumerate(zip(splits, rows, strict=True)):
        top = i * height + _TITLE
        draw.text((3, top - _TITLE + 3), split, fill="black", font=font)
        for j, (image, caption) in enumerate(row):
            picture = Image.fromarray(image).resize((side, side))
            sheet.paste(picture, (j * side, top))
            lines = textwrap.wrap(drawable(caption), 25, max_lines=3, placeholder=" …")
            below = (j * side + 3, top + side + 3)
            draw.multiline_text(below, "\n".join(lines), fill="black", font=font)
    sheet.save(cache_dir / "preview.png")


def _chosen(folder: Path) -> list[tuple[np.ndarray, str]]:
    """Returns images spread over a split, each with its first caption."""
    images = np.load(folder / "images.npy", mmap_mode="r", allow_pickle=False)
    captions, offsets = read_captions(folder), read_caption_offsets(folder)
    chosen = np.unique(np.linspace(0, len(images) - 1, _COLUMNS).astype(int))
    return [(images[i], captions[offsets[i]]) for i in chosen]

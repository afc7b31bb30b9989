"""A picture of a cache, for people who would rather look."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_COLUMNS, _SCALE, _TEXT = 8, 2, 52  # images a split, their magnification, text pixels


def draw_preview(cache_dir: Path, splits: Sequence[str]) -> None:
    """Writes `preview.png`: a row of images a split, each with its first caption."""
    from data_prep.cache import read_captions

    rows = []
    for split in splits:
        folder = cache_dir / split
        images = np.load(folder / "images.npy", mmap_mode="r", allow_pickle=False)
        offsets = np.load(folder / "caption_offsets.npy", allow_pickle=False)
        captions = read_captions(folder)
        chosen = np.linspace(0, len(images) - 1, _COLUMNS).astype(int)
        rows.append([(images[i], captions[offsets[i]]) for i in chosen])
    side = images.shape[1] * _SCALE
    sheet = Image.new("RGB", (_COLUMNS * side, len(rows) * (side + _TEXT)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(11)
    for i, row in enumerate(rows):
        for j, (image, caption) in enumerate(row):
            corner = (j * side, i * (side + _TEXT))
            sheet.paste(Image.fromarray(image).resize((side, side)), corner)
            lines = textwrap.wrap(caption, 27, max_lines=3, placeholder=" …")
            below = (corner[0] + 3, corner[1] + side + 3)
            draw.multiline_text(below, "\n".join(lines), fill="black", font=font)
    sheet.save(cache_dir / "preview.png")

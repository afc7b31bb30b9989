"""Grids of pictures with their captions drawn under the rows."""

import textwrap
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_SCALE = 2  # pictures of 64 pixels are small on today's screens
_MARGIN = 8
_FONT_SIZE = 15

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def draw_grid(images: np.ndarray, captions: Sequence[str]) -> Image.Image:
    """Draws rows of pictures, each above its caption.

    Args:
        images: uint8 `[rows, columns, H, W, 3]`.
        captions: one for each row.

    Returns:
        The grid, at twice the size of the pictures.
    """
    rows, columns, height, width, _ = images.shape
    tile_height, tile_width = height * _SCALE, width * _SCALE
    font = ImageFont.load_default(_FONT_SIZE)
    line_height = _FONT_SIZE + 4
    total_width = columns * tile_width + 2 * _MARGIN
    wrapped = [_wrap(caption, font, total_width - 2 * _MARGIN) for caption in captions]
    row_heights = [
        tile_height + line_height * len(lines) + 2 * _MARGIN for lines in wrapped
    ]
    grid = Image.new("RGB", (total_width, sum(row_heights) + _MARGIN), "white")
    draw = ImageDraw.Draw(grid)
    top = _MARGIN
    for row in range(rows):
        strip = images[row].transpose(1, 0, 2, 3).reshape(height, columns * width, 3)
        picture = Image.fromarray(strip).resize(
            (columns * tile_width, tile_height), Image.Resampling.BICUBIC
        )
        grid.paste(picture, (_MARGIN, top))
        for i, line in enumerate(wrapped[row]):
            baseline = top + tile_height + 2 + i * line_height
            draw.text((_MARGIN, baseline), line, fill="black", font=font)
        top += row_heights[row]
    return grid


def _wrap(caption: str, font: Font, width: int) -> list[str]:
    """Breaks a caption into at most two lines of a width in pixels."""
    printable = "".join(c if c.isprintable() else " " for c in caption)
    characters = max(8, int(width / font.getlength("n")))
    return textwrap.wrap(
        printable, characters, max_lines=2, placeholder=" …", break_long_words=True
    )

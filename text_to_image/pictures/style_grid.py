"""The grid of a style transfer: styles down, captions across (Fig. 6)."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from foundation.font import load_font
from text_to_image.pictures.grid import (
    FONT_SIZE,
    LINE_HEIGHT,
    MARGIN,
    SCALE,
    draw_lines,
    draw_row,
    wrap,
)

_MAX_LINES = 8  # of a caption; a column has room for about 15 letters a line


def draw_style_grid(
    style_images: np.ndarray,
    images: np.ndarray,
    captions: Sequence[str],
    max_lines: int | None = _MAX_LINES,
) -> Image.Image:
    """Draws a row for each style: its photograph, then its images.

    Args:
        style_images: uint8 `[styles, H, W, 3]`, the first column.
        images: uint8 `[styles, captions, H, W, 3]`.
        captions: one for each other column, written above it.
        max_lines: of a caption, after which it is shortened; None: all lines.

    Returns:
        The grid, at twice the size of the images.
    """
    styles, columns, height, width, _ = images.shape
    tile_height, tile_width = height * SCALE, width * SCALE
    font = load_font(FONT_SIZE)
    headings = [wrap("style", font, tile_width)] + [
        wrap(caption, font, tile_width, max_lines) for caption in captions
    ]
    top = MARGIN + LINE_HEIGHT * max(map(len, headings)) + MARGIN
    # A gap sets the photographs apart from the images, and column from column.
    pitch = tile_width + MARGIN
    grid = Image.new(
        "RGB",
        (MARGIN + (1 + columns) * pitch, top + styles * (tile_height + MARGIN)),
        "white",
    )
    draw = ImageDraw.Draw(grid)
    for column, lines in enumerate(headings):
        # The last line stands just above the images.
        first_line = top - MARGIN - LINE_HEIGHT * len(lines)
        draw_lines(draw, lines, (MARGIN + column * pitch, first_line), font)
    for row in range(styles):
        pictures = [style_images[row], *images[row]]
        for column, picture in enumerate(pictures):
            corner = (MARGIN + column * pitch, top + row * (tile_height + MARGIN))
            grid.paste(draw_row(picture[None]), corner)
    return grid

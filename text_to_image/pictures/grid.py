"""Grids of images with their captions drawn under the rows."""

import textwrap
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from foundation.font import drawable, load_font

SCALE = 2  # images of 64 pixels are small on today's screens
MARGIN = 8
FONT_SIZE = 14
LINE_HEIGHT = 19


def draw_grid(
    images: np.ndarray,
    captions: Sequence[str],
    legend: Sequence[str] = (),
    headings: Sequence[str] = (),
    notes: Sequence[Sequence[str]] = (),
) -> Image.Image:
    """Draws rows of images, each above its caption, and a legend below them all.

    Args:
        images: uint8 `[rows, columns, H, W, 3]`.
        captions: one for each row, shortened to two lines; "" takes no room.
        legend: paragraphs, drawn whole.
        headings: one for each column, shortened to its width; none take no room.
        notes: paragraphs for each row, drawn whole below its caption; or none at all.

    Returns:
        The grid, at twice the size of the images.
    """
    rows, columns, height, width, _ = images.shape
    font = load_font(FONT_SIZE)
    text_width = columns * width * SCALE
    wrapped = [wrap(caption, font, text_width, max_lines=2) for caption in captions]
    for lines, note in zip(wrapped, notes, strict=False):
        lines.extend(_wrap_all(note, font, text_width))
    below = _wrap_all(legend, font, text_width)
    row_heights = [
        height * SCALE + LINE_HEIGHT * len(lines) + 2 * MARGIN for lines in wrapped
    ]
    top = MARGIN + (LINE_HEIGHT if headings else 0)
    total = top + sum(row_heights) + LINE_HEIGHT * len(below)
    grid = Image.new("RGB", (text_width + 2 * MARGIN, total), "white")
    draw = ImageDraw.Draw(grid)
    for column, heading in enumerate(headings):
        line = wrap(heading, font, width * SCALE, max_lines=1)
        draw_lines(draw, line, (MARGIN + column * width * SCALE, MARGIN), font)
    for row in range(rows):
        grid.paste(draw_row(images[row]), (MARGIN, top))
        draw_lines(draw, wrapped[row], (MARGIN, top + height * SCALE + 2), font)
        top += row_heights[row]
    draw_lines(draw, below, (MARGIN, top), font)
    return grid


def draw_row(images: np.ndarray) -> Image.Image:
    """Returns images uint8 `[columns, H, W, 3]` side by side, at twice their size."""
    columns, height, width, _ = images.shape
    return Image.fromarray(mosaic(images[None])).resize(
        (columns * width * SCALE, height * SCALE), Image.Resampling.BICUBIC
    )


def draw_lines(
    draw: ImageDraw.ImageDraw,
    lines: Sequence[str],
    corner: tuple[int, int],
    font: ImageFont.FreeTypeFont,
) -> None:
    """Draws lines of text down from their upper left corner (x, y) in pixels."""
    left, top = corner
    for i, line in enumerate(lines):
        draw.text((left, top + i * LINE_HEIGHT), line, fill="black", font=font)


def wrap(
    caption: str, font: ImageFont.FreeTypeFont, width: int, max_lines: int | None = None
) -> list[str]:
    r"""Breaks a caption into lines of at most a width in pixels.

    Args:
        caption: any text; what cannot be printed becomes a space, and a character
            that the font lacks its code, as `\u4e2d`.
        font: that it will be drawn in.
        width: in pixels.
        max_lines: after which the rest becomes "…"; None: all lines.

    Returns:
        The lines, none of a blank caption.
    """
    printable = drawable(caption)
    # A guess from the width of a usual letter; of wide ones fewer have room.
    for characters in range(max(1, int(width / font.getlength("n"))), 0, -1):
        lines = textwrap.wrap(
            printable, characters, max_lines=max_lines, placeholder=" …"
        )
        if all(font.getlength(line) <= width for line in lines):
            break
    return lines


def _wrap_all(
    texts: Sequence[str], font: ImageFont.FreeTypeFont, width: int
) -> list[str]:
    return [line for text in texts for line in wrap(text, font, width)]


def fold(images: np.ndarray, columns: int) -> np.ndarray:
    """Arranges images in rows; the last row is filled up with white ones.

    Args:
        images: uint8 `[N, H, W, 3]`.
        columns: images in a row; fewer where there are fewer.

    Returns:
        uint8 `[rows, columns, H, W, 3]`.
    """
    columns = min(columns, len(images))
    missing = -len(images) % columns
    padding = ((0, missing), (0, 0), (0, 0), (0, 0))
    filled = np.pad(images, padding, constant_values=255)
    return filled.reshape(-1, columns, *images.shape[1:])


def mosaic(images: np.ndarray) -> np.ndarray:
    """Returns uint8 `[rows, columns, H, W, 3]` as one `[rows H, columns W, 3]`."""
    rows, columns, height, width, _ = images.shape
    return images.swapaxes(1, 2).reshape(rows * height, columns * width, 3)

"""The grid of styles and captions."""

import numpy as np

from foundation.font import load_font
from text_to_image.pictures.grid import FONT_SIZE, wrap
from text_to_image.pictures.style_grid import draw_style_grid


def colours(count, channel):
    images = np.zeros((count, 64, 64, 3), np.uint8)
    images[..., channel] = np.linspace(100, 250, count)[:, None, None]
    return images


def test_styles_go_down_and_captions_across():
    styles = colours(2, 0)
    images = colours(6, 2).reshape(2, 3, 64, 64, 3)
    captions = ["a pink flower", "this flower has " + "very " * 12 + "long petals", "x"]
    grid = np.asarray(draw_style_grid(styles, images, captions))
    pitch = 128 + 8
    assert grid.shape[1] == 8 + 4 * pitch
    top = grid.shape[0] - 2 * pitch
    rows, columns = (top + 64, top + pitch + 64), [8 + 64 + i * pitch for i in range(4)]
    for row in range(2):
        assert (grid[rows[row], columns[0]] == styles[row, 0, 0]).all()
        shown = grid[rows[row], columns[1:]]
        np.testing.assert_array_equal(shown, images[row, :, 0, 0])
    # A gap between neighbours; ink above each column, and within its width.
    assert (grid[top:, 8 + 128 : 8 + pitch] == 255).all()
    ink = (grid[:top] < 128).any(-1)
    for column in range(4):
        left = 8 + column * pitch
        assert ink[:, left : left + 128].any()
        assert not ink[:, left + 128 : left + pitch].any()
    # Captions stand on the images: the long one begins above the short ones.
    first = [ink[:, x - 64 : x + 64].any(1).argmax() for x in columns]
    assert first[2] + 2 * 19 < min(first[1], first[3])


def test_captions_are_whole_where_asked():
    images, caption = colours(1, 2)[None], "petals " * 30
    shortened = draw_style_grid(colours(1, 0), images, [caption])
    whole = draw_style_grid(colours(1, 0), images, [caption], max_lines=None)
    lines = wrap(caption, load_font(FONT_SIZE), 128)
    assert len(lines) > 8
    assert whole.height == shortened.height + 19 * (len(lines) - 8)

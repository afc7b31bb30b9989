"""The grid of images and captions."""

import numpy as np
import pytest

from foundation.errors import InputError
from foundation.font import load_font
from text_to_image.generation.captions import read_captions
from text_to_image.metrics.diversity import spread
from text_to_image.pictures.grid import FONT_SIZE, draw_grid, fold, mosaic, wrap


def test_grid_shows_every_picture_and_caption():
    images = np.zeros((2, 3, 64, 64, 3), np.uint8)
    images[0, :, ..., 0] = 250
    images[1, 2, ..., 2] = 250
    grid = np.asarray(draw_grid(images, ["a red flower", "wörter " * 60]))
    assert grid.shape[1] == 3 * 128 + 16
    np.testing.assert_array_equal(grid[70, [70, 200, 330]], [[250, 0, 0]] * 3)
    blue = (grid == [0, 0, 250]).all(-1).any(0).nonzero()[0]
    assert 8 + 2 * 128 <= blue.min() <= 8 + 2 * 128 + 4  # edges are resampled
    assert (grid[8 + 128 : 8 + 128 + 20] < 128).all(-1).any()  # the caption's ink


def test_legend_stands_below_and_whole():
    images = np.zeros((2, 2, 64, 64, 3), np.uint8)
    plain = draw_grid(images, ["", ""])
    assert plain.height == 2 * (128 + 2 * 8) + 8
    legend = ["left: " + "many " * 40, "right: a rose"]
    grid = np.asarray(draw_grid(images, ["", ""], legend))
    lines = len(wrap(legend[0], load_font(FONT_SIZE), 256)) + 1
    assert lines > 4
    assert grid.shape[0] == plain.height + 19 * lines
    ink = (grid[plain.height - 8 :] < 128).any(-1)
    for line in range(lines):
        assert ink[19 * line : 19 * (line + 1)].any()


def test_headings_stand_above_their_columns():
    images = np.zeros((1, 3, 64, 64, 3), np.uint8)
    plain = draw_grid(images, [""])
    grid = np.asarray(draw_grid(images, [""], headings=["real", "", "seed " * 20]))
    assert grid.shape == (plain.height + 19, plain.width, 3)
    np.testing.assert_array_equal(grid[8 + 19 :], np.asarray(plain)[8:])
    ink = (grid[: 8 + 19] < 128).any(-1)
    columns = [ink[:, 8 + i * 128 : 8 + (i + 1) * 128].any() for i in range(3)]
    assert columns == [True, False, True]
    assert not ink[:, -8:].any()


def test_notes_stand_whole_below_the_caption_of_their_row():
    images = np.zeros((2, 2, 64, 64, 3), np.uint8)
    plain = draw_grid(images, ["a rose", ""])
    notes = [["many " * 40, "right"], ["b"]]
    grid = np.asarray(draw_grid(images, ["a rose", ""], notes=notes))
    lines = len(wrap(notes[0][0], load_font(FONT_SIZE), 256)) + 1
    assert lines > 4
    assert grid.shape[0] == plain.height + 19 * (lines + 1)
    top = 8 + 128 + 2 + 19  # below the caption
    ink = (grid[top : top + 19 * lines] < 128).any(-1)
    assert all(ink[19 * line : 19 * (line + 1)].any() for line in range(lines))
    second = top - 2 + 19 * lines + 16
    assert (grid[second - 14 : second] == 255).all()
    assert (grid[second : second + 128, 8:-8] == 0).all()


@pytest.mark.parametrize("width", [40, 128, 500])
@pytest.mark.parametrize("text", ["WWWW MMMM " * 9, "a rose is a rose " * 9, "W" * 99])
def test_lines_have_room(text, width):
    font = load_font(FONT_SIZE)
    lines = wrap(text, font, width)
    assert max(map(font.getlength, lines)) <= width
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    two = wrap(text, font, width, max_lines=2)
    assert len(two) <= 2
    assert (two == lines) or two[-1].endswith("…")
    assert wrap(" \n", font, width) == []


def test_fold_and_mosaic():
    images = np.arange(5, dtype=np.uint8).reshape(5, 1, 1, 1) * np.ones(
        (1, 2, 3, 3), np.uint8
    )
    folded = fold(images, 2)
    assert folded.shape == (3, 2, 2, 3, 3)
    assert folded[..., 0, 0, 0].tolist() == [[0, 1], [2, 3], [4, 255]]
    assert fold(images, 8).shape == (1, 5, 2, 3, 3)
    picture = mosaic(folded)
    assert picture.shape == (6, 6, 3)
    assert picture[:, :, 0].tolist() == [
        [v] * 3 + [w] * 3 for v, w in [(0, 1), (2, 3), (4, 255)] for _ in range(2)
    ]


def test_spread_is_the_mean_over_pairs():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2, 3, 4, 4, 3)).astype(np.uint8)
    pairs = [
        np.abs(group[i].astype(float) - group[j]).mean()
        for group in images
        for i in range(3)
        for j in range(i)
    ]
    assert spread(images) == pytest.approx(np.mean(pairs))
    assert spread(np.repeat(images[:, :1], 3, 1)) == 0
    with pytest.raises(ValueError, match="1 image"):
        spread(images[:, :1])


def test_captions_file(tmp_path):
    path = tmp_path / "captions.txt"
    path.write_bytes("\ufeffa rose\r\nnaïve \U0001f33c\n\n".encode())
    assert read_captions(str(path)) == ["a rose", "naïve \U0001f33c"]
    path.write_bytes(b"a rose\n\n a lily\n")
    with pytest.raises(InputError, match="line 2 is empty"):
        read_captions(str(path))
    path.write_bytes(b"caf\xe9\n")
    with pytest.raises(InputError, match="not UTF-8"):
        read_captions(str(path))
    path.write_bytes(b"\n")
    with pytest.raises(InputError, match="empty"):
        read_captions(str(path))

"""The grid of pictures and captions."""

import numpy as np
import pytest

from skipthoughts.errors import InputError
from text_to_image.captions import read_captions
from text_to_image.grid import draw_grid
from text_to_image.metrics.diversity import spread


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
    with pytest.raises(ValueError, match="1 picture"):
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

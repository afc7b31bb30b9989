"""The GIF, as Pillow reads it back."""

import numpy as np
import pytest
from PIL import Image

from text_to_image.pictures.animation import write_gif


def read(path):
    with Image.open(path) as gif:
        frames, durations = [], []
        for i in range(gif.n_frames):
            gif.seek(i)
            frames.append(np.asarray(gif.convert("RGB")).astype(int))
            durations.append(gif.info["duration"])
        return np.stack(frames), durations, gif.info


def test_there_and_back_at_twice_the_size(tmp_path):
    # The left half stays, and has more colors than a palette.
    rng = np.random.default_rng(0)
    x, y = np.meshgrid(np.arange(32), np.arange(32))
    still = np.stack([4 * x + 90, 3 * y + 90, x + y + 60], -1)
    moving = np.broadcast_to(rng.integers(0, 256, (4, 1, 1, 3)), (4, 32, 32, 3))
    frames = np.concatenate([np.broadcast_to(still, moving.shape), moving], axis=2)
    write_gif(frames.astype(np.uint8), tmp_path / "a.gif")
    shown, durations, info = read(tmp_path / "a.gif")
    assert shown.shape == (6, 64, 128, 3)
    assert durations == [600, 100, 100, 600, 100, 100]
    assert info["loop"] == 0
    order = [0, 1, 2, 3, 2, 1]
    expected = frames[order].repeat(2, axis=1).repeat(2, axis=2)
    assert np.abs(shown - expected).mean() < 4
    assert np.abs(shown - expected).max() < 40
    # One palette: what does not change does not flicker.
    np.testing.assert_array_equal(shown[:, :, :64], shown[:1, :, :64].repeat(6, 0))
    np.testing.assert_array_equal(shown[1:3], shown[:3:-1])
    assert [path.name for path in tmp_path.iterdir()] == ["a.gif"]


def test_one_frame(tmp_path):
    write_gif(np.full((1, 8, 8, 3), 77, np.uint8), tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as gif:
        assert (gif.n_frames, gif.size) == (1, (16, 16))
        assert (np.asarray(gif.convert("RGB")) == 77).all()


def test_failure_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.gif"
    path.write_bytes(b"old")

    def fail(*arguments, **options):
        raise OSError("no space")

    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises(OSError, match="no space"):
        write_gif(np.zeros((2, 8, 8, 3), np.uint8), path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]

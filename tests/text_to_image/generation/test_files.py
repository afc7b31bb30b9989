"""What stands in the directory of images."""

import json

import numpy as np
import pytest
from PIL import Image

from foundation.errors import InputError
from text_to_image import TextToImage
from text_to_image.generation import files
from text_to_image.generation.interpolation import Interpolation, interpolate
from text_to_image.generation.interpolation_files import write_interpolation


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def names(directory):
    return {path.name for path in directory.iterdir()}


class SeedGenerator:
    """Stands in for a run that reads no captions: a grey for each seed."""

    def generate_unconditional(self, seeds):
        greys = np.array(seeds, np.uint8)[:, None, None, None]
        return np.tile(greys, (1, 64, 64, 3))


@pytest.mark.parametrize(
    ("caption", "stem"),
    [
        ("../../a red <b>flower</b>", "007_a-red-b-flower-b"),
        ("Größe: naïve ÉTÉ", "007_groe-naive-ete"),
        ("花", "007_caption"),
        ("a " * 99, "007_" + ("a-" * 24).strip("-")),
    ],
)
def test_names_of_files_are_plain(caption, stem):
    assert files.file_stem(7, caption) == stem


def test_directory_that_cannot_be(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="Choose another --outdir"):
        files.make_directory(str(tmp_path / "file" / "x"))
    made = files.make_directory(str(tmp_path / "a" / "b"))
    assert made.is_dir()


def test_unconditional_pictures_are_named_by_seed(tmp_path):
    seeds = [*range(100, 165), 7]
    assert files.write_unconditional(SeedGenerator(), seeds, tmp_path) == 66
    assert names(tmp_path) == {f"seed{s:04d}.png" for s in seeds} | {"grid.png"}
    for seed in seeds:
        np.testing.assert_array_equal(
            pixels(tmp_path / f"seed{seed:04d}.png"), np.full((64, 64, 3), seed)
        )
    grid = pixels(tmp_path / "grid.png")
    assert grid.shape[1] == 8 * 128 + 16
    row_height = 128 + 19 + 16
    assert grid.shape[0] == 9 * row_height + 8
    middles = grid[8 + 64 :: row_height, 8 + 64 : 8 * 128 + 8 : 128, 0][:9]
    expected = np.append(np.uint8(seeds), [255] * 6).reshape(9, 8)
    np.testing.assert_array_equal(middles, expected)


def test_style_transfer(tmp_path):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2, 3, 64, 64, 3)).astype(np.uint8)
    styles = rng.integers(0, 256, (2, 64, 64, 3)).astype(np.uint8)
    count = files.write_style_transfer(
        styles, ["a.jpg", "b/a.jpg"], images, ["a rose", "a lily", "a rose"], tmp_path
    )
    assert count == 6
    records = json.loads((tmp_path / "captions.json").read_text())
    assert names(tmp_path) == {r["file"] for r in records} | {
        "style_grid.png",
        "captions.json",
    }
    assert len({record["file"] for record in records}) == 6
    assert records[4] == {
        "file": "001_a-lily_style001.png",
        "caption": "a lily",
        "style_image": "b/a.jpg",
    }
    np.testing.assert_array_equal(
        pixels(tmp_path / "001_a-lily_style001.png"), images[1, 1]
    )


def test_path_between_captions(trained, tmp_path):
    model = TextToImage.load(trained)
    captions = ["a red flower", "blue petals"]
    path = Interpolation(captions, [2, 5], 3, changes_caption=True)
    count = write_interpolation(model, path, tmp_path)
    assert count == 6
    steps = {f"seed{s:04d}_step{i:02d}.png" for s in (2, 5) for i in range(3)}
    assert names(tmp_path) == steps | {"interpolation.png", "interpolation.gif"}
    last = pixels(tmp_path / "seed0005_step02.png")
    np.testing.assert_array_equal(last, model.generate(["blue petals"], [5])[0, 0])
    # Two rows with their seeds, and two lines below: the captions.
    grid = pixels(tmp_path / "interpolation.png")
    assert grid.shape == (2 * (128 + 19 + 16) + 2 * 19 + 8, 3 * 128 + 16, 3)
    with Image.open(tmp_path / "interpolation.gif") as gif:
        assert gif.size == (2 * 128, 128)


def test_path_between_noises(trained, tmp_path):
    model = TextToImage.load(trained)
    path = Interpolation(["a rose", "petals"], [1, 4], 2, changes_noise=True)
    count = write_interpolation(model, path, tmp_path)
    assert count == 4
    assert {"000_a-rose_step00.png", "001_petals_step01.png"} < names(tmp_path)
    np.testing.assert_array_equal(
        pixels(tmp_path / "001_petals_step01.png"),
        interpolate(model, path)[1, 1],
    )

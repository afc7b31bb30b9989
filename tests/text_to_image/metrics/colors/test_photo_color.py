"""A reader fitted on generated images, of generated images and of photographs."""

import re
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from PIL import Image, ImageFilter

from data_prep.flowers102_captions.captions_archive import read_captions_archive
from data_prep.flowers102_captions.tar_members import tar_members
from data_prep.images import decode_all
from foundation.errors import InputError
from text_to_image.metrics.colors.caption_colors import COLORS
from text_to_image.metrics.colors.photo_color import PhotoColorReader

REAL = Path(__file__).parents[5] / "shared/data/oxford_flowers102"
PETALS = {
    "red": (200, 25, 30),
    "pink": (240, 130, 180),
    "purple": (120, 50, 160),
    "white": (240, 240, 232),
    "yellow": (245, 215, 40),
    "orange": (245, 130, 20),
    "blue": (60, 80, 210),
}
GROUNDS = [(40, 70, 30), (20, 22, 20), (110, 140, 80), (100, 80, 65)]


def flower(color, rng):
    """Returns a soft disc on a soft ground, uint8 [64, 64, 3]; no two are the same."""
    y, x = np.mgrid[:64, :64] - 31.5 - rng.uniform(-5, 5, (2, 1, 1))
    inside = np.hypot(x, y) < rng.uniform(14, 26)
    ground = GROUNDS[rng.integers(len(GROUNDS))]
    picture = np.where(inside[..., None], PETALS[color], ground)
    light = rng.uniform(0.8, 1.1) * (1 + rng.normal(0, 0.06, (64, 64, 1)))
    image = Image.fromarray(np.clip(picture * light, 0, 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(1)))


def generated(count, seed):
    """Returns images and their colors; blue is rare, as in the real captions."""
    rng = np.random.default_rng(seed)
    colors = [COLORS[i % 7] for i in range(count) if i % 7 < 6 or i % 4 == 0]
    return np.stack([flower(color, rng) for color in colors]), colors


@pytest.fixture(scope="module")
def reader():
    images, colors = generated(280, seed=0)
    captions = [[f"a {c} flower", "a flower", f"{c} and green"] for c in colors]
    # What the captions do not agree on is not learnt from.
    captions[:20] = [["a red flower", "a blue flower"]] * 20
    return PhotoColorReader.fit(images, captions)


def test_synthetic_flowers_are_read_right(reader):
    images, colors = generated(280, seed=1)
    texts = [f"this flower has {color} petals" for color in colors]
    score = reader.agreement(images, texts)
    assert score["n"] == len(images) and score["chance"] == 1 / 7
    assert score["accuracy"] > 0.97 and score["balanced_accuracy"] > 0.95
    others = np.random.default_rng(0).permutation(texts).tolist()
    assert reader.agreement(images, others)["balanced_accuracy"] < 0.25


def test_readings_do_not_depend_on_each_other(reader):
    images, _ = generated(35, seed=2)
    alone = [reader.read(image[None])[0] for image in images]
    assert reader.read(images) == alone
    assert reader.read(images[:0]) == []


def test_captions_of_one_color_count(reader):
    images, colors = generated(14, seed=3)
    texts = [f"a {color} flower" for color in colors]
    texts[:3] = ["a flower", "red and blue", "a turquoise flower"]
    assert reader.agreement(images, texts)["n"] == len(images) - 3


def test_a_color_that_training_lacks_is_not_scored():
    images, colors = generated(70, seed=4)
    kept = [i for i, color in enumerate(colors) if color in ("red", "white")]
    reader = PhotoColorReader.fit(images[kept], [[colors[i]] for i in kept])
    assert reader.colors == ("red", "white")
    score = reader.agreement(images, colors)
    assert score["n"] == len(kept) and score["chance"] == 1 / 2
    assert score["accuracy"] == 1


def test_a_blank_picture_is_read_as_one_color(reader):
    assert set(reader.read(np.zeros((3, 64, 64, 3), np.uint8))) < set(COLORS)


def test_bad_input(reader):
    images, _ = generated(7, seed=5)
    with pytest.raises(InputError, match=r"6 training images agree on red; expected"):
        PhotoColorReader.fit(images[:6], [["red"]] * 6)
    with pytest.raises(InputError, match="agree on no color"):
        PhotoColorReader.fit(images[:6], [["a flower"]] * 6)
    with pytest.raises(ValueError, match="images, but 1 captions"):
        PhotoColorReader.fit(images[:6], [["red"]])
    with pytest.raises(InputError, match="None of the 1 captions"):
        reader.agreement(images[:1], ["a flower"])
    with pytest.raises(ValueError, match="float64"):
        reader.read(images / 255)
    with pytest.raises(ValueError, match="76"):
        reader.read(np.zeros((1, 76, 76, 3), np.uint8))


@pytest.mark.slow
def test_photographs_of_unseen_classes():
    if not (REAL / "102flowers.tgz").exists():
        pytest.skip(f"no {REAL / '102flowers.tgz'}")
    archive = read_captions_archive(REAL / "cvpr2016_flowers.tar.gz")
    labels = scipy.io.loadmat(REAL / "imagelabels.mat")["labels"].ravel()
    names = re.compile(r"jpg/image_(\d{5})\.jpg")
    members = list(tar_members(REAL / "102flowers.tgz", names, 1 << 20))
    numbers = [int(match[1]) for match, _ in members]
    images = np.stack(list(decode_all(content for _, content in members)))
    images = images[:, 6:70, 6:70]
    captions = [archive.captions[number] for number in numbers]

    def rows(split):
        classes = archive.splits[split]
        return [i for i, number in enumerate(numbers) if labels[number - 1] in classes]

    train, test = rows("train"), rows("test")
    reader = PhotoColorReader.fit(images[train], [captions[i] for i in train])
    rng = np.random.default_rng(0)
    drawn = [captions[i][rng.integers(len(captions[i]))] for i in test]
    real = reader.agreement(images[test], drawn)
    assert real["n"] > 550
    assert 0.70 < real["accuracy"] < 0.80
    assert 0.62 < real["balanced_accuracy"] < 0.76
    others = rng.permutation(drawn).tolist()
    assert reader.agreement(images[test], others)["balanced_accuracy"] < 0.22

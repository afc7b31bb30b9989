import numpy as np
import pytest
from PIL import Image, ImageFilter

from data_prep.rendered_flowers.attributes import (
    PETAL_COLORS,
    flower_classes,
    sample_attributes,
)
from data_prep.rendered_flowers.backgrounds import background
from data_prep.rendered_flowers.renderer import render
from foundation.errors import InputError
from text_to_image.metrics.colors.petal_color import (
    COLORS,
    NONE,
    color_agreement,
    read_petal_color,
)

RED, BLUE = (215, 22, 28), (45, 80, 220)


@pytest.fixture(scope="module")
def flowers():
    """Returns the central crops of flowers of the test classes, and their colors."""
    labels = [i for i, kind in enumerate(flower_classes()) if kind.split == "test"]
    drawn = [sample_attributes(label, index) for label in labels for index in range(6)]
    crops = np.stack([render(attributes)[6:70, 6:70] for attributes in drawn])
    return crops, np.array([attributes.petal_color for attributes in drawn])


def disc(rgb, ground=(35, 60, 25), radius=22):
    y, x = np.mgrid[:64, :64] - 31.5
    inside = (x * x + y * y < radius * radius)[..., None]
    return np.where(inside, rgb, ground).astype(np.uint8)


def through_pillow(images, change):
    return np.stack([np.asarray(change(Image.fromarray(image))) for image in images])


def test_the_reader_knows_the_colors_that_are_drawn():
    assert set(COLORS) == set(PETAL_COLORS)


@pytest.mark.parametrize(
    "change, least",
    [
        (lambda picture: picture, 0.97),
        (lambda picture: picture.filter(ImageFilter.GaussianBlur(1)), 0.97),
        (lambda picture: picture.filter(ImageFilter.GaussianBlur(2)), 0.95),
        (lambda picture: picture.resize((16, 16), 4).resize((64, 64), 3), 0.95),
    ],
    ids=["sharp", "blur 1", "blur 2", "16 pixels"],
)
def test_drawn_flowers_are_read_right(flowers, change, least):
    images, colors = flowers
    read = np.array(read_petal_color(through_pillow(images, change)))
    assert np.mean(read == colors) >= least


def test_noise_does_not_disturb(flowers):
    images, colors = flowers
    noise = np.random.default_rng(0).normal(0, 15, images.shape)
    read = read_petal_color(np.clip(images + noise, 0, 255).astype(np.uint8))
    assert np.mean(np.array(read) == colors) >= 0.95


def test_what_is_no_flower_has_no_color():
    rng = np.random.default_rng(0)
    flat = np.broadcast_to(rng.integers(0, 256, (40, 1, 1, 3)), (40, 64, 64, 3))
    assert set(read_petal_color(flat.astype(np.uint8))) == {NONE}
    kinds = ("foliage", "dark", "sky", "soil", "stone")
    grounds = np.stack([255 * background(kind, 64, rng) for kind in kinds * 3])
    assert set(read_petal_color(np.clip(grounds, 0, 255).astype(np.uint8))) == {NONE}
    static = rng.integers(0, 256, (50, 64, 64, 3)).astype(np.uint8)
    assert read_petal_color(static).count(NONE) > 40


def test_random_blobs_agree_with_captions_no_better_than_chance():
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 256, (400, 5, 5, 3)).astype(np.uint8)
    blobs = through_pillow(coarse, lambda picture: picture.resize((64, 64), 3))
    texts = [f"a flower with {COLORS[i % 8]} petals" for i in range(400)]
    assert color_agreement(blobs, texts)["balanced_accuracy"] < 0.17


def test_empty_batches_and_wrong_shapes():
    assert read_petal_color(np.zeros((0, 64, 64, 3), np.uint8)) == []
    with pytest.raises(ValueError, match="60"):
        read_petal_color(np.zeros((2, 60, 60, 3), np.uint8))


def test_agreement_counts_what_was_read():
    images = np.stack([disc(RED), disc(RED), disc(BLUE), disc(BLUE), disc(RED)])
    texts = ["red petals", "red petals", "red petals", "a blue flower", "no color"]
    score = color_agreement(images, texts)
    assert score["n"] == 4 and score["chance"] == 1 / 8
    assert score["accuracy"] == pytest.approx(3 / 4)
    assert score["balanced_accuracy"] == pytest.approx((2 / 3 + 1) / 2)
    assert score["confusion"] == {"red": {"red": 2, "blue": 1}, "blue": {"blue": 1}}


def test_agreement_needs_captions_with_colors():
    with pytest.raises(InputError, match="None of the 1 captions"):
        color_agreement(disc(RED)[None], ["a flower"])
    with pytest.raises(ValueError, match="1 images, but 2 captions"):
        color_agreement(disc(RED)[None], ["red petals", "red petals"])

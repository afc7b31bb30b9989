"""Background and flower on drawn images, where both are known."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from text_to_image.metrics.colors.background import (
    background_color,
    background_mask,
    draw_segmentation,
)
from text_to_image.metrics.colors.lab import lab_of

Y, X = np.mgrid[:64, :64] - 31.5
PETALS = [(230, 60, 90), (250, 220, 40), (245, 245, 240), (110, 50, 170), (60, 90, 220)]
GROUNDS = [(60, 110, 50), (20, 22, 20), (120, 100, 80), (170, 185, 195)]


def flower(petal, ground, shape="disc", x=0, y=0):
    """Returns a blurred, noisy image uint8 [64, 64, 3], and where its ground is."""
    radius, angle = np.hypot(X - x, Y - y), np.arctan2(Y - y, X - x)
    limit = 20 if shape == "disc" else 17 + 7 * np.cos(5 * angle)
    inside = radius < limit
    picture = np.where(inside[..., None], petal, ground).astype(np.float64)
    rng = np.random.default_rng(0)
    # Coarse light and shade, as of leaves.
    shade = Image.fromarray(rng.integers(96, 160, (8, 8)).astype(np.uint8))
    picture *= np.asarray(shade.resize((64, 64)))[..., None] / 128
    picture = np.clip(picture + rng.normal(0, 6, picture.shape), 0, 255)
    image = Image.fromarray(picture.astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(0.7))), ~inside


def iou(a, b):
    return (a & b).sum() / (a | b).sum()


@pytest.mark.parametrize("shape", ["disc", "star"])
@pytest.mark.parametrize("place", [(0, 0), (7, -6)])
def test_drawn_flowers(shape, place):
    drawn = [flower(p, g, shape, *place) for p in PETALS for g in GROUNDS]
    images, grounds = (np.stack(parts) for parts in zip(*drawn, strict=True))
    masks = background_mask(images)
    assert (masks.shape, masks.dtype) == (grounds.shape, bool)
    of_ground = [iou(m, g) for m, g in zip(masks, grounds, strict=True)]
    of_flower = [iou(~m, ~g) for m, g in zip(masks, grounds, strict=True)]
    assert min(of_ground) > 0.85 and np.mean(of_ground) > 0.9
    assert min(of_flower) > 0.6 and np.mean(of_flower) > 0.75
    for image, ground, color in zip(
        images, grounds, background_color(images), strict=True
    ):
        truth = np.median(lab_of(image)[ground], axis=0)
        assert np.linalg.norm(color - truth) < 5


def test_pictures_do_not_depend_on_each_other():
    images = np.stack([flower(p, g)[0] for p in PETALS for g in GROUNDS])
    alone = np.concatenate([background_mask(image[None]) for image in images])
    np.testing.assert_array_equal(background_mask(images), alone)


def test_petals_at_the_rim_hardly_move_the_color():
    image, _ = flower(PETALS[0], GROUNDS[0])
    corner = np.array(image)
    corner[:12, :12] = PETALS[0]
    moved = background_color(np.stack([image, corner]))
    assert np.linalg.norm(moved[0] - moved[1]) < 3


def test_a_picture_without_background_has_the_color_of_its_rim(monkeypatch):
    image = np.full((64, 64, 3), 200, np.uint8)
    image[:4] = image[-4:] = image[:, :4] = image[:, -4:] = (0, 80, 0)
    monkeypatch.setattr(
        "text_to_image.metrics.colors.background.background_mask",
        lambda images: np.zeros(images.shape[:3], bool),
    )
    expected = lab_of(np.array([0, 80, 0], np.uint8))
    np.testing.assert_allclose(background_color(image[None])[0], expected)


def test_flat_pictures_and_none():
    flat = np.full((2, 64, 64, 3), (30, 60, 220), np.uint8)
    expected = lab_of(flat[0, 0, 0])
    np.testing.assert_allclose(background_color(flat), [expected] * 2, atol=1e-4)
    nothing = np.zeros((0, 64, 64, 3), np.uint8)
    assert background_mask(nothing).shape == (0, 64, 64)
    assert background_color(nothing).shape == (0, 3)
    with pytest.raises(ValueError, match="76"):
        background_mask(np.zeros((1, 76, 76, 3), np.uint8))
    with pytest.raises(ValueError, match="float"):
        background_mask(np.zeros((1, 64, 64, 3)))


def test_sheet():
    images = np.stack([flower(p, GROUNDS[0])[0] for p in PETALS])
    sheet = np.asarray(draw_segmentation(images))
    assert sheet.shape == (2 * 68, 4 * 196, 3)
    np.testing.assert_array_equal(sheet[2:66, 2:66], images[0])
    mask = background_mask(images[:1])[0]
    assert (sheet[2:66, 66:130][mask] == 128).all()
    np.testing.assert_array_equal(sheet[2:66, 66:130][~mask], images[0][~mask])
    swatch = lab_of(sheet[30, 150])
    np.testing.assert_allclose(swatch, background_color(images[:1])[0], atol=1)
    assert (sheet[70:, 196:] == 255).all()  # three places stay empty

import colorsys
import dataclasses

import numpy as np
import pytest

from data_prep.rendered_flowers.attributes import PETAL_COLORS, sample_attributes
from data_prep.rendered_flowers.palette import PETAL_RANGES, petal_rgb
from data_prep.rendered_flowers.renderer import render

PLAIN = dataclasses.replace(
    sample_attributes(0, 0),
    petal_color="white",
    petal_shape="narrow",
    arrangement="single",
    background="dark",
    center_size="small",
    stamens=False,
    leaves=False,
    tilt=0.0,
    radius=0.4,
    center_x=0.5,
    center_y=0.5,
    brightness=1.0,
    warmth=0.0,
)


def pixels_on_circle(picture, radius, samples=360):
    """Returns the pixels at `radius` (a fraction of the side), uint8 [samples, 3]."""
    side = len(picture)
    angle = np.linspace(0, 2 * np.pi, samples, endpoint=False)
    x = (side * (0.5 + radius * np.cos(angle))).astype(int)
    y = (side * (0.5 + radius * np.sin(angle))).astype(int)
    return picture[y, x]


def hue_of(pixel):
    return 360 * colorsys.rgb_to_hsv(*(np.asarray(pixel) / 255))[0]


def test_shape_type_and_repeatability():
    drawn = sample_attributes(5, 1)
    picture = render(drawn)
    assert picture.shape == (76, 76, 3) and picture.dtype == np.uint8
    np.testing.assert_array_equal(picture, render(drawn))
    assert render(drawn, size=40).shape == (40, 40, 3)


def test_pictures_of_a_class_differ():
    first, second = (render(sample_attributes(5, i)).astype(int) for i in (1, 2))
    assert np.abs(first - second).mean() > 8


@pytest.mark.parametrize("count", [4, 5, 6, 8, 12])
def test_petals_can_be_counted(count):
    picture = render(dataclasses.replace(PLAIN, petal_count=count), size=152)
    white = pixels_on_circle(picture, 0.3).min(axis=1) > 110
    assert np.count_nonzero(white & ~np.roll(white, 1)) == count


@pytest.mark.parametrize("color", [c for c in PETAL_COLORS if c != "white"])
def test_petals_have_the_hue_of_their_color(color):
    drawn = dataclasses.replace(
        PLAIN, petal_color=color, petal_shape="round", petal_count=5
    )
    ring = pixels_on_circle(render(drawn), 0.25)
    bright = ring[ring.max(axis=1) > np.quantile(ring.max(axis=1), 0.5)]
    low, high = PETAL_RANGES[color][0]
    middle = (low + high) / 2
    away = [(hue_of(pixel) - middle + 180) % 360 - 180 for pixel in bright]
    assert np.median(np.abs(away)) < 10


def test_tilt_makes_the_flower_narrower():
    def white_area(tilt):
        drawn = dataclasses.replace(PLAIN, petal_shape="round", tilt=tilt)
        return np.count_nonzero(render(drawn).min(axis=2) > 110)

    assert white_area(0.95) < 0.8 * white_area(0.0)


def test_double_flowers_have_a_second_layer_inside():
    single, double = (
        render(dataclasses.replace(PLAIN, arrangement=a, petal_count=8)).astype(int)
        for a in ("single", "double")
    )
    corner = np.s_[:8, :8]  # the ground takes its noise first
    np.testing.assert_allclose(single[corner], double[corner], atol=12)
    assert np.abs(single - double)[25:51, 25:51].mean() > 5


@pytest.mark.parametrize("label", range(0, 104, 13))
def test_the_flower_lies_within_the_central_crop(label):
    for index in range(5):
        drawn = sample_attributes(label, index)
        reach = drawn.radius + 0.5 / 76
        for center in (drawn.center_x, drawn.center_y):
            assert center - reach > 6 / 76 and center + reach < 70 / 76


def test_light_brightens_the_picture():
    dim, bright = (
        render(dataclasses.replace(PLAIN, brightness=b)).mean() for b in (0.8, 1.0)
    )
    assert dim == pytest.approx(0.8 * bright, rel=0.03)


def test_colors_stay_apart_at_the_ends_of_their_ranges():
    ends = [-1, 1]
    shades = {
        color: np.array(
            [petal_rgb(color, h, s, v) for h in ends for s in ends for v in ends]
        )
        for color in PETAL_COLORS
    }
    for color, own in shades.items():
        for other, foreign in shades.items():
            if color != other:
                distance = np.linalg.norm(own[:, None] - foreign[None], axis=-1)
                assert distance.min() > 0.2, (color, other)

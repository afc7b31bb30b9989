"""Flowers are found where they were drawn."""

import numpy as np
import pytest

from text_to_image.metrics.drawn_flowers.corolla import Corolla, find_corollas

CROP = 6  # pixels that are cut off each side of the 76


def test_place_size_and_tilt_of_drawn_flowers(drawn):
    found = find_corollas(drawn.images)
    centers = np.array([corolla.center for corolla in found])
    truth = np.array([(f.center_x, f.center_y) for f in drawn.attributes])
    away = np.linalg.norm(centers - (76 * truth - CROP - 0.5), axis=1)
    assert np.median(away) < 0.5 and away.max() < 2.5
    radii = np.array([np.linalg.svd(c.plane, compute_uv=False) for c in found])
    sizes = radii[:, 0] / [76 * f.radius for f in drawn.attributes]
    assert sizes.min() > 0.75 and sizes.max() < 1.1
    slants = radii[:, 1] / radii[:, 0] / np.cos([f.tilt for f in drawn.attributes])
    assert np.median(np.abs(slants - 1)) < 0.03
    assert slants.min() > 0.85 and slants.max() < 1.15


def test_an_ellipse_becomes_the_unit_disc():
    y, x = np.mgrid[:64, :64]
    turn = np.array([[np.cos(0.6), -np.sin(0.6)], [np.sin(0.6), np.cos(0.6)]])
    u, v = np.moveaxis((np.stack([x - 34.0, y - 30.0], -1)) @ turn, -1, 0)
    inside = (u / 20) ** 2 + (v / 13) ** 2 < 1
    image = np.where(inside[..., None], (215, 22, 28), (35, 60, 25)).astype(np.uint8)
    (corolla,) = find_corollas(image[None])
    np.testing.assert_allclose(corolla.center, (34, 30), atol=0.1)
    expected = turn @ np.diag([20, 13]) @ turn.T
    np.testing.assert_allclose(corolla.plane, expected, atol=0.2)
    np.testing.assert_array_equal(corolla.petals > 0.5, inside)
    assert np.mean((corolla.distance() < 1) == inside) > 0.98
    angles = np.linspace(0, 2 * np.pi, 50)
    np.testing.assert_allclose(corolla.unroll(np.array([0.2, 0.9]), angles), 1)
    assert corolla.unroll(np.array([1.15]), angles).max() < 0.1


def test_unrolling_follows_the_plane():
    petals = np.zeros((64, 64), np.float32)
    petals[20, 40] = 1
    corolla = Corolla(petals, np.array([30.0, 25.0]), np.array([[10.0, 0], [0, 5.0]]))
    assert corolla.unroll(np.array([2**0.5]), np.array([-np.pi / 4]))[0, 0] == 1
    assert corolla.distance()[20, 40] == pytest.approx(2**0.5)


def test_no_flower():
    ground = np.full((64, 64, 3), (35, 60, 25), np.uint8)
    assert find_corollas(np.stack([ground, 0 * ground])) == [None, None]
    assert find_corollas(ground[None][:0]) == []
    with pytest.raises(ValueError, match="76"):
        find_corollas(np.zeros((1, 76, 76, 3), np.uint8))

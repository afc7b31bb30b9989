import dataclasses

import numpy as np
import pytest

from data_prep.rendered_flowers.petals import Petal, paint

PETAL = Petal("round", angle=0.0, length=1.0, half_width=0.3, rgb=np.ones(3))


def painted(petal, center=(50, 50), ground=0.5):
    canvas = np.full((100, 100, 3), ground, np.float32)
    paint(canvas, petal, np.array(center, float), 40 * np.eye(2))
    return canvas


def test_a_petal_points_where_its_angle_says():
    light = painted(PETAL).min(axis=2) > 0.7
    rows, columns = np.nonzero(light)
    assert columns.min() >= 50 and columns.max() <= 90
    assert abs(rows.mean() - 49.5) < 1


def test_a_quarter_turn_of_the_petal_turns_the_picture():
    turned = painted(dataclasses.replace(PETAL, angle=np.pi / 2, light=np.pi / 2))
    np.testing.assert_allclose(
        turned, painted(PETAL).transpose(1, 0, 2)[:, ::-1], atol=1e-3
    )


def test_the_widest_place_has_the_stated_width():
    light = painted(PETAL).min(axis=2) > 0.65
    assert light.sum(axis=0).max() == pytest.approx(2 * 0.3 * 40, abs=3)


def test_a_notched_petal_is_shorter_along_its_axis():
    light = painted(dataclasses.replace(PETAL, shape="notched")).min(axis=2) > 0.65
    lengths = light.sum(axis=1)
    assert lengths[50] < lengths[41:46].max() + lengths[41:46].min() - 1
    assert np.flatnonzero(light[50]).max() < np.flatnonzero(light.any(axis=0)).max() - 3


def test_the_shadow_darkens_the_ground_and_nothing_far_away():
    canvas = painted(PETAL)
    assert canvas.min() < 0.45
    np.testing.assert_array_equal(canvas[:, :30], 0.5)
    np.testing.assert_array_equal(painted(PETAL, center=(400, 50)), 0.5)

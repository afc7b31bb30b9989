"""Paths between captions and noises: their points, and the images along them."""

import numpy as np
import pytest

from foundation.errors import InputError
from text_to_image.generation.interpolation import (
    Interpolation,
    interpolate,
    linear,
    spherical,
)

RED, BLUE = "a red flower", "this flower has blue petals"


@pytest.fixture
def ends():
    rng = np.random.default_rng(0)
    return rng.normal(size=(2, 100)).astype(np.float32) * np.float32([[1], [3]])


def test_linear(ends):
    path = linear(*ends, 5)
    assert path.dtype == np.float32
    for i in range(5):
        np.testing.assert_allclose(path[i], ends[0] + i / 4 * (ends[1] - ends[0]), 1e-5)


@pytest.mark.parametrize("path", [linear, spherical])
@pytest.mark.parametrize("steps", [2, 7, 64])
def test_ends_are_exact(path, steps, ends):
    points = path(*ends, steps)
    assert points.shape == (steps, 100)
    np.testing.assert_array_equal(points[[0, -1]], ends)


def test_spherical_turns_by_equal_angles(ends):
    path = spherical(*ends, 9).astype(np.float64)
    assert path.shape == (9, 100)
    norms = np.sqrt((path**2).sum(1))
    np.testing.assert_allclose(norms, np.linspace(norms[0], norms[-1], 9), 1e-5)
    units = path / norms[:, None]
    angles = np.arccos((units[1:] * units[:-1]).sum(1))
    np.testing.assert_allclose(angles, np.arccos(units[0] @ units[-1]) / 8, 1e-4)
    # In the plane of the ends: nothing is left over by their least squares.
    residuals = np.linalg.lstsq(path[[0, -1]].T, path.T, rcond=None)[1]
    np.testing.assert_allclose(residuals, 0, atol=1e-8)


def test_spherical_keeps_the_norm_that_linear_loses(ends):
    a, b = (end / np.linalg.norm(end) for end in ends)
    angle = np.arccos(a @ b)
    middle = linear(a, b, 3)[1]
    np.testing.assert_allclose(np.linalg.norm(middle), np.cos(angle / 2), 1e-5)
    np.testing.assert_allclose(np.linalg.norm(spherical(a, b, 3)[1]), 1, 1e-5)


@pytest.mark.parametrize("factor", [0.0, 1.0, 2.5, -1.0, -2.5])
def test_spherical_without_a_plane_is_linear(factor, ends):
    a = ends[0]
    b = np.float32(factor) * a
    np.testing.assert_array_equal(spherical(a, b, 5), linear(a, b, 5))
    np.testing.assert_array_equal(spherical(b, a, 5), linear(b, a, 5))
    assert np.isfinite(spherical(a, b, 5)).all()


@pytest.mark.parametrize("path", [linear, spherical])
def test_one_step_is_no_path(path, ends):
    with pytest.raises(InputError, match="--steps=1: expected at least 2"):
        path(*ends, 1)


def along(model, steps, **changes):
    return interpolate(model, Interpolation([RED, BLUE], [5, 3], steps, **changes))


@pytest.mark.parametrize(
    ("captions", "seeds", "steps", "message"),
    [
        ([RED, BLUE], [0], 1, "--steps=1: expected at least 2"),
        ([RED], [0], 2, "expected two ends"),
        ([RED, BLUE, RED], [0], 2, "expected two ends"),
    ],
)
def test_impossible_paths_are_refused(captions, seeds, steps, message):
    with pytest.raises(InputError, match=message):
        Interpolation(captions, seeds, steps, changes_caption=True)


def test_captions(model):
    images = along(model, 4, changes_caption=True)
    assert (images.shape, images.dtype) == ((2, 4, 64, 64, 3), np.uint8)
    expected = model.generate([RED, BLUE], [5, 3])
    np.testing.assert_array_equal(images[:, 0], expected[0])
    np.testing.assert_array_equal(images[:, -1], expected[1])
    red, blue = model.embed([RED, BLUE])
    third = model.generate_from(model.noise([3]), (2 / 3 * red + 1 / 3 * blue)[None])[0]
    np.testing.assert_allclose(images[1, 1].astype(int), third, atol=1)
    assert not np.array_equal(images[1, 1], images[1, 2])


@pytest.mark.parametrize("path", ["linear", "spherical"])
def test_noise(model, path):
    images = along(model, 3, changes_noise=True, noise_path=path)
    assert (images.shape, images.dtype) == ((2, 3, 64, 64, 3), np.uint8)
    expected = model.generate([RED, BLUE], [5, 3])
    np.testing.assert_array_equal(images[:, [0, -1]], expected)
    z = model.noise([5, 3]).astype(np.float64)
    middle = z.mean(0)
    if path == "spherical":
        norms = np.linalg.norm(z, axis=1)
        middle = (z / norms[:, None]).sum(0)
        middle *= norms.mean() / np.linalg.norm(middle)
    between = model.generate_from(middle[None], model.embed([BLUE]))[0]
    np.testing.assert_allclose(images[1, 1].astype(int), between, atol=1)


def test_both(model):
    noise = {"changes_noise": True, "noise_path": "spherical"}
    images = along(model, 3, changes_caption=True, **noise)
    assert images.shape == (3, 3, 64, 64, 3)
    np.testing.assert_array_equal(
        images[[0, -1]], along(model, 3, changes_caption=True)
    )
    down = along(model, 3, **noise)
    np.testing.assert_array_equal(images[:, [0, -1]], down.swapaxes(0, 1))

"""The kernel distance against double loops, its error against repeated draws."""

import itertools

import numpy as np
import pytest

from foundation.errors import InputError
from text_to_image.metrics import kernel_distance as module
from text_to_image.metrics.kernel_distance import (
    TWO_SEEDS,
    kernel_distance,
    kernel_distance_error,
)


def k(a, b):
    return (sum(i * j for i, j in zip(a, b, strict=True)) / len(a) + 1) ** 3


def brute_force(x, y):
    within = [
        np.mean([k(a, b) for i, a in enumerate(z) for j, b in enumerate(z) if i != j])
        for z in (x, y)
    ]
    return sum(within) - 2 * np.mean([k(a, b) for a in x for b in y])


@pytest.mark.parametrize("rows", [3, 1024])  # in blocks, and at once
def test_whole_sets_against_double_loops(rows, monkeypatch):
    monkeypatch.setattr(module, "_ROWS", rows)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(11, 5)).astype(np.float32)
    y = 0.5 + rng.normal(size=(11, 5)).astype(np.float32)
    mean, sd = kernel_distance(x, y, subsets=2, size=11, seed=0)
    assert mean == pytest.approx(brute_force(x, y), rel=1e-5)
    assert sd == pytest.approx(0, abs=1e-9)  # both subsets are all images


def test_subsets_of_two_average_to_the_distance_of_the_sets():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(6, 3)), 0.5 + rng.normal(size=(4, 3))
    values = [
        brute_force(x[list(i)], y[list(j)])
        for i in itertools.combinations(range(6), 2)
        for j in itertools.combinations(range(4), 2)
    ]
    assert np.mean(values) == pytest.approx(brute_force(x, y))
    mean, sd = kernel_distance(x, y, subsets=4000, size=2, seed=0)
    assert mean == pytest.approx(np.mean(values), abs=4 * np.std(values) / 4000**0.5)
    assert sd == pytest.approx(np.std(values), rel=0.1)


def test_equal_sets_and_seeds():
    x = np.random.default_rng(2).normal(size=(60, 4))
    mean, sd = kernel_distance(x, x, subsets=20, size=20, seed=3)
    assert abs(mean) < 3 * sd
    assert (mean, sd) == kernel_distance(x, x, subsets=20, size=20, seed=3)
    assert mean != kernel_distance(x, x, subsets=20, size=20, seed=4)[0]
    flat = np.ones((9, 4))
    assert kernel_distance(flat, flat, size=9, seed=0) == (0, 0)
    assert kernel_distance_error(flat, flat, 0.0, 10) == 0


def variance_by_quadruples(x, y):
    """The variance of a U-statistic by its definition, over all different images."""
    to_real = [np.mean([k(a, b) for b in y]) for a in x]
    g = {
        (i, j): k(x[i], x[j]) - to_real[i] - to_real[j]
        for i, j in itertools.permutations(range(len(x)), 2)
    }
    quadruples = itertools.permutations(range(len(x)), 4)
    apart = np.mean([g[i, j] * g[m, n] for i, j, m, n in quadruples])
    return np.mean(list(g.values())) ** 2 - apart


@pytest.mark.parametrize("rows", [3, 1024])
def test_error_by_its_definition(rows, monkeypatch):
    monkeypatch.setattr(module, "_ROWS", rows)
    rng = np.random.default_rng(4)
    x, y = 1 + rng.normal(size=(8, 3)), rng.normal(size=(6, 3))
    expected = variance_by_quadruples(x, y)
    assert expected > 0
    assert kernel_distance_error(x, y, 0.0, 10) == pytest.approx(np.sqrt(expected))
    with_subsets = np.sqrt(expected + 0.6**2 / 10)
    assert kernel_distance_error(x, y, 0.6, 10) == pytest.approx(with_subsets)


@pytest.mark.parametrize("shift", [0.0, 0.3])  # a perfect generator, and a usual one
def test_two_seeds_agree_within_the_stated_error(shift):
    rng = np.random.default_rng(5)
    real = rng.normal(size=(120, 6))
    estimates, errors, naive = [], [], []
    for seed in range(600):
        generated = shift + rng.normal(size=(100, 6))
        mean, sd = kernel_distance(generated, real, subsets=8, size=50, seed=seed)
        estimates.append(mean)
        errors.append(kernel_distance_error(generated, real, sd, 8))
        naive.append(sd / np.sqrt(8))
    differences = np.abs(np.subtract(estimates[::2], estimates[1::2]))
    covered = np.mean(differences < TWO_SEEDS * np.array(errors[::2]))
    # 300 pairs: the share itself is known to 1.3 %.
    assert 0.91 < covered < 0.985
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(
        np.std(estimates), rel=0.1
    )
    # Subsets share images: their deviation alone would promise too much.
    assert np.mean(differences < TWO_SEEDS * np.array(naive[::2])) < 0.85


@pytest.mark.parametrize(
    ("generated", "message"),
    [
        (np.ones((1, 3)), "generated features have 1 rows, expected at least 5"),
        (np.ones((5, 4)), "generated: 4, real: 3"),
        (np.full((5, 3), np.nan), "generated features: row 0"),
    ],
)
def test_sets_without_a_distance(generated, message):
    with pytest.raises(InputError, match=message):
        kernel_distance(generated, np.ones((5, 3)), size=5, seed=0)
    with pytest.raises(InputError, match=message.replace("5", "4")):
        kernel_distance_error(generated, np.ones((5, 3)), 0.1, 10)


def test_too_few_subsets():
    sets = np.ones((5, 3)), np.ones((5, 3))
    with pytest.raises(InputError, match="1 subsets of 5"):
        kernel_distance(*sets, subsets=1, size=5, seed=0)
    with pytest.raises(InputError, match="10 subsets of 1"):
        kernel_distance(*sets, size=1, seed=0)

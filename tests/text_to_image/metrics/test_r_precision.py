"""Retrieval of captions on planted data, and against a computation one by one."""

import numpy as np
import pytest
import scipy.linalg

from foundation.errors import InputError
from text_to_image.metrics import r_precision as module
from text_to_image.metrics.r_precision import CaptionImageSpace

CLASSES = 20


class Planted:
    """Images and captions that share what is hidden; 20 classes."""

    def __init__(self, noise, count=600, pool=1000, hidden=10):
        rng = np.random.default_rng(0)
        to_image = rng.normal(size=(hidden, 24)) * rng.uniform(0.1, 9, 24)
        to_text = rng.normal(size=(hidden, 16)) * rng.uniform(0.1, 9, 16)

        def picture(h):
            return (h + noise * rng.normal(size=h.shape)) @ to_image + 30

        training = rng.normal(size=(count, hidden))
        self.training = picture(training), training @ to_text - 7
        meaning = rng.normal(size=(pool, hidden))
        self.pool = meaning @ to_text - 7
        self.labels = np.arange(pool) % CLASSES
        self.rows = rng.permutation(pool)[:400]
        self.pictures = picture(meaning[self.rows])
        self.space = CaptionImageSpace.fit(*self.training)

    def score(self, **change):
        arguments = {
            "image_features": self.pictures,
            "caption_rows": self.rows,
            "pool_vectors": self.pool,
            "pool_labels": self.labels,
            "seed": 0,
        }
        return self.space.r_precision(**(arguments | change))


@pytest.fixture(scope="module")
def clear():
    return Planted(noise=0.01)


@pytest.fixture(scope="module")
def vague():
    return Planted(noise=1.5)


def test_perfect(clear):
    score = clear.score()
    assert score == {"n": 400, "r1": 1, "r5": 1, "r1_error": 0, "r5_error": 0}


def near(share, chance, count=400):
    return abs(share - chance) < 4 * np.sqrt(chance * (1 - chance) / count)


def test_chance(clear):
    unrelated = np.random.default_rng(1).normal(size=clear.pictures.shape)
    shuffled = np.random.default_rng(2).permutation(clear.rows)
    for change in ({"image_features": unrelated}, {"caption_rows": shuffled}):
        score = clear.score(**change)
        assert near(score["r1"], 0.01) and near(score["r5"], 0.05)
        assert score["r5_error"] == pytest.approx(
            np.sqrt(score["r5"] * (1 - score["r5"]) / 400)
        )


def test_between(vague):
    score = vague.score()
    assert 0.05 < score["r1"] < score["r5"] < 0.95
    assert score == vague.score()
    assert score != vague.score(seed=1)
    easier = vague.score(candidates=20)
    assert easier["r1"] > score["r1"] and easier["r5"] > score["r5"]


def one_by_one(planted, rows):
    """Ranks each caption among all captions of other classes."""
    x, y = planted.training
    standard = [(z - z.mean(axis=0)) / z.std(axis=0) for z in (x, y)]
    covariance = np.cov(standard[0].T, standard[1].T, ddof=0)
    across = covariance.copy()
    across[:24, :24] = across[24:, 24:] = 0
    ridges = np.diag([3.0] * 24 + [0.1] * 16)
    values, vectors = scipy.linalg.eigh(across, covariance - across + ridges)
    # 16 directions: no more than a caption has dimensions.
    vectors = (vectors * values)[:, :-17:-1]
    pictures = (planted.pictures - x.mean(axis=0)) / x.std(axis=0) @ vectors[:24]
    captions = (planted.pool - y.mean(axis=0)) / y.std(axis=0) @ vectors[24:]
    for picture, row in zip(pictures, rows, strict=True):
        cosines = captions @ picture / np.linalg.norm(captions, axis=1)
        rivals = planted.labels != planted.labels[row]
        yield np.sum(cosines[rivals] >= cosines[row])


@pytest.mark.parametrize("block", [7, 1024])
def test_against_a_computation_one_by_one(vague, block, monkeypatch):
    # All captions of other classes are candidates, so that none is drawn.
    monkeypatch.setattr(module, "_ROWS", block)
    ranks = np.array(list(one_by_one(vague, vague.rows)))
    score = vague.score(candidates=951)
    assert score["r1"] == pytest.approx(np.mean(ranks < 1), abs=0.003)
    assert score["r5"] == pytest.approx(np.mean(ranks < 5), abs=0.003)
    assert 0 < score["r1"] < score["r5"] < 1


def test_captions_of_the_own_class_are_no_rivals(vague):
    # Each caption has a twin in its own class: were it a rival, it would tie.
    pool = np.repeat(vague.pool[:: CLASSES // 2], 2, axis=0)
    labels = np.repeat(np.arange(len(pool) // 2), 2)
    pictures = vague.training[0][: len(pool)]
    rows = np.arange(len(pool))
    alone = vague.score(
        image_features=pictures,
        caption_rows=rows,
        pool_vectors=pool,
        pool_labels=labels,
    )
    assert alone["r5"] > 0
    twins_are_rivals = vague.score(
        image_features=pictures,
        caption_rows=rows,
        pool_vectors=pool,
        pool_labels=rows,
        candidates=len(pool),
    )
    assert twins_are_rivals["r1"] == 0


def test_ties_count_against_the_picture(clear):
    same = np.tile(clear.pool[:1], (1000, 1))
    assert clear.score(pool_vectors=same)["r5"] == 0
    # An image at the very mean is no nearer to one caption than to another.
    mean = np.tile(clear.training[0].mean(axis=0), (400, 1))
    assert clear.score(image_features=mean)["r5"] == 0


def test_dimensions_that_are_constant_in_training(clear):
    x, y = clear.training
    dead = np.full((len(x), 1), 0.1)
    space = CaptionImageSpace.fit(
        np.append(x, dead, axis=1), np.append(dead, y, axis=1)
    )
    pictures = np.append(clear.pictures, np.full((400, 1), 77.0), axis=1)
    pool = np.append(np.full((1000, 1), 77.0), clear.pool, axis=1)
    score = space.r_precision(pictures, clear.rows, pool, clear.labels, seed=0)
    assert score == clear.score()


def test_half_precision_and_few_training_pairs(clear):
    x, y = clear.training
    few = CaptionImageSpace.fit(x[:5], y[:5])
    assert few.images.directions.shape == (24, 4)
    assert few.captions.directions.shape == (16, 4)
    halves = clear.pool.astype(np.float16)
    assert clear.score(pool_vectors=halves)["r1"] == 1
    one = clear.score(image_features=clear.pictures[:1], caption_rows=clear.rows[:1])
    assert (one["n"], one["r1"]) == (1, 1)


def broken(array, row):
    array = array.copy()
    array[row, 1] = np.inf
    return array


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: {"image_features": broken(p.pictures, 3)}, "image features: row 3 "),
        (lambda p: {"pool_vectors": broken(p.pool, 9)}, "caption features: row 9 is"),
        (lambda p: {"pool_vectors": p.pool[:, :5]}, r"\(1000, 5\), expected \[N, 16\]"),
        (lambda p: {"image_features": p.pool[:400]}, r"expected \[N, 24\]"),
        (lambda p: {"caption_rows": p.rows[:9]}, r"rows \(9,\) of 400 images"),
        (lambda p: {"pool_labels": p.labels[:9]}, r"labels \(9,\) of 1000 captions"),
        (lambda p: {"caption_rows": p.rows + 1000}, "expected 0 to 999"),
        (lambda p: {"candidates": 952}, "950 captions of other classes than 0"),
        (lambda p: {"pool_labels": 0 * p.labels}, "0 captions of other classes than 0"),
        (
            lambda p: {"image_features": p.pictures[:0], "caption_rows": p.rows[:0]},
            "image features have 0 rows",
        ),
    ],
)
def test_what_cannot_be_retrieved(clear, change, message):
    with pytest.raises(InputError, match=message):
        clear.score(**change(clear))


def test_training_pairs_that_are_none():
    with pytest.raises(InputError, match="views of 9 and 8 rows"):
        CaptionImageSpace.fit(np.eye(9), np.eye(8))
    with pytest.raises(InputError, match="training caption features: row 0"):
        CaptionImageSpace.fit(np.eye(9), np.full((9, 2), np.nan))

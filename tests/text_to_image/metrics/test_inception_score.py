"""The inception score of cases that can be computed by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.errors import InputError
from text_to_image.metrics.inception_score import inception_score


@pytest.mark.parametrize("classes", [1, 2, 20])
def test_clear_pictures_of_all_classes_score_their_number(classes):
    mean, sd = inception_score(np.repeat(np.eye(classes), 3, axis=0), 1, seed=0)
    assert mean == pytest.approx(classes) and sd == 0


def test_pictures_that_tell_nothing_score_one():
    for same in (np.full(4, 0.25), np.array([1.0, 0, 0, 0]), np.array([0.7, 0.3])):
        assert inception_score(np.tile(same, (30, 1)), seed=0) == pytest.approx((1, 0))


def test_by_hand():
    # p(class) = (.5, .5): KL = .8 log 1.6 + .2 log .4 for both.
    p = np.array([[0.8, 0.2], [0.2, 0.8]], np.float32)
    expected = 1.6**0.8 * 0.4**0.2
    assert inception_score(p, 1, seed=0)[0] == pytest.approx(expected, rel=1e-6)
    # p(class) = (.75, .25): KL = log(4/3) and .5 log(2/3) + .5 log 2.
    p = np.array([[1.0, 0.0], [0.5, 0.5]])
    expected = math.sqrt(4 / 3) * (2 / 3) ** 0.25 * 2**0.25
    assert inception_score(p, 1, seed=0)[0] == pytest.approx(expected)


def test_splits_keep_every_picture():
    # Seven images of one class and one of another in splits of 3, 3 and 2: without
    # it a split scores 1. It can be in any of them, and never in none.
    p = np.eye(2)[[0] * 7 + [1]]

    def with_one_among(count):
        share = 1 / count
        return share**-share * (1 - share) ** (share - 1)

    scores = [inception_score(p, 3, seed=seed) for seed in range(40)]
    expected = {n: (with_one_among(n) + 2) / 3 for n in (2, 3)}
    seen = {n: sum(s[0] == pytest.approx(expected[n]) for s in scores) for n in (2, 3)}
    assert seen[2] + seen[3] == 40 and seen[2] > 2 and seen[3] > 2
    high = with_one_among(3)
    sds = [s[1] for s in scores if s[0] == pytest.approx(expected[3])]
    assert sds == pytest.approx([np.std([high, 1, 1])] * len(sds))


def test_one_picture_and_seeds():
    assert inception_score(np.array([[0.3, 0.7]]), 1, seed=0) == (1, 0)
    p = np.random.default_rng(0).dirichlet(np.ones(5), 40)
    assert inception_score(p, seed=1) == inception_score(p, seed=1)
    assert inception_score(p, seed=1) != inception_score(p, seed=2)


@settings(deadline=None)
@given(
    st.integers(1, 5).flatmap(
        lambda c: st.lists(
            st.lists(st.floats(0.01, 1), min_size=c, max_size=c),
            min_size=1,
            max_size=9,
        )
    )
)
def test_between_one_and_the_number_of_classes(rows):
    p = np.array(rows) / np.sum(rows, axis=1, keepdims=True)
    mean, _ = inception_score(p, 1, seed=0)
    assert 1 - 1e-9 <= mean <= p.shape[1] + 1e-9


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[0.5, 0.5], [np.nan, 1]], "probability features: row 1 is not finite"),
        ([[0.5, 0.5], [3.0, -1.0]], "row 1 has the sum 2 and the least entry -1"),
        ([[0.5, 0.5], [1.5, -0.5]], "row 1 has the sum 1 and the least entry -0.5"),
        ([[0.5, 0.5]], "have 1 rows, expected at least 2"),
        ([0.5, 0.5], "expected \\[N, F\\]"),
    ],
)
def test_what_is_no_probability(rows, message):
    with pytest.raises(InputError, match=message):
        inception_score(np.array(rows), 2, seed=0)
    with pytest.raises(InputError, match="0 splits"):
        inception_score(np.eye(2), 0, seed=0)

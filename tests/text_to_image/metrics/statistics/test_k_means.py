"""K-means finds groups that lie apart, and the same ones again."""

import numpy as np
import pytest

from text_to_image.metrics.statistics.k_means import k_means, nearest, refine


def blobs(count, rng):
    centres = 100.0 * np.stack(np.meshgrid(range(4), range(5)), axis=-1).reshape(-1, 2)
    owner = rng.permutation(np.repeat(np.arange(20), count))
    return centres[owner] + rng.normal(size=(20 * count, 2)), owner


@pytest.mark.parametrize("seed", range(5))
def test_separated_blobs(seed):
    points, owner = blobs(6, np.random.default_rng(seed))
    # k-means++ may start two means in one blob; few of 20 are lost by that.
    labels = k_means(points, 20, seed)
    same = labels[:, None] == labels
    truth = owner[:, None] == owner
    assert (same & truth).sum() / truth.sum() > 0.9
    assert (same & ~truth).sum() / truth.sum() < 0.3
    np.testing.assert_array_equal(k_means(points, 20, seed), labels)


def test_two_blobs_are_always_told_apart():
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(size=(7, 3)), rng.normal(size=(9, 3)) + 50])
    for seed in range(10):
        labels = k_means(points, 2, seed)
        assert len(set(labels[:7])) == len(set(labels[7:])) == 1
        assert labels[0] != labels[-1]


def test_every_label_is_that_of_the_nearest_mean_of_its_group():
    points = np.random.default_rng(1).normal(size=(200, 3))
    labels = k_means(points, 7, 3)
    means = np.stack([points[labels == i].mean(axis=0) for i in range(7)])
    distances = np.linalg.norm(points[:, None] - means, axis=2)
    np.testing.assert_array_equal(distances.argmin(axis=1), labels)


def test_leading_axes_are_problems_of_their_own():
    rng = np.random.default_rng(2)
    points, means = rng.normal(size=(3, 50, 2)), rng.normal(size=(3, 4, 2))
    together = refine(points, means, 5)
    for i in range(3):
        alone = refine(points[i], means[i], 5)
        np.testing.assert_allclose(together[i], alone)
        np.testing.assert_array_equal(
            nearest(points, together)[i], nearest(points[i], alone)
        )


def test_few_points():
    same = np.ones((5, 2))
    assert len(k_means(same, 3, 0)) == 5
    assert sorted(k_means(np.eye(4), 4, 0)) == [0, 1, 2, 3]
    # A mean that nothing is near stays where it is.
    far = refine(same, np.array([[1.0, 1.0], [9.0, 9.0]]), 3)
    np.testing.assert_array_equal(far, [[1, 1], [9, 9]])
    with pytest.raises(ValueError, match="6 clusters of 5 points"):
        k_means(same, 6, 0)

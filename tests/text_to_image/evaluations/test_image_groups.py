"""Groups within which diversity is measured."""

import numpy as np

from text_to_image.evaluations.image_groups import (
    across_captions,
    draw_class_groups,
    groups_protocol,
)


def test_groups_of_classes():
    labels = np.array([5, 2, 5, 2, 5, 2, 5, 9, 9, 9])
    groups = draw_class_groups(labels, 8, np.random.default_rng(0))
    assert groups.shape == (3, 3)  # the smallest class has three
    assert labels[groups].tolist() == [[2] * 3, [5] * 3, [9] * 3]
    assert all(len(set(group)) == 3 for group in groups.tolist())
    assert draw_class_groups(labels, 2, np.random.default_rng(0)).shape == (3, 2)


def test_groups_across_captions():
    rows = np.arange(60).reshape(30, 2)
    groups = across_captions(rows, 5)
    assert groups.shape == (3, 8, 2)
    np.testing.assert_array_equal(groups[1], rows[8:16])
    assert across_captions(rows, 2).shape == (2, 8, 2)


def test_protocol():
    assert groups_protocol(np.zeros((32, 8, 1)), np.zeros((20, 5))) == {
        "groups": "8 noises of 32 captions, 5 images of 20 classes",
        "num_generated": 256,
        "num_real": 100,
    }

"""Accuracies and confusion, counted by hand."""

import numpy as np
import pytest

from foundation.errors import InputError
from text_to_image.metrics.agreement import agreement

CHOICES = ("dark", "light", "grey")


def read(images):
    return ["light" if image.mean() > 128 else "dark" for image in images]


def flat(*values):
    return np.stack([np.full((2, 2, 3), value, np.uint8) for value in values])


def test_hand_counted():
    named = ["dark", "dark", "dark", None, "light"]
    score = agreement(flat(0, 9, 255, 0, 255), named, read, CHOICES)
    assert score["n"] == 4 and score["chance"] == pytest.approx(1 / 3)
    assert score["accuracy"] == pytest.approx(3 / 4)
    assert score["balanced_accuracy"] == pytest.approx((2 / 3 + 1) / 2)
    assert score["confusion"] == {
        "dark": {"dark": 2, "light": 1},
        "light": {"light": 1},
    }


def test_only_pictures_that_count_are_read():
    seen = []

    def spy(images):
        seen.extend(images[:, 0, 0, 0])
        return read(images)

    agreement(flat(1, 2, 3), [None, "dark", None], spy, CHOICES)
    assert seen == [2]


def test_nothing_to_score():
    with pytest.raises(
        InputError, match=r"None of the 2 captions .* dark, light, grey"
    ):
        agreement(flat(0, 0), [None, None], read, CHOICES)
    with pytest.raises(ValueError, match="2 images, but 1 captions"):
        agreement(flat(0, 0), ["dark"], read, CHOICES)

"""Freshly drawn flowers, whose attributes are known."""

import dataclasses

import numpy as np
import pytest

from data_prep.rendered_flowers.attributes import flower_classes, sample_attributes
from data_prep.rendered_flowers.grammar import captions
from data_prep.rendered_flowers.renderer import render

SEED = 3  # of classes and images that no threshold was set by


@dataclasses.dataclass(frozen=True)
class Drawn:
    images: np.ndarray
    attributes: list
    captions: list[list[str]]

    def values(self, attribute):
        return [str(getattr(flower, attribute)) for flower in self.attributes]


@pytest.fixture(scope="session")
def drawn():
    """Three flowers of every third class, cropped as in training: 105 images."""
    places = [(c, i) for c in range(0, len(flower_classes(SEED)), 3) for i in range(3)]
    flowers = [sample_attributes(*place, SEED) for place in places]
    return Drawn(
        np.stack([render(flower)[6:70, 6:70] for flower in flowers]),
        flowers,
        [captions(f, *p, SEED) for f, p in zip(flowers, places, strict=True)],
    )

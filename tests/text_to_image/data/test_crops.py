"""The crop that is evaluated on."""

import numpy as np

from text_to_image.data.crops import center_crop


def test_center_crop():
    images = np.arange(76)[None, :, None, None] * np.ones((1, 76, 76, 3), int)
    assert center_crop(images)[0, :, 0, 0].tolist() == list(range(6, 70))

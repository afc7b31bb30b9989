"""What the captions of an image say together."""

from itertools import pairwise

import numpy as np

from text_to_image.data.cache import Split


def mean_captions(split: Split) -> np.ndarray:
    """Returns the mean vector of the captions of every image, float32 `[N, D]`."""
    return np.stack(
        [
            np.asarray(split.embeddings[first:end], np.float32).mean(axis=0)
            for first, end in pairwise(split.caption_offsets)
        ]
    )

"""Does a photograph-like image show the color that its caption names?

The reader is a classifier of coarse color histograms, fitted on real training images.
It is not fitted on a network's features, which take texture for color.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.linear_model import LogisticRegression

from foundation.errors import InputError
from text_to_image.metrics.agreement import agreement
from text_to_image.metrics.colors.caption_colors import (
    COLORS,
    agreed_color,
    named_color,
)

_BLOCK = 4  # pixels a side of the areas whose means are counted
_LEVELS = 6  # of each of red, green and blue
_BINS = _LEVELS**3
# The best of 3e-5 to 1e-2 at real training images of classes left out of the fit.
_L2 = 1e-3


@dataclasses.dataclass(frozen=True)
class PhotoColorReader:
    """Reads the color of a flower from the pixels; made by `fit`.

    Attributes:
        colors: those of `caption_colors.COLORS` that the fit has seen.
        classifier: from histograms to indices of `colors`.
    """

    colors: tuple[str, ...]
    classifier: LogisticRegression

    @classmethod
    def fit(cls, images: np.ndarray, captions: Sequence[Sequence[str]]) -> Self:
        """Fits a reader to the real images whose captions agree on one color.

        Args:
            images: uint8 `[N, 64, 64, 3]`, of training classes.
            captions: for every image its captions; see `agreed_color`.

        Raises:
            InputError: the captions agree on fewer than two colors.
        """
        if len(images) != len(captions):
            raise ValueError(f"{len(images)} images, but {len(captions)} captions.")
        agreed = [agreed_color(own) for own in captions]
        colors = tuple(color for color in COLORS if color in agreed)
        if len(colors) < 2:
            raise InputError(
                f"the captions of {len(images)} training images agree on "
                f"{', '.join(colors) or 'no color'}; expected at least two of "
                f"{', '.join(COLORS)}"
            )
        kept = [i for i, color in enumerate(agreed) if color]
        labels = np.array([colors.index(str(agreed[i])) for i in kept])
        features = _histograms(np.asarray(images)[kept])
        # The mean over colors of their images' mean cross-entropy, plus L2 / 2 |W|^2: a
        # rare color counts as a common one.
        classifier = LogisticRegression(
            C=1 / (len(labels) * _L2),
            class_weight="balanced",
            tol=1e-7,
            max_iter=2000,
        )
        return cls(colors, classifier.fit(features, labels))

    def read(self, images: np.ndarray) -> list[str]:
        """Returns one of `colors` for every image of uint8 `[N, 64, 64, 3]`."""
        if not len(images):
            return []
        best = self.classifier.predict(_histograms(images))
        return [self.colors[i] for i in best]

    def agreement(self, images: np.ndarray, captions: Sequence[str]) -> dict[str, Any]:
        """Scores images against the colors that their captions name.

        Args:
            images: uint8 `[N, 64, 64, 3]`.
            captions: N captions; those that do not name exactly one color, or one
                that the fit has not seen, do not count.

        Returns:
            The scores of `agreement`.

        Raises:
            InputError: no caption counts.
        """
        named = [named_color(caption) for caption in captions]
        known = [color if color in self.colors else None for color in named]
        return agreement(images, known, self.read, self.colors)


def _histograms(images: np.ndarray) -> np.ndarray:
    """Returns roots of the shares of 6 x 6 x 6 colors, float64 `[N, 432]`.

    First of the whole image, then of its central quarter. The root, because shares
    of 2 % and 4 % differ more than shares of 72 % and 74 % do.
    """
    n, side = images.shape[:2]
    if images.shape[1:] != (64, 64, 3) or images.dtype != np.uint8:
        raise ValueError(f"{images.dtype} {images.shape}, not uint8 [N, 64, 64, 3]")
    cells = side // _BLOCK
    blocks = images.reshape(n, cells, _BLOCK, cells, _BLOCK, 3)
    means = blocks.mean(axis=(2, 4), dtype=np.float32)  # [N, 16, 16, 3]
    levels = (means * _LEVELS // 256).astype(np.int64)
    bins = levels @ [_LEVELS**2, _LEVELS, 1]  # [N, 16, 16]
    inner = slice(cells // 4, -cells // 4)
    return np.sqrt(np.concatenate([_shares(bins), _shares(bins[:, inner, inner])], 1))


def _shares(bins: np.ndarray) -> np.ndarray:
    """Returns how large a part of each image every bin takes, `[N, 216]`."""
    n = len(bins)
    flat = bins.reshape(n, bins.shape[1] ** 2)  # [N, cells]
    numbered = flat + _BINS * np.arange(n)[:, None]
    counts = np.bincount(numbered.ravel(), minlength=_BINS * n)
    return counts.reshape(n, _BINS) / flat.shape[1]

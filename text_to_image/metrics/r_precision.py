"""R-precision: is an image nearer to its own caption than to those of other classes?

Images and captions are compared in a space fitted on real training pairs.
"""

from typing import Any, NamedTuple, Self

import numpy as np

from foundation.errors import InputError
from text_to_image.metrics.statistics.canonical_correlation import canonical_directions
from text_to_image.metrics.statistics.finite_features import finite_features

# Chosen with the protocol: they are part of the metric, a change needs a new name.
_DIRECTIONS, _RIDGE_IMAGES, _RIDGE_TEXT = 128, 3.0, 0.1
_RANKS = (1, 5)
_ROWS = 1024  # of vectors at a time: bounds the memory
_TIE = 1e-9  # of cosines: rounding may tell equal captions apart


class _View(NamedTuple):
    """Standardises one side of the pairs and projects it.

    Attributes:
        name: of the side, for the message of an error.
        mean: float64 `[F]`.
        directions: float64 `[F, K]`, weighted, divided by the standard deviations.
    """

    name: str
    mean: np.ndarray
    directions: np.ndarray

    def project(self, vectors: np.ndarray) -> np.ndarray:
        """Returns unit vectors in the space, float64 `[N, K]`; zero stays zero.

        Raises:
            InputError: vectors that are not `[N, F]`, or not finite.
        """
        if vectors.ndim != 2 or vectors.shape[1] != len(self.mean):
            raise InputError(
                f"{self.name} vectors have shape {vectors.shape}, expected "
                f"[N, {len(self.mean)}], as the space was fitted on"
            )
        projected = np.empty((len(vectors), self.directions.shape[1]))  # [N, K]
        with np.errstate(invalid="ignore"):  # reported below, by its row
            for start in range(0, len(vectors), _ROWS):
                rows = slice(start, start + _ROWS)
                projected[rows] = (vectors[rows] - self.mean) @ self.directions
        [projected] = finite_features({self.name: projected}, 1)
        norms = np.linalg.norm(projected, axis=1, keepdims=True)
        return projected / np.where(norms > 0, norms, 1)


class CaptionImageSpace(NamedTuple):
    """A space in which real images lie near their captions.

    Attributes:
        images: from features of images to the space.
        captions: from vectors of captions to it.
    """

    images: _View
    captions: _View

    @classmethod
    def fit(cls, image_features: np.ndarray, mean_caption_vectors: np.ndarray) -> Self:
        """Fits 128 canonical directions, or as many as there can be.

        Both sides are standardised by dimension; ridges 3 on images and 0.1 on text.
        Each direction is weighted by its correlation, on both sides: the last of them
        say little, and as many as they are would drown the first in a cosine.

        Args:
            image_features: float `[N, F]` of real training images, N >= 2.
            mean_caption_vectors: float `[N, D]`, mean over the captions of each.

        Raises:
            InputError: features that are not finite, too few, or not pairs.

        Reference:
            Gong et al. 2014, "A multi-view embedding space", for the weights.
        """
        [x] = finite_features({"training image": image_features}, 2)
        [y] = finite_features({"training caption": mean_caption_vectors}, 2)
        (mean_x, sd_x), (mean_y, sd_y) = _mean_and_sd(x), _mean_and_sd(y)
        on_images, on_text, correlations = canonical_directions(
            (x - mean_x) / sd_x,
            (y - mean_y) / sd_y,
            min(_DIRECTIONS, x.shape[1], y.shape[1], len(x) - 1),
            _RIDGE_IMAGES,
            _RIDGE_TEXT,
        )
        return cls(
            _View("image", mean_x, on_images * correlations / sd_x[:, None]),
            _View("caption", mean_y, on_text * correlations / sd_y[:, None]),
        )

    def r_precision(
        self,
        image_features: np.ndarray,
        caption_rows: np.ndarray,
        pool_vectors: np.ndarray,
        pool_labels: np.ndarray,
        seed: int,
        candidates: int = 100,
    ) -> dict[str, Any]:
        """Retrieves the caption of each image among captions of other classes.

        By cosine; other captions as near as the own one count as nearer. Images of
        other generators, and real ones, meet the same candidates at the same seed and
        `caption_rows`. A caption of another image as the own one is a control: it
        scores a little below chance where its rivals include the image's class.

        Args:
            image_features: float `[N, F]` of images.
            caption_rows: int `[N]`, each image's caption, a row of the pool.
            pool_vectors: float `[C, D]` of single captions.
            pool_labels: int `[C]`, the class of each.
            seed: of the other captions.
            candidates: captions an image meets, the own one among them.

        Returns:
            `r1` and `r5`, the shares of images whose caption is the nearest, or among
            the nearest five; `r1_error` and `r5_error`, their binomial standard errors;
            `n`, the images.

        Raises:
            InputError: vectors that are not finite or do not fit the space, rows
                outside the pool, or too few captions of other classes.
        """
        labels, rows = np.asarray(pool_labels), np.asarray(caption_rows)
        _check_rows(rows, len(image_features), labels, len(pool_vectors))
        images, pool = (
            self.images.project(np.asarray(image_features)),  # [N, K]
            self.captions.project(np.asarray(pool_vectors)),  # [C, K]
        )
        others = _other_classes(labels, np.unique(labels[rows]), candidates - 1)
        rng = np.random.default_rng(seed)
        ranks = np.empty(len(rows), np.int64)
        for i, row in enumerate(rows):
            rivals = rng.choice(others[labels[row]], candidates - 1, replace=False)
            ranks[i] = np.sum(pool[rivals] @ images[i] >= pool[row] @ images[i] - _TIE)
        result: dict[str, Any] = {"n": len(ranks)}
        for k in _RANKS:
            share = float(np.mean(ranks < k))
            result[f"r{k}"] = share
            result[f"r{k}_error"] = float(np.sqrt(share * (1 - share) / len(ranks)))
        return result


def _mean_and_sd(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns mean and standard deviation, `[F]`; 1 for a dimension that is constant.

    It correlates with nothing, and so gets no weight, whatever it is in other vectors.
    """
    mean, sd = x.mean(axis=0), x.std(axis=0)
    return mean, np.where(sd > 1e-12 * np.abs(mean), sd, 1.0)  # 0, but for rounding


def _check_rows(
    rows: np.ndarray, images: int, labels: np.ndarray, captions: int
) -> None:
    if rows.shape != (images,) or labels.shape != (captions,):
        raise InputError(
            f"caption rows {rows.shape} of {images} images and labels {labels.shape} "
            f"of {captions} captions, expected one for each"
        )
    outside = rows[(rows < 0) | (rows >= captions)]
    if len(outside):
        raise InputError(
            f"caption row {outside[0]} of an image, expected 0 to {captions - 1}"
        )


def _other_classes(
    labels: np.ndarray, wanted: np.ndarray, least: int
) -> dict[Any, np.ndarray]:
    """Returns the rows of all captions that are not of a class, for each class."""
    others = {label: np.flatnonzero(labels != label) for label in wanted}
    for label, rows in others.items():
        if len(rows) < least:
            raise InputError(
                f"{len(rows)} captions of other classes than {label}, expected at "
                f"least {least}; retrieve among fewer, or on a split of more captions"
            )
    return others

"""What sentence vectors carry: the class of a caption, and captions of the same image.

Vectors in, as any encoder or baseline gives them; two scores out, each with what chance
would give. Both subtract the mean of all vectors that they are given, and then divide
each by its norm: skip-thought vectors share a large common part, next to which all
cosines are near 1. That uses neither classes nor images, and is done to every method
alike.
"""

import dataclasses
from collections.abc import Hashable, Iterator, Sequence

import numpy as np

from foundation.errors import InputError
from skipthoughts.words.directions import directions

# What the numbers are, kept next to them.
PROTOCOL = (
    "the mean of all test vectors is subtracted, then each is normalised; class: half "
    "of the images of each class give its centroid, the captions of the others are "
    "classified by the largest cosine; retrieval: one query and one target caption an "
    "image, each query ranks the targets of all images by cosine, ties in the middle"
)

_BLOCK = 1 << 22  # numbers at a time
# Equal captions have equal vectors, but matrix products round them differently.
_TIE = 1e-6


@dataclasses.dataclass(frozen=True)
class RetrievalScores:
    """How far ahead another caption of the same image is among those of all images.

    Attributes:
        median_rank: of the right caption, from 1; a tie counts as the middle rank.
        recall_at_10: share of queries whose right caption has at most rank 10.
        images: N, the number of queries and of candidates.
        chance_median_rank: that of a random order, (N + 1) / 2.
        chance_recall_at_10: that of a random order, min(10, N) / N.
    """

    median_rank: float
    recall_at_10: float
    images: int
    chance_median_rank: float
    chance_recall_at_10: float


@dataclasses.dataclass(frozen=True)
class CentroidScores:
    """How often the nearest centroid is that of a caption's class.

    Attributes:
        accuracy: share of the captions of held-out images, 0 to 1.
        captions: number of captions that were classified.
        classes: K, number of centroids.
        chance_accuracy: that of a guess, 1 / K.
    """

    accuracy: float
    captions: int
    classes: int
    chance_accuracy: float


def retrieval(
    vectors: np.ndarray, images: np.ndarray, seed: int = 0
) -> RetrievalScores:
    """Finds another caption of the same image by cosine similarity.

    From each image with two captions or more, two are drawn: a query and its target.
    The candidates of each query are the targets of all those images, so one among N is
    right. The draw depends on `images` and `seed` only: it is the same for all methods.

    Args:
        vectors: float32 `[C, D]`, one a caption.
        images: int `[C]`, from 0: the image of each caption.
        seed: of the draw.

    Raises:
        InputError: fewer than two images with two captions.
    """
    queries, targets = _drawn_pairs(images, seed)
    if len(queries) < 2:
        raise InputError(
            f"{len(queries)} images with two captions or more; expected at least two, "
            "with a blank line between the captions of one image and the next"
        )
    mean = vectors.mean(axis=0, dtype=np.float64)
    candidates = np.concatenate(
        [
            _centred(vectors[targets[block]], mean)
            for block in _blocks(len(targets), vectors.shape[1])
        ]
    )
    ranks = []
    for block in _blocks(len(queries), max(candidates.shape)):
        similarities = _centred(vectors[queries[block]], mean) @ candidates.T
        rows = np.arange(len(similarities))
        right = similarities[rows, rows + block.start][:, None]
        ahead = (similarities > right + _TIE).sum(axis=1)
        tied = (np.abs(similarities - right) <= _TIE).sum(axis=1) - 1  # less itself
        ranks.append(1 + ahead + tied / 2)
    rank = np.concatenate(ranks)
    return RetrievalScores(
        median_rank=float(np.median(rank)),
        recall_at_10=float((rank <= 10).mean()),
        images=len(rank),
        chance_median_rank=(len(rank) + 1) / 2,
        chance_recall_at_10=min(10, len(rank)) / len(rank),
    )


def nearest_centroid(
    vectors: np.ndarray,
    images: np.ndarray,
    labels: Sequence[Hashable],
    seed: int = 0,
) -> CentroidScores:
    """Classifies the captions of held-out images by the nearest class centroid.

    Half of the images of each class, the larger one where their number is odd, give the
    centroid: the mean of the normalised vectors of all of their captions. Each caption
    of the other images is given the class whose centroid has the largest cosine. The
    draw depends on `images`, `labels` and `seed` only.

    Args:
        vectors: float32 `[C, D]`, one a caption.
        images: int `[C]`, from 0: the image of each caption.
        labels: the class of each image.
        seed: of the draw.

    Raises:
        InputError: fewer than two classes, no class of two images, or an image
            without a label.
    """
    if images.max() >= len(labels):
        raise InputError(
            f"{images.max() + 1} images and {len(labels)} classes; expected one class "
            "an image, in the same order"
        )
    classes = list(dict.fromkeys(labels[image] for image in np.unique(images)))
    number = {label: i for i, label in enumerate(classes)}
    truth = np.array([number[labels[image]] for image in images])  # [C]
    held_out = _held_out(images, truth, seed)
    if len(classes) < 2 or not held_out.any():
        raise InputError(
            f"{len(classes)} classes and {held_out.sum()} captions of held-out images; "
            "expected at least two classes, and one of at least two images"
        )
    mean = vectors.mean(axis=0, dtype=np.float64)
    sums = np.zeros((len(classes), vectors.shape[1]))
    known = np.flatnonzero(~held_out)
    for block in _blocks(len(known), vectors.shape[1]):
        some = known[block]
        np.add.at(sums, truth[some], _centred(vectors[some], mean))
    centroids = directions(sums).astype(np.float32)  # [K, D]
    asked = np.flatnonzero(held_out)
    right = 0
    for block in _blocks(len(asked), max(centroids.shape)):
        some = asked[block]
        nearest = (_centred(vectors[some], mean) @ centroids.T).argmax(axis=1)
        right += int((nearest == truth[some]).sum())
    return CentroidScores(
        accuracy=right / len(asked),
        captions=len(asked),
        classes=len(classes),
        chance_accuracy=1 / len(classes),
    )


def _drawn_pairs(images: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the captions `[N]` that are queries, and their targets `[N]`."""
    # Captions in random order, then by image: the first two of each are the draw.
    order = np.random.default_rng(seed).permutation(len(images))
    order = order[np.argsort(images[order], kind="stable")]
    _, first, sizes = np.unique(images[order], return_index=True, return_counts=True)
    first = first[sizes > 1]
    return order[first], order[first + 1]


def _held_out(images: np.ndarray, truth: np.ndarray, seed: int) -> np.ndarray:
    """Returns which captions are of the smaller half of the images of their class."""
    rng = np.random.default_rng(seed)
    held_out = np.zeros(len(images), bool)
    for label in np.unique(truth):
        members = rng.permutation(np.unique(images[truth == label]))
        held_out |= np.isin(images, members[: len(members) // 2])
    return held_out


def _blocks(count: int, width: int) -> Iterator[slice]:
    size = max(1, _BLOCK // width)
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


def _centred(vectors: np.ndarray, mean: np.ndarray) -> np.ndarray:
    return directions(vectors - mean).astype(np.float32)

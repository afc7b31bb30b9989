"""Do the samples of one caption differ? A generator may ignore its noise."""

import numpy as np
from scipy.spatial.distance import pdist

from foundation.errors import InputError
from text_to_image.metrics.ms_ssim import ms_ssim
from text_to_image.metrics.statistics.finite_features import finite_features


def spread(images: np.ndarray) -> float:
    """Returns the mean absolute pixel difference within groups of images.

    Args:
        images: uint8 `[groups, images, H, W, 3]`, at least two images a group.

    Returns:
        The mean over groups, pairs of different images, pixels and channels, 0-255.
    """
    groups, count = images.shape[:2]
    if count < 2:
        raise ValueError(f"{count} image a group, expected at least 2")
    total = 0.0
    for group in images.astype(np.float32):
        for i in range(count - 1):
            total += float(np.abs(group[i] - group[i + 1 :]).mean((1, 2, 3)).sum())
    return total / (groups * count * (count - 1) / 2)


def feature_diversity(
    features_of_captions: np.ndarray, features_of_classes: np.ndarray
) -> float:
    """Returns how far samples of a caption lie apart, in terms of images of a class.

    Args:
        features_of_captions: float `[captions, seeds, F]` of samples.
        features_of_classes: float `[classes, images, F]` of real images.

    Returns:
        `mean_distance` of the first over that of the second: 0 where the noise is
        ignored, 1 where samples differ as the images of a class do.

    Raises:
        InputError: as `mean_distance`; different F; real images that do not differ.
    """
    generated, real = np.asarray(features_of_captions), np.asarray(features_of_classes)
    apart = mean_distance(generated, "caption"), mean_distance(real, "class")
    finite_features({"caption": generated[0], "class": real[0]}, 2)  # the same F
    if apart[1] == 0:
        raise InputError(
            "class features: the real images of every class are the same, expected "
            "different ones; look at the data set"
        )
    return apart[0] / apart[1]


def mean_distance(groups: np.ndarray, name: str = "group") -> float:
    """Returns the mean Euclidean distance within groups of features.

    Args:
        groups: float `[groups, images, F]`, at least two images a group.
        name: what a group is, for the message of an error.

    Returns:
        The mean over groups and pairs of different images, in units of the features.

    Raises:
        InputError: no groups, fewer than two images, features that are not finite.
    """
    groups = np.asarray(groups)
    _check_groups(groups.shape, 3, f"features of each {name}")
    x = finite_features({name: groups.reshape(-1, groups.shape[2])}, 2)[0]
    return float(np.mean([pdist(group) for group in x.reshape(groups.shape)]))


def mean_ms_ssim(images: np.ndarray) -> float:
    """Returns the mean multi-scale structural similarity within groups of images.

    Args:
        images: uint8 `[groups, images, H, W, 3]`, at least two images a group.

    Returns:
        The mean over groups and pairs of different images: 1 where all are the same.

    Raises:
        InputError: no groups, fewer than two images, and as `ms_ssim`.

    Reference:
        Odena et al. 2017, Sec. 4.2.
    """
    images = np.asarray(images)
    _check_groups(images.shape, 5, "images")
    first, second = np.triu_indices(images.shape[1], 1)
    return float(np.mean([ms_ssim(group[first], group[second]) for group in images]))


def _check_groups(shape: tuple[int, ...], axes: int, name: str) -> None:
    if len(shape) != axes or shape[0] < 1 or shape[1] < 2:
        raise InputError(
            f"{name} have shape {shape}, expected {axes} axes: groups, at least 2 "
            "images of each, and what an image is"
        )

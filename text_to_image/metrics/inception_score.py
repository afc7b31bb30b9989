"""The inception score: are images clear, and of many kinds, to a classifier?"""

import numpy as np
from scipy.special import rel_entr

from foundation.errors import InputError
from text_to_image.metrics.statistics.finite_features import finite_features

_ROUNDING = 1e-3  # of a row's sum: a softmax in half precision passes, logits do not


def inception_score(
    probabilities: np.ndarray, splits: int = 10, *, seed: int
) -> tuple[float, float]:
    """Returns exp(mean KL(p(class | image) || p(class))) over splits of the images.

    p(class) is the mean over the images of a split. No image is dropped: the splits
    differ by one image at most.

    Args:
        probabilities: float `[N, C]` of a classifier, each row of sum 1; N >= `splits`.
        splits: parts that the score is computed on, at least 1. The score grows with
            the images in a part: compare at equal N and splits only.
        seed: of the order in which images are dealt to the splits.

    Returns:
        Mean and (population) standard deviation over the splits; the mean is within 1
        and C.

    Raises:
        InputError: rows that are not probabilities, or fewer rows than splits.

    Reference:
        Salimans et al. 2016, Sec. 4.
    """
    if splits < 1:
        raise InputError(f"{splits} splits, expected at least 1")
    [p] = finite_features({"class probability": probabilities}, splits)
    off = np.abs(p.sum(axis=1) - 1) > _ROUNDING
    wrong = np.flatnonzero(off | (p < 0).any(axis=1))
    if len(wrong):
        raise InputError(
            f"class probabilities: row {wrong[0]} has the sum {p[wrong[0]].sum():.4g} "
            f"and the least entry {p[wrong[0]].min():.4g}, expected 1 and none below "
            "0; give a model that ends in a softmax"
        )
    shuffled = np.random.default_rng(seed).permutation(p)
    scores = [_score(part) for part in np.array_split(shuffled, splits)]
    return float(np.mean(scores)), float(np.std(scores))


def _score(p: np.ndarray) -> float:
    divergence = rel_entr(p, p.mean(axis=0)).sum(axis=1)  # [N]; 0 log 0 is 0
    return float(np.exp(divergence.mean()))

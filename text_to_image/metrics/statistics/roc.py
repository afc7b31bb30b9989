"""The receiver operating characteristic of scores, and the area below it."""

import numpy as np


def roc_curve(
    scores: np.ndarray, positive: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the rates at every threshold, from the strictest to the laxest.

    Args:
        scores: float `[N]`; higher for positive. Equal scores pass a threshold
            together, which makes their part of the curve a slope.
        positive: bool `[N]`, at least one of each.

    Returns:
        Rates of false and of true positives, float64 `[T]`, from (0, 0) to (1, 1).
    """
    positive = np.asarray(positive, bool)
    if positive.all() or not positive.any():
        raise ValueError(f"{positive.sum()} of {len(positive)} positive: one-sided")
    order = np.argsort(-scores, kind="stable")
    ranked = np.asarray(scores)[order]
    last_of_tie = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    true = np.append(0, np.cumsum(positive[order])[last_of_tie])
    false = np.append(0, np.cumsum(~positive[order])[last_of_tie])
    return false / false[-1], true / true[-1]


def area_under(false_rate: np.ndarray, true_rate: np.ndarray) -> float:
    """Returns the area below a curve of `roc_curve`: 0.5 is chance, 1 faultless.

    It is the probability that a positive scores higher than a negative, a tie counted
    as half.
    """
    heights = (true_rate[1:] + true_rate[:-1]) / 2
    return float(np.sum(np.diff(false_rate) * heights))

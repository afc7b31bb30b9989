"""Multinomial logistic regression, with every class as heavy as any other."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

_MOST_ITERATIONS = 2000
_GRADIENT = 1e-7  # largest entry of the gradient at which the fit rests


def fit_logistic(features: np.ndarray, labels: np.ndarray, l2: float) -> np.ndarray:
    """Fits classes to features by L-BFGS in float64, from zero.

    Minimises the mean over classes of their examples' mean cross-entropy, plus
    l2 / 2 |W|^2 with the intercepts left out: a rare class counts as a common one.

    Args:
        features: float `[N, F]`.
        labels: int `[N]`, in 0 to K - 1, each of them at least once.
        l2: weight of the penalty, above zero.

    Returns:
        float64 `[F + 1, K]`, the intercepts last.
    """
    x, member = _with_ones(features), np.eye(labels.max() + 1)[labels]  # [N, K]
    counts = member.sum(axis=0)
    if not counts.all():
        raise ValueError(f"class {counts.argmin()} of {len(counts)} has no example")
    importance = 1 / (counts[labels] * len(counts))  # [N], sum 1
    penalty = np.full((x.shape[1], 1), l2)
    penalty[-1] = 0

    def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(x.shape[1], -1)  # [F + 1, K]
        log_likely = log_softmax(x @ weights, axis=1)  # [N, K]
        loss = -importance @ (log_likely * member).sum(axis=1)
        excess = importance[:, None] * (np.exp(log_likely) - member)
        gradient = x.T @ excess + penalty * weights
        return loss + (penalty * weights**2).sum() / 2, gradient.ravel()

    start = np.zeros(x.shape[1] * len(counts))
    options = {"maxiter": _MOST_ITERATIONS, "gtol": _GRADIENT, "ftol": 0.0}
    found = minimize(objective, start, jac=True, method="L-BFGS-B", options=options)
    return found.x.reshape(x.shape[1], -1)


def predict_logistic(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Returns the likeliest class of `[N, F]` under `fit_logistic`'s weights, `[N]`."""
    return (_with_ones(features) @ weights).argmax(axis=1)


def _with_ones(features: np.ndarray) -> np.ndarray:
    features = np.asarray(features, np.float64)
    return np.append(features, np.ones((len(features), 1)), axis=1)  # [N, F + 1]

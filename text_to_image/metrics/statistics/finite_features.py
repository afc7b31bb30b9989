"""The one check of what the metrics measure: finite features, enough, of one width."""

from collections.abc import Mapping

import numpy as np

from foundation.errors import InputError


def finite_features(sets: Mapping[str, np.ndarray], least: int) -> list[np.ndarray]:
    """Returns sets of features as float64, if all can be measured against each other.

    Args:
        sets: numbers `[N, F]` by what they are of, as "generated"; N may differ.
        least: the smallest N.

    Returns:
        float64 `[N, F]` of each set, in order.

    Raises:
        InputError: a set that is not `[N, F]`, has fewer rows, or a row that is not
            finite; sets of different F.
    """
    checked = [_checked(name, features, least) for name, features in sets.items()]
    widths = {name: x.shape[1] for name, x in zip(sets, checked, strict=True)}
    if len(set(widths.values())) > 1:
        seen = ", ".join(f"{name}: {width}" for name, width in widths.items())
        raise InputError(
            f"numbers a row of features differ ({seen}), expected the same; compute "
            "all with one feature network"
        )
    return checked


def _checked(name: str, features: np.ndarray, least: int) -> np.ndarray:
    x = np.asarray(features, np.float64)
    if x.ndim != 2 or x.shape[1] == 0:
        raise InputError(f"{name} features have shape {x.shape}, expected [N, F]")
    if len(x) < least:
        raise InputError(
            f"{name} features have {len(x)} rows, expected at least {least}; measure "
            "more images"
        )
    broken = np.flatnonzero(~np.isfinite(x).all(axis=1))
    if len(broken):
        raise InputError(
            f"{name} features: row {broken[0]} is not finite ({len(broken)} of "
            f"{len(x)} rows are not), expected numbers; look at that image, and at "
            "the weights that generated or read it"
        )
    return x

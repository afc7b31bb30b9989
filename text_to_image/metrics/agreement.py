"""How often is read from an image what its caption names?"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from foundation.errors import InputError


def agreement(
    images: np.ndarray,
    named: Sequence[str | None],
    read: Callable[[np.ndarray], Sequence[str]],
    choices: Sequence[str],
) -> dict[str, Any]:
    """Scores what is read from images against what their captions name.

    Args:
        images: uint8 `[N, H, W, 3]`.
        named: for every image what its caption names, or None: it does not count.
        read: from images to what they show, one of `choices` or anything else.
        choices: all that a caption can name.

    Returns:
        `accuracy`; `balanced_accuracy`, the mean over what is named; `chance`, that of
        a guess; `n`, the images that count; `confusion`, for everything named the
        number of times that each reading was made.

    Raises:
        InputError: no caption names any of the choices.
    """
    if len(images) != len(named):
        raise ValueError(f"{len(images)} images, but {len(named)} captions.")
    kept = [i for i, name in enumerate(named) if name is not None]
    if not kept:
        raise InputError(
            f"None of the {len(named)} captions names exactly one of "
            f"{', '.join(choices)}; expected one that does, at least."
        )
    confusion: dict[str, Counter] = {}
    for i, reading in zip(kept, read(np.asarray(images)[kept]), strict=True):
        confusion.setdefault(str(named[i]), Counter())[reading] += 1
    recalls = [counts[name] / counts.total() for name, counts in confusion.items()]
    right = sum(counts[name] for name, counts in confusion.items())
    return {
        "accuracy": right / len(kept),
        "balanced_accuracy": float(np.mean(recalls)),
        "chance": 1 / len(choices),
        "n": len(kept),
        "confusion": {name: dict(counts) for name, counts in confusion.items()},
    }

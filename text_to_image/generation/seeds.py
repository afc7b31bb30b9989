"""Reads the seeds that a user names."""

import operator
import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from foundation.errors import InputError

MOST = 2**62  # a key of random numbers has two parts of 31 bits


def parse_seeds(text: str) -> list[int]:
    """Reads `0-7`, `0,2,5` or a mixture of both; each seed counts once.

    Raises:
        InputError: anything else, or more than 10,000 seeds.
    """
    seeds: list[int] = []
    shown = text if len(text) <= 60 else f"{text[:59]}…"
    for part in text.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,19})(?:-([0-9]{1,19}))?\s*", part)
        if not match:
            raise InputError(f"--seeds={shown}: expected 0-7 or 0,2,5")
        first = int(match[1])
        last = int(match[2] or match[1])
        if last < first:
            raise InputError(
                f"--seeds={shown}: {first} is more than {last}, expected "
                f"--seeds={last}-{first}"
            )
        if last >= MOST or len(seeds) + last - first >= 10_000:
            raise InputError(
                f"--seeds={shown}: expected at most 10,000 seeds below 2^62"
            )
        seeds.extend(range(first, last + 1))
    return list(dict.fromkeys(seeds))


def checked_seeds(seeds: int | Iterable[int]) -> list[int]:
    """Returns the seeds of an argument that is one whole number or several.

    Raises:
        InputError: none, or anything but whole numbers from 0, below 2^62.
    """
    if isinstance(seeds, (str, bytes)):
        raise InputError(f"seeds={seeds!r}: expected whole numbers, as range(8)")
    given = list(seeds) if isinstance(seeds, Iterable) else [seeds]
    checked = [_checked(seed) for seed in given]
    if not checked:
        raise InputError("no seeds, expected at least one, as range(8)")
    return checked


def _checked(seed: Any) -> int:
    try:
        number = -1 if isinstance(seed, (bool, np.bool_)) else operator.index(seed)
    except TypeError:
        number = -1
    if not 0 <= number < MOST:
        raise InputError(f"seed {seed!r}: expected whole numbers from 0, below 2^62")
    return number

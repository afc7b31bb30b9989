"""Reads the seeds that a user names."""

import re

from foundation.errors import InputError


def parse_seeds(text: str) -> list[int]:
    """Reads `0-7`, `0,2,5` or a mixture of both.

    Raises:
        InputError: anything else.
    """
    seeds: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)(?:-(\d+))?\s*", part)
        if not match:
            raise InputError(f"--seeds={text}: expected 0-7 or 0,2,5")
        first = int(match[1])
        last = int(match[2] or match[1])
        if last < first:
            raise InputError(
                f"--seeds={text}: {first} is more than {last}, expected "
                f"--seeds={last}-{first}"
            )
        if last >= 2**62 or last - first >= 10_000:
            raise InputError(
                f"--seeds={text}: expected at most 10,000 seeds below 2^62"
            )
        seeds.extend(range(first, last + 1))
    return seeds

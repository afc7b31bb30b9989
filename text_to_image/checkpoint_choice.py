"""Reads which checkpoint of a run a user names."""

import re

from skipthoughts.errors import InputError


def parse_checkpoint(text: str) -> str | int:
    """Reads `best`, `latest`, or the step of a checkpoint; empty stays empty.

    Raises:
        InputError: anything else.
    """
    if not re.fullmatch(r"|best|latest|[0-9]{1,18}", text):
        raise InputError(
            f"--checkpoint={text}: expected best, latest, or the step of a checkpoint, "
            "as --checkpoint=2000"
        )
    return int(text) if text.isdecimal() else text

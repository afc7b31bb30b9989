"""Reads which checkpoint of a run a user names."""

import re
from pathlib import Path

from foundation.errors import InputError


def parse_checkpoint(text: str) -> str | int | Path:
    """Reads `best`, `latest`, a step, or the path of a checkpoint; empty stays empty.

    Args:
        text: a path may name the checkpoint, as `runs/X/checkpoints/ckpt-2000`, or one
            of its files.

    Returns:
        A path without what TensorFlow adds to it: `…/ckpt-2000`.

    Raises:
        InputError: anything else.
    """
    if re.fullmatch(r"|best|latest", text):
        return text
    if re.fullmatch(r"[0-9]{1,18}", text):
        return int(text)
    path = Path(text)
    name = re.fullmatch(r"(ckpt-[0-9]{1,18})(\.index|\.data-\d+-of-\d+)?", path.name)
    if name is None:
        raise InputError(
            f"--checkpoint={text}: expected best, latest, or the step or the path of a "
            "checkpoint, as --checkpoint=2000 or runs/X/checkpoints/ckpt-2000"
        )
    return path.with_name(name[1])

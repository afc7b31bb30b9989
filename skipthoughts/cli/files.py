"""Files that flags name, checked before anything that takes seconds."""

import os
from pathlib import Path

from absl import flags

from foundation.errors import InputError


def writable_file(flag: flags.FlagHolder[str], example: str) -> Path:
    """Returns the path of a file that can be written.

    Args:
        flag: names it.
        example: a good value.

    Raises:
        InputError: it is a directory, or its directory cannot be written.
    """
    path = Path(flag.value)
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise InputError(
            f"--{flag.name}={path}: cannot be written; expected a file in a directory "
            f"that is there, as --{flag.name}={example}"
        )
    return path


def readable_file(flag: flags.FlagHolder[str], expected: str) -> Path:
    """Returns the path of a file that can be read.

    Args:
        flag: names it.
        expected: what it should be, and where to read more.

    Raises:
        InputError: it is no regular file, as a pipe without an end, or not there.
    """
    path = Path(flag.value)
    if not path.is_file() or not os.access(path, os.R_OK):
        raise InputError(
            f"--{flag.name}={flag.value}: cannot be read; expected {expected}"
        )
    return path

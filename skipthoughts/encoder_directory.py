"""The directory of an encoder, as a place to write to."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foundation.atomic import new_directory
from foundation.errors import InputError
from skipthoughts.config import PARTS


@contextmanager
def new_encoder_directory(directory: str | Path) -> Iterator[Path]:
    """Yields what `atomic.new_directory` does, for the files of an encoder.

    Raises:
        InputError: they cannot be written, and `directory` is as it was.
    """
    try:
        with new_directory(directory) as incomplete:
            yield incomplete
    except OSError as error:
        raise InputError(
            f"{directory}: cannot be written ({error.strerror or error}); expected a "
            "directory of yours on a disk with space, choose another one"
        ) from error


def check_output(directory: str | Path) -> None:
    """Refuses a directory that `save` cannot or must not write; it changes nothing.

    Raises:
        InputError: it holds something that is not an encoder's, or is not writable.
    """
    path = Path(directory)
    present = next(p for p in (path, *path.absolute().parents) if p.exists())
    if not present.is_dir():
        raise InputError(f"{present}: is a file, expected a directory; choose another")
    if not os.access(present, os.W_OK):
        raise InputError(f"{present}: cannot be written; choose another directory")
    own = {f"{part}.{file}" for part in PARTS for file in ("words.npy", "weights.h5")}
    foreign = {entry.name for entry in path.iterdir()} if path.exists() else set()
    foreign -= {"config.json", "vocabulary.txt", *own}
    if foreign:
        raise InputError(
            f"{path}: holds {min(foreign)}, which is no part of an encoder and would "
            "be lost; expected a new directory, choose another one"
        )

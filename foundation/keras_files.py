"""Files of Keras: read without code of theirs, written where there is room."""

import math
import os
import zipfile
from pathlib import Path

import keras

from foundation.atomic import check_room
from foundation.boundary import MEBIBYTE, check_archive, open_regular
from foundation.keras_settings import building

_MOST = 4096 * MEBIBYTE


def load_keras_model(path: Path) -> keras.Model:
    """Reads a `.keras` file; Keras refuses one that would need code.

    Raises:
        Exception: of any kind: it cannot be read.
    """
    with open_regular(path) as file, zipfile.ZipFile(file) as archive:
        check_archive(archive, _MOST)
    with building():
        return keras.saving.load_model(path, compile=False, safe_mode=True)


def save_weights(model: keras.Model, path: Path) -> None:
    """Writes a `.weights.h5` file.

    Raises:
        OSError: the disk is full; the process lives.
    """
    check_room(path.parent, size_of_file(model))
    model.save_weights(path)


def save_keras_model(model: keras.Model, path: Path) -> None:
    """Writes a `.keras` file, whole or not at all.

    Raises:
        OSError: the disk is full; the process lives.
    """
    # Keras insists on the suffix, which a temporary file would not have.
    incomplete = path.with_name(f"incomplete.{path.name}")
    try:
        check_room(path.parent, 2 * size_of_file(model))  # weights, and the archive
        model.save(incomplete)
        os.replace(incomplete, path)
    except BaseException:
        incomplete.unlink(missing_ok=True)
        raise


def size_of_file(model: keras.Model) -> int:
    """Returns what the file of a model takes at most, in bytes."""
    weights = model.weights
    return sum(math.prod(w.shape) * 8 for w in weights) + (len(weights) + 64) * 8192

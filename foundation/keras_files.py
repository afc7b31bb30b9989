"""Reads models that Keras saved, and no code of theirs."""

import zipfile
from pathlib import Path

import keras

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

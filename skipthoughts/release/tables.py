"""The word tables of the original release: rows of word vectors, pickled one by one."""

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from tqdm import tqdm

from foundation.boundary import load_array, open_regular, reading, reason_of
from foundation.errors import InputError
from skipthoughts.release import restricted_unpickler
from skipthoughts.release.restricted_unpickler import PickledArray

DICTIONARY = "dictionary.txt"
DICTIONARY_MD5 = "26d8a3e6458500013723b380a4b4b55e"  # as published
AGAIN = "download it again from http://www.cs.toronto.edu/~rkiros/models/"


def write_table(
    source: Path, target: Path, words: list[str], rows: Sequence[int], word_dim: int
) -> None:
    """Copies rows of a table of the release into a plain `.npy` file.

    Args:
        source: `utable.npy` or `btable.npy`, pickled rows or one float array `[V, W]`.
        target: the new file, float32 `[len(rows), W]`.
        words: the V words.
        rows: those to copy.
        word_dim: W.

    Raises:
        InputError: the table is damaged or has other sizes.
    """
    table = _read_table(source, len(words))
    shape = (len(rows), word_dim)
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    # Not through a memory map: on a full disk that kills the process without a word.
    with target.open("wb") as file:
        np.lib.format.write_array_header_2_0(file, header)
        for row in tqdm(rows, target.stem, unit="word", unit_scale=True, disable=None):
            try:
                file.write(_vector(table[row], word_dim).astype("<f4").tobytes())
            except ValueError as error:
                raise InputError(
                    f"{source}: row {row}, of {words[row][:40]!r}, is {error}, "
                    f"expected float32 [{word_dim}]; {AGAIN}"
                ) from error


def _vector(row: Any, word_dim: int) -> np.ndarray:
    """Returns a row as an array; what it is instead as a ValueError."""
    if isinstance(row, PickledArray):
        row = row.numpy()
    if not isinstance(row, np.ndarray):
        raise ValueError(f"of type {type(row).__name__}")
    # Rows that vocabulary expansion made may be [1, W].
    if row.dtype not in ("<f4", "<f8") or row.shape not in (
        (word_dim,),
        (1, word_dim),
    ):
        raise ValueError(f"{row.dtype} {list(row.shape)}")
    return row.reshape(word_dim)


def _read_table(path: Path, count: int) -> Sequence[Any]:
    """Returns the rows: stand-ins for arrays, or an array that stays on disk."""
    dtype, offset = read_header(path, count)
    if dtype.kind != "O":
        with reading(path, f"{count} rows, {AGAIN}"):
            return cast(Sequence[Any], load_array(path, mapped=True))
    with path.open("rb", buffering=1 << 20) as file:
        file.seek(offset)
        with tqdm.wrapattr(
            file,
            "read",
            total=os.path.getsize(path) - offset,
            desc=path.name,
            disable=None,
        ) as counted:
            array = restricted_unpickler.load(cast(IO[bytes], counted), path)
    if not isinstance(array, PickledArray) or array.shape != (count,):
        raise InputError(f"{path}: not an array of {count} rows inside; {AGAIN}")
    return array.content


def read_header(path: Path, count: int) -> tuple[np.dtype, int]:
    """Returns the dtype of a table and where its content begins.

    Raises:
        InputError: it is not a `.npy` file of `count` rows.
    """
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    try:
        with open_regular(path) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python 2 wrote longs as 930911L
            reader = readers[np.lib.format.read_magic(file)]
            shape, _, dtype = reader(file)
            offset = file.tell()
    except Exception as error:  # of a file in any state
        reason = reason_of(error)
        raise InputError(f"{path}: not a .npy file ({reason}); {AGAIN}") from error
    if (dtype.kind, len(shape)) not in (("O", 1), ("f", 2)):
        raise InputError(
            f"{path}: {dtype} {list(shape)}, expected {count} rows of float32; {AGAIN}"
        )
    if shape[0] != count:
        raise InputError(
            f"{path}: {shape[0]} rows, but {DICTIONARY} has {count} words; expected as "
            f"many, one of the two is damaged (published md5 of {DICTIONARY}: "
            f"{DICTIONARY_MD5}), {AGAIN}"
        )
    return dtype, offset

"""A plain `.npy` file whose rows are written as they are made."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import numpy as np

from foundation.atomic import new_file


class ArrayWriter:
    """Appends rows to a `.npy` file; made by `new_array`.

    Args:
        file: empty, open for writing.
        dtype: of the array.
        row_shape: shape of one row.
    """

    def __init__(self, file: IO[bytes], dtype: np.dtype, row_shape: tuple[int, ...]):
        self._file, self._dtype, self._row_shape = file, dtype, row_shape
        self._rows = 0
        self.write_header()

    def append(self, rows: np.ndarray) -> None:
        """Writes rows `[n, *row_shape]` behind those that are there.

        Raises:
            ValueError: they are of another shape or dtype.
            OSError: they could not be written. A full disk is one: written through a
                memory map, it would end the process with SIGBUS instead.
        """
        if rows.dtype != self._dtype or rows.shape[1:] != self._row_shape:
            raise ValueError(
                f"rows are {rows.dtype} {list(rows.shape[1:])}, expected {self._dtype} "
                f"{list(self._row_shape)}"
            )
        self._file.write(np.ascontiguousarray(rows).data)
        self._rows += len(rows)

    def write_header(self) -> None:
        """Writes what `np.save` would, whose length is the same for any number of rows.

        NumPy pads it so that the first axis can grow to 21 digits.
        """
        self._file.seek(0)
        np.lib.format.write_array_header_1_0(
            self._file,
            {
                "descr": np.lib.format.dtype_to_descr(self._dtype),
                "fortran_order": False,
                "shape": (self._rows, *self._row_shape),
            },
        )


@contextmanager
def new_array(
    path: str | os.PathLike[str], dtype: str, row_shape: tuple[int, ...]
) -> Iterator[ArrayWriter]:
    """Yields what writes an array that becomes `path` when the block succeeds.

    Args:
        path: its bytes will be those that `np.save` writes of all rows.
        dtype: of the array, as "uint8".
        row_shape: shape of one row; how many there will be need not be known.
    """
    with new_file(path) as file:
        writer = ArrayWriter(file, np.dtype(dtype), row_shape)
        yield writer
        writer.write_header()

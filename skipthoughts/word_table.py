"""Reads tables of word vectors, which may be far larger than memory.

Rows of a mapped file are read through the file: a mapping brings the pages around them
to memory as well, and keeps them.
"""

import mmap
from collections.abc import Iterator
from typing import IO

import numpy as np


def rows_at(table: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Returns rows of a table in any order.

    Args:
        table: `[V, W]`, perhaps memory-mapped.
        rows: int `[n]`, from 0 to V - 1.

    Returns:
        `[n, W]`, read-only where it is read through a file.
    """
    file = _file_of(table)
    if file is None:
        return table[rows]
    name, first = file
    size = table.shape[1] * table.itemsize
    # Unbuffered: a buffer would read more than the row.
    with open(name, "rb", buffering=0) as opened:
        content = b"".join(
            _bytes_at(opened, first + size * int(row), size) for row in rows
        )
    return np.frombuffer(content, table.dtype).reshape(len(rows), table.shape[1])


def _bytes_at(file: IO[bytes], offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)


def blocks_of(table: np.ndarray, size: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yields a table from its first row to its last.

    Args:
        table: `[V, W]`, perhaps memory-mapped.
        size: bytes at a time, at least a row.

    Yields:
        The first row of the block, and its rows `[n, W]`.
    """
    file = _file_of(table)
    width = table.shape[1]
    step = max(1, size // (table.itemsize * width))
    for start in range(0, len(table), step):
        rows = table[start : start + step]
        if file is not None:
            name, first = file
            offset = first + start * width * table.itemsize
            content = np.fromfile(name, table.dtype, rows.size, offset=offset)
            rows = content.reshape(rows.shape)
        yield start, rows


def _file_of(table: np.ndarray) -> tuple[str, int] | None:
    """Returns the name and offset of a file that holds a table row after row."""
    if (
        isinstance(table, np.memmap)
        and isinstance(table.base, mmap.mmap)  # a slice has the offset of the whole
        and table.filename is not None
        and table.flags.c_contiguous
    ):
        return table.filename, table.offset
    return None

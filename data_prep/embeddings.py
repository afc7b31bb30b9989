"""Writes the caption vectors of one split of a cache, and measures them."""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from data_prep.array_file import new_array
from data_prep.examples import read_captions
from foundation import hints
from foundation.errors import InputError
from skipthoughts import SkipThoughtEncoder

_ROWS = 8192  # captions at a time: memory stays flat


def write_embeddings(
    folder: Path, encoder: SkipThoughtEncoder, dtype: str = "float16"
) -> None:
    """Writes `embeddings.npy` `[C, D]`, one row for each of the split's C captions.

    Args:
        folder: of the split, with its captions.
        encoder: makes vectors of D dimensions.
        dtype: "float16" or "float32".

    Raises:
        InputError: a vector has a number that is not finite in this dtype.
        OSError: the disk is full.
    """
    captions = read_captions(folder)
    bar = tqdm(
        total=len(captions), desc=f"vectors {folder.name}", unit="caption", disable=None
    )
    with bar, new_array(folder / "embeddings.npy", dtype, (encoder.dim,)) as vectors:
        for start in range(0, len(captions), _ROWS):
            block = captions[start : start + _ROWS]
            with np.errstate(over="ignore"):  # to infinity, which is refused below
                rows = encoder.encode(block).astype(dtype)
            spoilt = np.flatnonzero(~np.isfinite(rows).all(axis=1))
            if len(spoilt):
                row = start + int(spoilt[0])
                raise InputError(
                    f"{folder.name} caption {row} ({captions[row]!r}): its vector is "
                    f"not finite in {dtype}. Train the encoder again with a lower "
                    "--learning_rate: "
                    + hints.command("-m skipthoughts", "train", "--help")
                )
            vectors.append(rows)
            bar.update(len(rows))


def mean_norm(folder: Path) -> float:
    """Returns the mean L2 norm of the vectors of a split."""
    vectors = np.load(folder / "embeddings.npy", mmap_mode="r", allow_pickle=False)
    total = 0.0
    for start in range(0, len(vectors), _ROWS):
        rows = vectors[start : start + _ROWS].astype(np.float32)
        total += float(np.linalg.norm(rows, axis=1).sum(dtype=np.float64))
    return total / len(vectors)

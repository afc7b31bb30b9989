"""Writes an encoder with tables of float16, for a model that is to be small."""

import dataclasses
from pathlib import Path

import numpy as np

from foundation.errors import InputError
from skipthoughts.encoder import SkipThoughtEncoder
from skipthoughts.encoder_directory import check_output, new_encoder_directory


def save_with_half_tables(
    encoder: SkipThoughtEncoder, directory: str | Path
) -> SkipThoughtEncoder:
    """Writes what `encoder.save` does, with word vectors of half the size.

    Args:
        encoder: what to write.
        directory: a new or empty one, or that of an encoder, which is replaced.

    Returns:
        What `SkipThoughtEncoder.load` reads: the encoder with its word vectors rounded
        to float16, which has an id of its own.

    Raises:
        InputError: a number is too large for float16, or as `encoder.save`.
    """
    check_output(directory)
    tables = {part.name: half(part.words) for part in encoder.parts}
    parts = [
        dataclasses.replace(part, words=tables[part.name].astype(np.float32))
        for part in encoder.parts
    ]
    rounded = SkipThoughtEncoder(encoder.config, encoder.vocabulary, parts)
    with new_encoder_directory(directory) as incomplete:
        for name, table in tables.items():
            np.save(incomplete / f"{name}.words.npy", table, allow_pickle=False)
        rounded.save_around_tables(incomplete)
    return rounded


def half(numbers: np.ndarray) -> np.ndarray:
    """Rounds float numbers of any shape to float16.

    Raises:
        InputError: one is not finite, or too large.
    """
    largest = np.abs(numbers).max(initial=0)
    if not largest <= np.finfo(np.float16).max:  # NaN, too
        raise InputError(
            f"a weight of {largest}: does not fit float16, expected at most 65504; the "
            "weights are spoilt. Train again, or with a lower --learning_rate"
        )
    return numbers.astype(np.float16)

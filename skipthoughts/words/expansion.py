"""Gives an encoder the words of a word-vector file (Kiros et al. 2015, Sec. 2.2).

A linear map from the file's space to the encoder's is fitted on the words in both, and
applied to the others. In: an encoder and a file of `word_vectors.py`. Out: a directory
of a new encoder, whose first rows are those of the old one. The file is read twice, a
block at a time, and the tables are written as they are computed.
"""

import dataclasses
import math
import shutil
from collections.abc import Iterable, Iterator
from itertools import compress
from pathlib import Path

import numpy as np
from tqdm import tqdm

from foundation.errors import InputError
from skipthoughts.encoder import SkipThoughtEncoder
from skipthoughts.encoder_directory import check_output, new_encoder_directory
from skipthoughts.part import Part
from skipthoughts.vocabulary import EOS, UNKNOWN, Vocabulary
from skipthoughts.word_table import rows_at
from skipthoughts.words.least_squares import LeastSquares, LinearMap
from skipthoughts.words.vectors import read_word_vectors


@dataclasses.dataclass(frozen=True)
class Expansion:
    """What an expansion did.

    Attributes:
        shared: words in both, on which the map was fitted.
        new: words that the encoder did not know.
        r2: for "uni" and "bi", the share of the variance of the shared words' rows
            that the map explains, at most 1.
    """

    shared: int
    new: int
    r2: dict[str, float]


def expand(
    encoder: SkipThoughtEncoder,
    path: str | Path,
    output: str | Path,
    ridge: float = 0.0,
    progress: bool = True,
) -> Expansion:
    """Writes an encoder that also knows the words of a file.

    As published, words with an underscore are left out, and words of the encoder keep
    their rows. So are words that are not in lower case, if the encoder lower-cases what
    it reads. Of equal words the first counts.

    Args:
        encoder: as it was trained: rows that an expansion predicted would be taken for
            true ones. It stays as it is.
        path: a file that `read_word_vectors` reads, of d dimensions.
        output: the new encoder's directory.
        ridge: weight of the squared coefficients next to the summed squared error, not
            of the intercepts; 0 as published.
        progress: show bars.

    Raises:
        InputError: the file cannot be read, or has too few of the encoder's words; the
            directory cannot be written, or holds anything else.
    """
    check_output(output)
    check_ridge(ridge)
    sums = LeastSquares()
    new: list[str] = []
    for words, vectors in usable_words(encoder, path, "fit" if progress else None):
        known = np.array([word in encoder.vocabulary for word in words], bool)
        sums.add(vectors[known], true_rows(encoder, compress(words, known)))
        new += compress(words, ~known)
    linear_map = solve_map(sums, ridge, path)
    vocabulary = Vocabulary([*encoder.vocabulary.words, *new])
    _check_space(output, encoder, len(vocabulary))
    with new_encoder_directory(output) as incomplete:
        bar = "write" if progress else None
        _write_expanded(encoder, path, linear_map, vocabulary, incomplete, bar)
    parts = columns_of_parts(encoder)
    r2 = {part.name: linear_map.r2(columns) for part, columns in parts}
    return Expansion(sums.count, len(new), r2)


def usable_words(
    encoder: SkipThoughtEncoder, path: str | Path, bar: str | None = None
) -> Iterator[tuple[list[str], np.ndarray]]:
    """Yields the words that the encoder knows or could, each once, and their vectors.

    Args:
        encoder: with its special words, which are no words of a language.
        path: the file.
        bar: title of a progress bar.
    """
    seen = {EOS, UNKNOWN}
    with tqdm(unit="word", desc=bar, disable=None if bar else True) as progress:
        for words, vectors in read_word_vectors(path):
            progress.update(len(words))
            kept = []
            for i, word in enumerate(words):
                readable = word == word.lower() or not encoder.config.lowercase
                if readable and "_" not in word and word not in seen:
                    seen.add(word)
                    kept.append(i)
            yield [words[i] for i in kept], vectors[kept]


def columns_of_parts(encoder: SkipThoughtEncoder) -> Iterator[tuple[Part, slice]]:
    """Yields the parts and their columns where they are side by side, `[n, P * W]`."""
    width = encoder.config.word_dim
    for i, part in enumerate(encoder.parts):
        yield part, slice(i * width, (i + 1) * width)


def true_rows(encoder: SkipThoughtEncoder, words: Iterable[str]) -> np.ndarray:
    """Returns the rows of words, those of all parts side by side: `[n, P * W]`."""
    rows = np.array(encoder.vocabulary.rows(list(words)), int)
    return np.concatenate([rows_at(part.words, rows) for part in encoder.parts], axis=1)


def solve_map(
    sums: LeastSquares, ridge: float, path: str | Path, hidden: int = 0
) -> LinearMap:
    """Solves for the map from a file's vectors to rows.

    Args:
        sums: over the words that both know.
        ridge: as for `expand`.
        path: the file.
        hidden: words that were kept out.

    Raises:
        InputError: too few words.
    """
    least = 2 if ridge else sums.dim + 1
    if sums.count < least:
        beside = f" next to the {hidden} hidden" if hidden else ""
        mend = "hide fewer or " if hidden else ""
        raise InputError(
            f"{path}: has {sums.count} words of the encoder{beside}; expected {least} "
            f"or more, {mend}take a file of more words, or of fewer dimensions, or "
            "--ridge=1"
        )
    return sums.solve(ridge)


def check_ridge(ridge: float) -> None:
    """Checks the weight of the squared coefficients.

    Raises:
        InputError: it is negative or not finite.
    """
    if not 0 <= ridge < math.inf:
        raise InputError(f"ridge={ridge}: expected a number from 0, as --ridge=1")


def _check_space(output: str | Path, encoder: SkipThoughtEncoder, size: int) -> None:
    """Refuses a full disk, since writing to a mapped file there kills the process."""
    path = Path(output).absolute()
    present = next(p for p in path.parents if p.exists())
    needed = size * encoder.config.word_dim * 4 * len(encoder.parts)
    free = shutil.disk_usage(present).free
    if free < needed:
        raise InputError(
            f"{output}: {free / 1e9:.1f} GB are free there, expected "
            f"{needed / 1e9:.1f} GB for {size} words; choose another disk"
        )


def _write_expanded(
    encoder: SkipThoughtEncoder,
    path: str | Path,
    linear_map: LinearMap,
    vocabulary: Vocabulary,
    directory: Path,
    bar: str | None,
) -> None:
    """Writes all of an encoder; the maps of its tables are gone when it returns.

    Windows would not move the directory before.
    """
    tables = _write_tables(encoder, path, linear_map, len(vocabulary), directory, bar)
    parts = [
        Part(part.name, table, part.model)
        for part, table in zip(encoder.parts, tables, strict=True)
    ]
    expanded = SkipThoughtEncoder(encoder.config, vocabulary, parts)
    expanded.save_around_tables(directory)


def _write_tables(
    encoder: SkipThoughtEncoder,
    path: str | Path,
    linear_map: LinearMap,
    size: int,
    directory: Path,
    bar: str | None,
) -> list[np.memmap]:
    """Writes the encoder's rows, and after them those of the file's other words."""
    row = len(encoder.vocabulary)
    tables = []
    for part in encoder.parts:
        file = directory / f"{part.name}.words.npy"
        shape = (size, encoder.config.word_dim)
        table = np.lib.format.open_memmap(file, "w+", np.float32, shape)
        table[:row] = part.words
        tables.append(table)
    for words, vectors in usable_words(encoder, path, bar):
        rows = linear_map(vectors[[word not in encoder.vocabulary for word in words]])
        for table, (_, columns) in zip(tables, columns_of_parts(encoder), strict=True):
            table[row : row + len(rows)] = rows[:, columns]
        row += len(rows)
    for table in tables:
        table.flush()
    return tables

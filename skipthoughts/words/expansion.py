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
from skipthoughts.encoder import (
    Part,
    SkipThoughtEncoder,
    check_output,
    new_encoder_directory,
)
from skipthoughts.vocabulary import EOS, UNKNOWN, Vocabulary
from skipthoughts.word_table import rows_at
from skipthoughts.words.least_squares import LeastSquares, LinearMap
from skipthoughts.words.nearest import cosine_blocks
from skipthoughts.words.random_cycle import random_cycle
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


@dataclasses.dataclass(frozen=True)
class HiddenWordRanks:
    """How near the predicted rows of hidden words are to their true ones.

    Attributes:
        words: those hidden, n of them.
        fractions: for "uni" and "bi", float `[n]`: the share of the vocabulary that is
            as near to a word's prediction as its true row or nearer; 0 at best, 0.5 by
            chance.
        shuffled: the same for the prediction of another hidden word, the control.
    """

    words: list[str]
    fractions: dict[str, np.ndarray]
    shuffled: dict[str, np.ndarray]

    def medians(self, shuffled: bool = False) -> dict[str, float]:
        """Returns the median fraction of each part, or that of the control."""
        fractions = self.shuffled if shuffled else self.fractions
        return {part: float(np.median(f)) for part, f in fractions.items()}

    def within(self, nearest: float = 0.01, shuffled: bool = False) -> dict[str, float]:
        """Returns the share of words whose true row is in the nearest 1 %."""
        fractions = self.shuffled if shuffled else self.fractions
        return {part: float(np.mean(f < nearest)) for part, f in fractions.items()}


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
        ridge: weight of the squared coefficients beside the summed squared error, not
            of the intercepts; 0 as published.
        progress: show bars.

    Raises:
        InputError: the file cannot be read, or has too few of the encoder's words; the
            directory cannot be written, or holds anything else.
    """
    check_output(output)
    _check_ridge(ridge)
    sums = LeastSquares()
    new: list[str] = []
    for words, vectors in _usable(encoder, path, "fit" if progress else None):
        known = np.array([word in encoder.vocabulary for word in words], bool)
        sums.add(vectors[known], _true_rows(encoder, compress(words, known)))
        new += compress(words, ~known)
    linear_map = _solve(sums, ridge, path)
    vocabulary = Vocabulary([*encoder.vocabulary.words, *new])
    _check_space(output, encoder, len(vocabulary))
    with new_encoder_directory(output) as incomplete:
        bar = "write" if progress else None
        _write_expanded(encoder, path, linear_map, vocabulary, incomplete, bar)
    r2 = {part.name: linear_map.r2(columns) for part, columns in _columns(encoder)}
    return Expansion(sums.count, len(new), r2)


def hidden_word_ranks(
    encoder: SkipThoughtEncoder,
    path: str | Path,
    count: int = 200,
    ridge: float = 0.0,
    seed: int = 0,
) -> HiddenWordRanks:
    """Hides frequent words, predicts their rows, and looks for the true ones.

    Args:
        encoder: one trained here, whose rows are in the order of frequency.
        path: a file that `read_word_vectors` reads.
        count: hidden words, from 2, drawn among the 5 times as many most frequent ones
            that the file has, too: the map should have seen frequent words, which are
            unlike the others.
        ridge: as for `expand`.
        seed: of the draw, and of the control, in which each word is given another one's
            prediction.

    Raises:
        InputError: the file cannot be read, or has too few of the encoder's words.
    """
    _check_ridge(ridge)
    if count < 2:
        raise InputError(f"count={count}: expected 2 words to hide or more")
    vocabulary = encoder.vocabulary
    found = {w for words, _ in _usable(encoder, path) for w in words if w in vocabulary}
    by_frequency = [word for word in dict.fromkeys(vocabulary.words) if word in found]
    frequent = by_frequency[: 5 * count]
    drawn = np.random.default_rng(seed).permutation(len(frequent))[:count]
    hidden = [frequent[i] for i in sorted(drawn)]
    rest = set(by_frequency) - set(hidden)
    place = {word: i for i, word in enumerate(hidden)}
    sums = LeastSquares()
    inputs: list[np.ndarray] = [np.empty(0)] * len(hidden)
    for words, vectors in _usable(encoder, path):
        fitted = np.array([word in rest for word in words], bool)
        sums.add(vectors[fitted], _true_rows(encoder, compress(words, fitted)))
        for word, vector in zip(words, vectors, strict=True):
            if word in place:
                inputs[place[word]] = vector
    predictions = _solve(sums, ridge, path, hidden=len(hidden))(np.stack(inputs))
    # One step back along the cycle: no word gets its own prediction.
    others = np.argsort(random_cycle(count, seed))
    rows = np.array(vocabulary.rows(hidden))
    fractions, shuffled = {}, {}
    for part, columns in _columns(encoder):
        predicted = predictions[:, columns]
        fractions[part.name] = _as_near(part.words, predicted, rows)
        shuffled[part.name] = _as_near(part.words, predicted[others], rows)
    return HiddenWordRanks(hidden, fractions, shuffled)


def _usable(
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


def _columns(encoder: SkipThoughtEncoder) -> Iterator[tuple[Part, slice]]:
    """Yields the parts and their columns where they are side by side, `[n, P * W]`."""
    width = encoder.config.word_dim
    for i, part in enumerate(encoder.parts):
        yield part, slice(i * width, (i + 1) * width)


def _true_rows(encoder: SkipThoughtEncoder, words: Iterable[str]) -> np.ndarray:
    rows = np.array(encoder.vocabulary.rows(list(words)), int)
    return np.concatenate([rows_at(part.words, rows) for part in encoder.parts], axis=1)


def _solve(
    sums: LeastSquares, ridge: float, path: str | Path, hidden: int = 0
) -> LinearMap:
    least = 2 if ridge else sums.dim + 1
    if sums.count < least:
        beside = f" beside the {hidden} hidden" if hidden else ""
        mend = "hide fewer or " if hidden else ""
        raise InputError(
            f"{path}: has {sums.count} words of the encoder{beside}; expected {least} "
            f"or more, {mend}take a file of more words, or of fewer dimensions, or "
            "--ridge=1"
        )
    return sums.solve(ridge)


def _check_ridge(ridge: float) -> None:
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
    for words, vectors in _usable(encoder, path, bar):
        rows = linear_map(vectors[[word not in encoder.vocabulary for word in words]])
        for table, (_, columns) in zip(tables, _columns(encoder), strict=True):
            table[row : row + len(rows)] = rows[:, columns]
        row += len(rows)
    for table in tables:
        table.flush()
    return tables


def _as_near(
    table: np.ndarray, predictions: np.ndarray, rows: np.ndarray
) -> np.ndarray:
    """Returns the share of a table as near to each prediction as its true row.

    Args:
        table: float32 `[V, W]`.
        predictions: float32 `[n, W]`.
        rows: int `[n]`, the true ones, which are not counted themselves.

    Returns:
        float `[n]`, from 0 to (V - 1) / V.
    """
    true = np.concatenate(
        [c for _, c in cosine_blocks(rows_at(table, rows), predictions)], 1
    )
    nearer = np.zeros(len(rows), int)
    for start, cosines in cosine_blocks(table, predictions):
        inside = np.flatnonzero((rows >= start) & (rows < start + cosines.shape[1]))
        cosines[inside, rows[inside] - start] = -np.inf
        nearer += (cosines >= np.diagonal(true)[:, None]).sum(1)
    return nearer / len(table)

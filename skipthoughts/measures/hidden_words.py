"""Where is the true vector of a hidden word, seen from the one that is predicted?"""

import dataclasses
from itertools import compress
from pathlib import Path

import numpy as np

from foundation.errors import InputError
from skipthoughts.encoder import SkipThoughtEncoder
from skipthoughts.word_table import rows_at
from skipthoughts.words.expansion import (
    check_ridge,
    columns_of_parts,
    solve_map,
    true_rows,
    usable_words,
)
from skipthoughts.words.least_squares import LeastSquares
from skipthoughts.words.nearest import cosine_blocks
from skipthoughts.words.random_cycle import random_cycle

# What the numbers are, kept next to them.
PROTOCOL = (
    "words drawn among the 5 times as many most frequent ones that the file has, too, "
    "are hidden from the fit; fraction of the vocabulary as near to a "
    "word's predicted row as its true row or nearer, by cosine; shuffled: the same for "
    "the prediction of another hidden word"
)


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
    check_ridge(ridge)
    if count < 2:
        raise InputError(f"count={count}: expected 2 words to hide or more")
    vocabulary = encoder.vocabulary
    usable = (word for words, _ in usable_words(encoder, path) for word in words)
    found = {word for word in usable if word in vocabulary}
    by_frequency = [word for word in dict.fromkeys(vocabulary.words) if word in found]
    frequent = by_frequency[: 5 * count]
    drawn = np.random.default_rng(seed).permutation(len(frequent))[:count]
    hidden = [frequent[i] for i in sorted(drawn)]
    rest = set(by_frequency) - set(hidden)
    place = {word: i for i, word in enumerate(hidden)}
    sums = LeastSquares()
    inputs: list[np.ndarray] = [np.empty(0)] * len(hidden)
    for words, vectors in usable_words(encoder, path):
        fitted = np.array([word in rest for word in words], bool)
        sums.add(vectors[fitted], true_rows(encoder, compress(words, fitted)))
        for word, vector in zip(words, vectors, strict=True):
            if word in place:
                inputs[place[word]] = vector
    predictions = solve_map(sums, ridge, path, hidden=len(hidden))(np.stack(inputs))
    # One step back along the cycle: no word gets its own prediction.
    others = np.argsort(random_cycle(count, seed))
    rows = np.array(vocabulary.rows(hidden))
    fractions, shuffled = {}, {}
    for part, columns in columns_of_parts(encoder):
        predicted = predictions[:, columns]
        fractions[part.name] = _as_near(part.words, predicted, rows)
        shuffled[part.name] = _as_near(part.words, predicted[others], rows)
    return HiddenWordRanks(hidden, fractions, shuffled)


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

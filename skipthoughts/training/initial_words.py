"""Word vectors of a file as the ones that training begins with.

Prose of a few novels is too little to learn what most words mean. An encoder that
begins with what billions of words taught knows more of them, and `expansion` gives it
the others of the file.
"""

from pathlib import Path

import numpy as np

from foundation.errors import InputError
from skipthoughts.vocabulary import EOS, UNKNOWN, Vocabulary
from skipthoughts.words.vectors import read_word_vectors


def begin_with(
    words: np.ndarray, vocabulary: Vocabulary, path: str | Path, seed: int
) -> np.ndarray:
    """Puts a file's vectors in the place of random ones.

    The mean of those used is subtracted, so that they point all ways. Then they are
    turned into the word space by a random isometry (a random projection where that
    space is the smaller one), and scaled to the mean square of the random ones.

    Args:
        words: float32 `[V, W]`, random; words that the file does not have keep theirs.
        vocabulary: the V words.
        path: a file that `read_word_vectors` reads. Of equal words the first counts.
        seed: of the isometry.

    Returns:
        float32 `[V, W]`.

    Raises:
        InputError: the file cannot be read, or has fewer than 2 of the words.
    """
    vectors: dict[int, np.ndarray] = {}
    for file_words, block in read_word_vectors(path):
        rows = vocabulary.rows(file_words)
        for word, row, vector in zip(file_words, rows, block, strict=True):
            if word in vocabulary and word not in (EOS, UNKNOWN):
                vectors.setdefault(row, vector)
    if len(vectors) < 2:
        raise InputError(
            f"--word_vectors={path}: has {len(vectors)} of the {len(vocabulary)} words "
            "of the text; expected word vectors of its language and case"
        )
    known = np.array(list(vectors))
    found = np.stack(list(vectors.values())).astype(np.float64)  # [n, d]
    found -= found.mean(axis=0)
    dim, word_dim = found.shape[1], words.shape[1]
    gaussian = np.random.default_rng(seed).normal(size=(max(dim, word_dim),) * 2)
    isometry = np.linalg.qr(gaussian)[0][:dim, :word_dim]  # [d, W]
    turned = found @ isometry  # [n, W]
    turned *= np.sqrt(np.mean(np.square(words)) / np.mean(np.square(turned)))
    result = words.copy()
    result[known] = turned
    return result

"""Sentence vectors without any order of words, to compare an encoder with.

Both split sentences as the trained encoders do by default: lower case, words and
punctuation marks.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from foundation.errors import InputError
from skipthoughts.tokenizer import tokenize
from skipthoughts.vocabulary import EOS, UNKNOWN, Vocabulary
from skipthoughts.words.directions import directions
from skipthoughts.words.vectors import read_word_vectors

_SENTENCES = 1024  # at a time


class TfIdfSvd:
    """TF-IDF and a truncated singular value decomposition (LSA), fitted on captions.

    A caption is the counts of its words times idf = ln((1 + n) / (1 + df)) + 1, over
    their norm; of these vectors the largest right singular vectors are kept. What
    they give is normalised again. The singular vectors are the eigenvectors of the
    V x V Gram matrix: time grows as V^3, and memory is about 32 V^2 bytes.

    Args:
        captions: n of them, whose words and their frequencies are learnt.
        dimension: of the vectors, at most the number of words and that of captions.
        words: V, the most words; rarer ones are not read.

    Attributes:
        components: float32 `[V, dimension]`, by falling singular value; the largest
            entry of each is positive, as signs are arbitrary.

    Raises:
        InputError: fewer words or captions than dimensions.
    """

    def __init__(self, captions: Sequence[str], dimension: int, words: int = 5000):
        tokens = [tokenize(caption) for caption in captions]
        self._vocabulary = Vocabulary.of(tokens, words + 2)  # and two special ones
        size = len(self._vocabulary)
        most = min(size - 2, len(tokens))
        if not 0 < dimension <= most:
            raise InputError(
                f"{dimension} dimensions of TF-IDF + SVD: expected 1 to {most} for "
                f"{len(tokens)} captions of {size - 2} words; choose another --svd_dim"
            )
        documents = np.zeros(size)
        for caption in tokens:
            documents[list(set(self._vocabulary.rows(caption)))] += 1
        self._idf = np.log((1 + len(tokens)) / (1 + documents)) + 1
        # Special words are no words of captions.
        self._idf[self._vocabulary.rows([EOS, UNKNOWN])] = 0
        gram = np.zeros(size * size)
        for rows, weights in self._weighted(tokens):  # [B, L] each
            pairs = rows[:, :, None] * size + rows[:, None, :]
            products = weights[:, :, None] * weights[:, None, :]
            np.add.at(gram, pairs.ravel(), products.ravel())
        # Eigenvalues rise: the largest are the last.
        vectors = np.linalg.eigh(gram.reshape(size, size))[1][:, : -dimension - 1 : -1]
        largest = np.abs(vectors).argmax(axis=0)
        signs = np.sign(vectors[largest, np.arange(dimension)])
        self.components = (vectors * signs).astype(np.float32)

    def encode(self, captions: Sequence[str]) -> np.ndarray:
        """Returns float32 `[N, dimension]`, of norm 1; 0 without any known word."""
        tokens = [tokenize(caption) for caption in captions]
        blocks = [
            np.einsum("bl,bld->bd", weights.astype(np.float32), self.components[rows])
            for rows, weights in self._weighted(tokens)
        ]
        return directions(np.concatenate(blocks))

    def _weighted(
        self, tokens: Sequence[Sequence[str]]
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields the rows of distinct words `[B, L]` and their weights `[B, L]`.

        Weights are over the norm of the caption, and 0 where it has fewer words.
        """
        for start in range(0, len(tokens), _SENTENCES):
            counts = [
                Counter(self._vocabulary.rows(caption))
                for caption in tokens[start : start + _SENTENCES]
            ]
            rows = np.zeros((len(counts), max(1, *map(len, counts))), int)
            weights = np.zeros(rows.shape)
            for i, count in enumerate(counts):
                rows[i, : len(count)] = list(count)
                weights[i, : len(count)] = list(count.values())
            yield rows, directions(weights * self._idf[rows])


def averaged_word_vectors(path: Path, captions: Sequence[str]) -> np.ndarray:
    """Averages the vectors of the words of each caption, and normalises that.

    Args:
        path: word vectors as text, GloVe's format, perhaps `.gz`.
        captions: sentences; words without a vector are left out.

    Returns:
        float32 `[N, dimension of the word vectors]`, of norm 1; 0 without any known
        word.

    Raises:
        InputError: the file cannot be read, or has none of the words.
    """
    tokens = [tokenize(caption) for caption in captions]
    needed = {token for caption in tokens for token in caption}
    table: dict[str, np.ndarray] = {}
    for words, vectors in read_word_vectors(path):
        for word, vector in zip(words, vectors, strict=True):
            if word in needed:
                table[word] = vector
    if not table:
        raise InputError(
            f"{path}: has none of the {len(needed)} words of the captions; expected "
            "word vectors of their language, in lower case"
        )
    zero = np.zeros_like(next(iter(table.values())))
    sums = [
        sum((table[token] for token in caption if token in table), zero)
        for caption in tokens
    ]
    return directions(np.array(sums, np.float32))

"""Sentence vectors without any order of words, to compare an encoder with.

Both split sentences as the trained encoders do by default: lower case, words and
punctuation marks.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from foundation.errors import InputError
from skipthoughts.tokenizer import tokenize
from skipthoughts.words.directions import directions
from skipthoughts.words.vectors import read_word_vectors


class TfIdfSvd:
    """TF-IDF and a truncated singular value decomposition (LSA), fitted on captions.

    What they give is normalized.

    Args:
        captions: n of them, whose words and their frequencies are learnt.
        dimension: of the vectors, at most the number of words and that of captions.
        words: the most words; rarer ones are not read.

    Raises:
        InputError: fewer words or captions than dimensions.
    """

    def __init__(self, captions: Sequence[str], dimension: int, words: int = 5000):
        self._tf_idf = TfidfVectorizer(analyzer=tokenize, max_features=words)
        weighted = self._tf_idf.fit_transform(captions)  # [n, V], sparse
        most = min(weighted.shape)
        if not 0 < dimension <= most:
            raise InputError(
                f"{dimension} dimensions of TF-IDF + SVD: expected 1 to {most} for "
                f"{len(captions)} captions of {weighted.shape[1]} words; choose "
                "another --svd_dim"
            )
        self._svd = TruncatedSVD(dimension, algorithm="randomized", random_state=0)
        self._svd.fit(weighted)

    def encode(self, captions: Sequence[str]) -> np.ndarray:
        """Returns float32 `[N, dimension]`, of norm 1; 0 without any known word."""
        vectors = self._svd.transform(self._tf_idf.transform(captions))
        return directions(vectors.astype(np.float32))


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

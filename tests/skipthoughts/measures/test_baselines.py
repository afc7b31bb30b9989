import gzip

import numpy as np
import pytest

from foundation.errors import InputError
from skipthoughts.measures.baselines import TfIdfSvd, averaged_word_vectors

TRAIN = [
    "a red flower with red petals",
    "the petals are blue",
    "a blue flower, and yellow stamen",
    "yellow petals",
    "this one is pink",
    "a pink flower with a red center",
]
TEST = ["A red FLOWER", "the pink petals are pink", "zebra", "zebra flower"]


def tokens(text):
    return text.lower().replace(",", " ,").split()


def dense(texts, words):
    """TF-IDF by its definition, one entry at a time."""
    documents = [sum(w in tokens(t) for t in TRAIN) for w in words]
    matrix = np.zeros((len(texts), len(words)))
    for i, text in enumerate(texts):
        for j, word in enumerate(words):
            idf = np.log((1 + len(TRAIN)) / (1 + documents[j])) + 1
            matrix[i, j] = tokens(text).count(word) * idf
    return unit(matrix)


def unit(matrix):
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix / np.where(norms > 0, norms, 1)


def test_tf_idf_svd_is_the_dense_decomposition():
    words = sorted({token for text in TRAIN for token in tokens(text)})
    _, _, right = np.linalg.svd(dense(TRAIN, words))
    model = TfIdfSvd(TRAIN, 3)
    for texts in (TRAIN, TEST):
        expected = unit(dense(texts, words) @ right[:3].T)
        actual = model.encode(texts)
        assert actual.dtype == np.float32
        for column in range(3):
            sign = np.sign(actual[:, column] @ expected[:, column])
            np.testing.assert_allclose(
                actual[:, column], sign * expected[:, column], atol=1e-5
            )
    assert not model.encode(["zebra"]).any()  # nothing known


def test_rare_words_are_not_read():
    # The four most frequent ones: a, flower, petals and red.
    model = TfIdfSvd(TRAIN, 2, words=4)
    texts = ["stamen center", "a stamen", "a", "yellow", "red"]
    vectors = model.encode(texts)
    assert not vectors[0].any() and not vectors[3].any() and vectors[4].any()
    np.testing.assert_allclose(vectors[1], vectors[2])


@pytest.mark.parametrize("dimension", [0, 7])
def test_impossible_dimensions_are_refused(dimension):
    with pytest.raises(InputError, match=f"{dimension} dimensions.*1 to 6 "):
        TfIdfSvd(TRAIN, dimension)


def test_word_vectors_are_averaged_and_normalised(tmp_path):
    path = tmp_path / "glove.txt.gz"
    with gzip.open(path, "wt") as file:
        file.write("red 1 0 0\nflower 0 2 0\nthe 9 9 9\nzeal 0 0 1\n")
    vectors = averaged_word_vectors(path, ["Red red flower", "red, zebra", "zebra"])
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(
        vectors, [[2**-0.5, 2**-0.5, 0], [1, 0, 0], [0, 0, 0]], atol=1e-6
    )
    with pytest.raises(InputError, match="none of the 1 words"):
        averaged_word_vectors(path, ["zebra"])

"""Word vectors of a file in the place of random ones."""

import numpy as np
import pytest

from foundation.errors import InputError
from skipthoughts.training.initial_words import begin_with
from skipthoughts.vocabulary import Vocabulary

VOCABULARY = Vocabulary(["<eos>", "UNK", "red", "pink", "blue", "rose"])


def write(tmp_path, vectors):
    path = tmp_path / "vectors.txt"
    lines = (" ".join([w, *map(repr, map(float, v))]) for w, v in vectors.items())
    path.write_text("\n".join(lines) + "\n")
    return path


def random_words(dim):
    return np.random.default_rng(0).uniform(-0.1, 0.1, (6, dim)).astype("f4")


@pytest.mark.parametrize("word_dim", [3, 7])
def test_angles_of_the_file_are_kept(tmp_path, word_dim):
    rng = np.random.default_rng(1)
    words = ["zebra", "blue", "red", "pink", "UNK", "<eos>"]
    file = dict(zip(words, rng.normal(2, 1, (6, 3)), strict=True))
    before = random_words(word_dim)
    after = begin_with(before, VOCABULARY, write(tmp_path, file), seed=0)
    # Words that the file does not have, and the special ones, keep their rows.
    np.testing.assert_array_equal(after[[0, 1, 5]], before[[0, 1, 5]])
    vectors = np.stack([file[word] for word in ("red", "pink", "blue")])
    vectors -= vectors.mean(0)
    gram, rows = vectors @ vectors.T, after[[2, 3, 4]].astype(np.float64)
    scale = np.trace(rows @ rows.T) / np.trace(gram)
    np.testing.assert_allclose(rows @ rows.T, scale * gram, atol=1e-6)
    mean_square = np.square(rows).mean()
    assert mean_square == pytest.approx(np.square(before).mean(), rel=1e-4)
    assert after.dtype == np.float32
    again = begin_with(before, VOCABULARY, write(tmp_path, file), seed=0)
    other = begin_with(before, VOCABULARY, write(tmp_path, file), seed=1)
    np.testing.assert_array_equal(after, again)
    assert not np.allclose(after, other)


def test_a_smaller_word_space_is_a_projection(tmp_path):
    rng = np.random.default_rng(1)
    file = dict(zip(["red", "pink", "blue", "rose"], rng.normal(size=(4, 9)), strict=1))
    after = begin_with(random_words(2), VOCABULARY, write(tmp_path, file), seed=0)
    vectors = np.stack(list(file.values()))
    vectors -= vectors.mean(0)
    # A linear map of the file's vectors gives the rows.
    solution = np.linalg.lstsq(vectors, after[2:], rcond=None)[0]
    np.testing.assert_allclose(vectors @ solution, after[2:], atol=1e-6)


def test_a_file_of_other_words_is_refused(tmp_path):
    path = write(tmp_path, {"Rot": [1.0, 2.0], "red": [2.0, 1.0]})
    with pytest.raises(InputError, match="has 1 of the 6 words"):
        begin_with(random_words(4), VOCABULARY, path, seed=0)

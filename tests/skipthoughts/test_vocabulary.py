import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import InputError
from skipthoughts.tokenizer import tokenize
from skipthoughts.vocabulary import Vocabulary

SENTENCES = [["red", "a", "red"], ["b", "red", "c", "b"]]


def test_frequent_words_come_first_and_ties_are_alphabetical():
    words = Vocabulary.of(SENTENCES, 100).words
    assert words == ["<eos>", "UNK", "red", "b", "a", "c"]


def test_size_counts_the_special_words():
    vocabulary = Vocabulary.of(SENTENCES, 4)
    assert vocabulary.words == ["<eos>", "UNK", "red", "b"]
    assert vocabulary.rows(["b", "zebra", "red"]) == [3, 1, 2]


def test_unknown_words_are_named_once_in_order():
    vocabulary = Vocabulary.of(SENTENCES, 100)
    assert vocabulary.unknown(["z", "red", "y", "z"]) == ["z", "y"]


def test_line_i_is_row_i_even_with_separators_within_words(tmp_path):
    words = ["<eos>", "UNK", "a\u2028b", "c\u0085d", "e\rf"]
    path = tmp_path / "vocabulary.txt"
    Vocabulary(words).save(path)
    assert path.read_bytes().split(b"\n")[3] == "c\u0085d".encode()
    assert Vocabulary.load(path).words == words


@given(st.lists(st.text()), st.integers(2, 20))
def test_what_is_saved_is_loaded(tmp_path_factory, texts, size):
    path = tmp_path_factory.mktemp("vocabulary") / "vocabulary.txt"
    vocabulary = Vocabulary.of(map(tokenize, texts), size)
    vocabulary.save(path)
    assert Vocabulary.load(path).words == vocabulary.words
    assert len(vocabulary) <= size


@pytest.mark.parametrize("content", [b"", b"red\n", b"<eos>\nUNK\n\xff\n"])
def test_another_file_is_refused(tmp_path, content):
    path = tmp_path / "vocabulary.txt"
    path.write_bytes(content)
    with pytest.raises(InputError):
        Vocabulary.load(path)

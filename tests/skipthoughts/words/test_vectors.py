import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import InputError
from skipthoughts.words.vectors import read_word_vectors

GLOVE = Path(__file__).parents[4] / "shared/data/text/glove.6B.50d.top40k.txt.gz"
WORDS = ["the", "caf\u00e9", ",", "line\u2028break", "17", "Red"]
SPACED = [*WORDS, ". . .", "at name@domain.com"]  # as GloVe 840B has them
FORMATS = ["glove", "word2vec_text", "word2vec_binary", "word2vec_binary_lines"]


def content(form, words, vectors):
    """The bytes of a file, by the formats' own descriptions."""
    dim = len(vectors[0])
    header = f"{len(words)} {dim}\n".encode()
    if form.startswith("word2vec_binary"):
        end = b"\n" if form.endswith("lines") else b""
        pairs = zip(words, vectors, strict=True)
        rows = [w.encode() + b" " + struct.pack(f"<{dim}f", *v) + end for w, v in pairs]
        return header + b"".join(rows)
    end = " \n" if form == "word2vec_text" else "\n"  # the original ends lines so
    lines = [
        " ".join([word, *(repr(float(x)) for x in vector)]) + end
        for word, vector in zip(words, vectors, strict=True)
    ]
    return (header if form == "word2vec_text" else b"") + "".join(lines).encode()


def vectors_of(words, dim=5, seed=0):
    return np.random.default_rng(seed).normal(size=(len(words), dim)).astype("f4")


def whole(path, **options):
    blocks = list(read_word_vectors(path, **options))
    return [w for words, _ in blocks for w in words], np.concatenate(
        [vectors for _, vectors in blocks]
    )


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_read_whatever_its_name(tmp_path, form, zipped):
    words = WORDS if "binary" in form else SPACED
    expected = vectors_of(words)
    data = content(form, words, expected)
    path = tmp_path / "vectors"
    path.write_bytes(gzip.compress(data) if zipped else data)
    found, vectors = whole(path)
    assert found == words
    assert vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors, expected)


@pytest.mark.parametrize("form", FORMATS)
def test_small_blocks_give_the_same(tmp_path, form):
    expected = vectors_of(WORDS)
    path = tmp_path / "vectors"
    path.write_bytes(content(form, WORDS, expected))
    sizes = [len(words) for words, _ in read_word_vectors(path, block=4)]
    assert sizes == [4, 2]
    found, vectors = whole(path, block=4)
    assert found == WORDS
    np.testing.assert_array_equal(vectors, expected)


_WORD = st.text(
    st.characters(codec="utf-8", exclude_characters=" \r\n\t\x0b\x0c"), min_size=1
)
_NUMBER = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(
    st.lists(st.tuples(_WORD, st.lists(_NUMBER, min_size=8, max_size=8)), min_size=1),
    st.sampled_from(FORMATS),
)
def test_any_word_and_number_survive(tmp_path_factory, rows, form):
    words = [word for word, _ in rows]
    expected = np.array([numbers for _, numbers in rows], np.float32)
    path = tmp_path_factory.mktemp("rows") / "vectors"
    path.write_bytes(content(form, words, expected))
    found, vectors = whole(path)
    assert found == words
    np.testing.assert_array_equal(vectors, expected)


def test_cut_characters_of_word2vec_do_not_matter(tmp_path):
    path = tmp_path / "vectors"
    path.write_bytes(b"2 1\ncaf\xc3 1\nred 2\n")
    assert whole(path)[0] == ["caf\ufffd", "red"]


BINARY = content("word2vec_binary", ["red", "blue"], [[1.0] * 30, [2.0] * 30])
INFINITE = content("word2vec_binary", ["red", "blue"], [[1.0] * 30, [np.inf] * 30])
MISTAKES = {
    "": "line 1",
    "red\n": "line 1",
    "red 1 2\nblue 1\n": "line 2",
    "red 1 2\nblue 1 x\n": "line 2",
    "red 1 2\nblue 1 nan\n": "line 2",
    "red 1 2\nblue 1 1e39\n": "line 2",
    "red 1 2\n\nblue 1 2\n": "line 2",
    "red 1 2\n 1 2\n": "line 2",
    "2 2\nred 1 2\nblue 1\n": "line 3",
    "2 2\nred 1\nblue 1 2\n": "line 2",
    "3 2\nred 1 2\nblue 1 2\n": "has 2 words, but 3 by its first line",
    "1 2\nred 1 2\nblue 1 2\n": "has 2 words, but 1 by its first line",
    "2 0\nred\nblue\n": "line 1",
    "2 99999999999\nred 1\n": "line 1",
    BINARY[:-1]: "row 2",
    BINARY[: -4 * 30 - 3]: "row 2",
    BINARY + b"pink": "row 3",
    b"1" + BINARY[1:]: "row 2",
    INFINITE: "row 2",
}


@pytest.mark.parametrize(("data", "named"), MISTAKES.items())
def test_malformed_row_is_named(tmp_path, data, named):
    path = tmp_path / "vectors"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    with pytest.raises(InputError) as caught:
        whole(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: {named}") and "\n" not in message


def test_unreadable_file_is_named(tmp_path):
    data = gzip.compress(b"red 1 2\n" * 1000)
    damaged = {"short.gz": data[: len(data) // 2], "bad.gz": data[:20] + data[24:]}
    for name, content in damaged.items():
        (tmp_path / name).write_bytes(content)
    for name in ("none", "short.gz", "bad.gz", "."):
        with pytest.raises(InputError, match="cannot be read"):
            whole(tmp_path / name)


def test_real_glove():
    if not GLOVE.exists():
        pytest.skip("needs ../shared/data/text next to the repository")
    blocks = read_word_vectors(GLOVE, block=100)
    words, vectors = next(blocks)
    more, _ = next(blocks)
    blocks.close()
    assert words[0] == "the" and len({*words, *more}) == 200
    assert vectors.shape == (100, 50)
    np.testing.assert_allclose(vectors[0, :2], [0.418, 0.2497])

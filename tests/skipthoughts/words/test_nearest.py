import keras
import numpy as np
import pytest

from foundation.errors import InputError
from skipthoughts.config import EncoderConfig
from skipthoughts.encoder import SkipThoughtEncoder
from skipthoughts.vocabulary import Vocabulary
from skipthoughts.words.nearest import (
    cosine_blocks,
    nearest_rows,
    nearest_sentences,
    nearest_words,
)

WORDS = ["<eos>", "UNK", "a", "flower", "red", "blue", "with", "petals", "blue-green"]


@pytest.fixture(scope="module")
def encoder():
    keras.utils.set_random_seed(0)
    config = EncoderConfig(dim=8, word_dim=6)
    return SkipThoughtEncoder.untrained(config, Vocabulary(WORDS))


def cosine(a, b):
    return float(np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b))


@pytest.mark.parametrize("part", ["uni", "bi"])
def test_words_are_those_of_brute_force(encoder, part):
    table = next(p.words for p in encoder.parts if p.name == part)
    cosines = {
        word: cosine(table[4], table[i])
        for i, word in enumerate(WORDS)
        if word not in ("<eos>", "UNK", "red")
    }
    expected = sorted(cosines, key=cosines.get, reverse=True)
    found = nearest_words(encoder, "red", 4, part)
    assert [word for word, _ in found] == expected[:4]
    np.testing.assert_allclose(
        [c for _, c in found], [cosines[w] for w, _ in found], atol=1e-6
    )


def test_words_of_a_mapped_table_are_the_same(encoder, tmp_path):
    encoder.save(tmp_path / "encoder")
    mapped = SkipThoughtEncoder.load(tmp_path / "encoder")
    assert nearest_words(mapped, "Red") == nearest_words(encoder, "red")


def test_more_than_there_are_gives_all(encoder):
    assert len(nearest_words(encoder, "red", 100)) == len(WORDS) - 3


def test_unknown_word_is_named_with_its_mend(encoder):
    with pytest.raises(InputError, match=r"'gazania'.*skipthoughts expand"):
        nearest_words(encoder, "gazania")
    with pytest.raises(InputError, match="is 2 words"):
        nearest_words(encoder, "red flower")
    assert nearest_words(encoder, "blue-green", 1)


def test_part_that_is_not_there(encoder):
    config = EncoderConfig(kind="uni", dim=8, word_dim=6)
    uni = SkipThoughtEncoder(config, encoder.vocabulary, encoder.parts[:1])
    with pytest.raises(InputError, match=r"part=bi: .*one of uni"):
        nearest_words(uni, "red", part="bi")


@pytest.mark.parametrize("block", [1, 100, 1 << 20])
@pytest.mark.parametrize("stored", ["memory", "mapped", "slice of mapped"])
def test_blocks_are_the_whole(tmp_path, block, stored):
    rng = np.random.default_rng(0)
    table = rng.normal(size=(50, 6)).astype("f4")
    table[7] = 0
    vectors = rng.normal(size=(3, 6)).astype("f4")
    np.save(tmp_path / "table.npy", table)
    if stored != "memory":
        table = np.load(tmp_path / "table.npy", mmap_mode="r", allow_pickle=False)
    if stored == "slice of mapped":
        table = table[5:]
    blocks = list(cosine_blocks(table, vectors, block))
    starts = np.cumsum([0, *(c.shape[1] for _, c in blocks)])
    assert [start for start, _ in blocks] == starts[:-1].tolist()
    expected = [[cosine(v, t) if t.any() else 0 for t in table] for v in vectors]
    found = np.concatenate([c for _, c in blocks], axis=1)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_rows_of_many_blocks_are_in_order(monkeypatch):
    monkeypatch.setattr(cosine_blocks, "__defaults__", (100,))
    table = np.random.default_rng(0).normal(size=(60, 6)).astype("f4")
    table[20] = table[40] = 2 * table[3]
    expected = np.argsort([-cosine(t, table[3]) for t in table])
    found = [row for row, _ in nearest_rows(table, table[3], 12, {3})]
    assert set(found[:2]) == {20, 40}
    assert found[2:] == [r for r in expected if r not in (3, 20, 40)][:10]


def test_sentences_are_those_of_brute_force(encoder):
    sentences = ["a red flower", "petals", "a blue flower", "petals", "with red petals"]
    query = encoder.encode_one("a red flower")
    cosines = {text: cosine(query, encoder.encode_one(text)) for text in sentences}
    expected = sorted(sorted(set(sentences[1:])), key=cosines.get, reverse=True)
    found = nearest_sentences(encoder, "a red flower", sentences)
    assert [text for text, _ in found] == expected
    np.testing.assert_allclose(
        [c for _, c in found], [cosines[t] for t in expected], atol=1e-6
    )
    known = nearest_sentences(
        encoder, "a red flower", sentences, 2, encoder.encode(sentences)
    )
    assert [text for text, _ in known] == expected[:2]

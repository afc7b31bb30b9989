from functools import cache

import keras
import numpy as np
import pytest

from foundation.errors import InputError
from skipthoughts.config import EncoderConfig
from skipthoughts.encoder import SkipThoughtEncoder
from skipthoughts.measures.hidden_words import hidden_word_ranks
from skipthoughts.part import Part
from skipthoughts.vocabulary import Vocabulary
from skipthoughts.words import expansion
from skipthoughts.words import vectors as word_vectors
from skipthoughts.words.expansion import expand

KNOWN = [f"known{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(300)]
NEW = ["gazania", "crimson", "zinnia"]
WORD_DIM, FILE_DIM = 6, 5


def write(path, words, vectors):
    rows = zip(words, vectors, strict=True)
    lines = [" ".join([w, *(repr(float(x)) for x in v)]) + "\n" for w, v in rows]
    path.write_text("".join(lines), "utf-8")
    return path


@cache
def planted(noise=0.0, **values):
    """An encoder whose rows are a linear map of the file's vectors, and these."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(1)
    config = EncoderConfig(**{"dim": 8, "word_dim": WORD_DIM, **values})
    vocabulary = Vocabulary(["<eos>", "UNK", *KNOWN])
    encoder = SkipThoughtEncoder.untrained(config, vocabulary)
    vectors = rng.normal(size=(len(KNOWN) + len(NEW), FILE_DIM)).astype("f4") + 0.5
    maps, parts = {}, []
    for part in encoder.parts:
        slope = rng.normal(size=(FILE_DIM, WORD_DIM))
        intercept = rng.normal(size=WORD_DIM)
        rows = vectors[: len(KNOWN)] @ slope + intercept
        rows += noise * rng.normal(size=rows.shape)
        words = np.concatenate([part.words[:2], rows]).astype("f4")
        maps[part.name] = (slope, intercept)
        parts.append(Part(part.name, words, part.model))
    return SkipThoughtEncoder(config, vocabulary, parts), vectors, maps


@pytest.fixture
def exact(tmp_path):
    encoder, vectors, maps = planted()
    return encoder, write(tmp_path / "vectors.txt", [*KNOWN, *NEW], vectors), maps


@pytest.mark.parametrize("kind", ["uni", "bi", "combine"])
def test_planted_map_is_recovered(tmp_path, kind):
    encoder, vectors, maps = planted(kind=kind)
    path = write(tmp_path / "vectors.txt", [*KNOWN, *NEW], vectors)
    before = encoder.id
    done = expand(encoder, path, tmp_path / "expanded", progress=False)
    assert (done.shared, done.new) == (len(KNOWN), len(NEW))
    assert list(done.r2) == list(maps)
    assert all(r2 == pytest.approx(1, abs=1e-9) for r2 in done.r2.values())
    expanded = SkipThoughtEncoder.load(tmp_path / "expanded")
    assert expanded.vocabulary.words == [*encoder.vocabulary.words, *NEW]
    for old, new in zip(encoder.parts, expanded.parts, strict=True):
        np.testing.assert_array_equal(new.words[: len(old.words)], old.words)
        slope, intercept = maps[new.name]
        expected = vectors[len(KNOWN) :] @ slope + intercept
        np.testing.assert_allclose(new.words[len(old.words) :], expected, atol=1e-5)
    assert (encoder.id, len(encoder.vocabulary)) == (before, len(KNOWN) + 2)
    text = f"{KNOWN[0]} {KNOWN[7]}"
    np.testing.assert_array_equal(expanded.encode_one(text), encoder.encode_one(text))
    assert expanded.unknown_words("gazania") == []


@pytest.mark.parametrize("ridge", [0, 20])
def test_noisy_map_is_least_squares(closed_form, tmp_path, ridge):
    encoder, vectors, _ = planted(noise=0.7)
    path = write(tmp_path / "vectors.txt", [*NEW, *KNOWN], np.roll(vectors, 3, 0))
    output = tmp_path / "expanded"
    done = expand(encoder, path, output=output, ridge=ridge, progress=False)
    x = vectors[: len(KNOWN)].astype(float)
    for part in SkipThoughtEncoder.load(output).parts:
        y = part.words[2 : 2 + len(KNOWN)].astype(float)
        slope, intercept = closed_form(x, y, ridge)
        expected = vectors[len(KNOWN) :] @ slope + intercept
        np.testing.assert_allclose(part.words[-3:], expected, atol=1e-5)
        error, around = y - x @ slope - intercept, y - y.mean(0)
        r2 = 1 - (error**2).sum() / (around**2).sum()
        assert done.r2[part.name] == pytest.approx(r2, rel=1e-6)


def test_small_blocks_give_the_same(exact, tmp_path, monkeypatch):
    encoder, path, _ = exact
    expand(encoder, path, tmp_path / "large", progress=False)
    monkeypatch.setattr(
        expansion,
        "read_word_vectors",
        lambda path: word_vectors.read_word_vectors(path, block=7),
    )
    expand(encoder, path, tmp_path / "small", progress=False)
    large, small = (
        SkipThoughtEncoder.load(tmp_path / name) for name in ("large", "small")
    )
    assert small.vocabulary.words == large.vocabulary.words
    for a, b in zip(small.parts, large.parts, strict=True):
        np.testing.assert_allclose(a.words, b.words, atol=1e-5)


ODD = ["Gazania", "new_york", "gazania", "UNK", "<eos>", KNOWN[0]]


@pytest.mark.parametrize(
    ("lowercase", "new"), [(True, NEW), (False, [*NEW, "Gazania"])]
)
def test_which_words_are_new(tmp_path, lowercase, new):
    """The odd words' vectors are far off: fitting or using them would show."""
    encoder, vectors, maps = planted(lowercase=lowercase)
    vectors = np.concatenate([vectors, np.full((len(ODD), FILE_DIM), 99, "f4")])
    path = write(tmp_path / "vectors.txt", [*KNOWN, *NEW, *ODD], vectors)
    done = expand(encoder, path, tmp_path / "expanded", progress=False)
    assert (done.shared, done.new) == (len(KNOWN), len(new))
    expanded = SkipThoughtEncoder.load(tmp_path / "expanded")
    assert expanded.vocabulary.words == [*encoder.vocabulary.words, *new]
    slope, intercept = maps["uni"]
    row = expanded.vocabulary.rows(["gazania"])[0]
    expected = vectors[len(KNOWN)] @ slope + intercept
    np.testing.assert_allclose(expanded.parts[0].words[row], expected, atol=1e-4)


def test_a_file_without_new_words_expands_nothing(exact, tmp_path):
    encoder, _, _ = exact
    path = write(tmp_path / "same.txt", KNOWN, planted()[1][: len(KNOWN)])
    assert expand(encoder, path, tmp_path / "same", progress=False).new == 0
    assert SkipThoughtEncoder.load(tmp_path / "same").id == encoder.id


def test_too_few_shared_words(tmp_path):
    encoder, vectors, _ = planted()
    words = [*KNOWN[:FILE_DIM], *NEW]
    path = write(tmp_path / "vectors.txt", words, vectors[: len(words)])
    output = tmp_path / "expanded"
    with pytest.raises(InputError, match=r"has 5 words of the encoder; expected 6"):
        expand(encoder, path, output, progress=False)
    assert not output.exists()
    assert expand(encoder, path, output, ridge=1, progress=False).new == len(NEW)


@pytest.mark.parametrize("ridge", [-1, float("nan"), float("inf")])
def test_wrong_ridge(exact, tmp_path, ridge):
    encoder, path, _ = exact
    with pytest.raises(InputError, match="ridge="):
        expand(encoder, path, tmp_path / "expanded", ridge=ridge)
    with pytest.raises(InputError, match="ridge="):
        hidden_word_ranks(encoder, path, ridge=ridge)


def test_nothing_is_left_where_it_fails(exact, tmp_path, monkeypatch):
    encoder, path, _ = exact
    output = tmp_path / "out" / "expanded"
    expand(encoder, path, output, progress=False)
    before = SkipThoughtEncoder.load(output).id

    def fail(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(SkipThoughtEncoder, "save_around_tables", fail)
        with pytest.raises(InputError, match="No space left"):
            expand(encoder, path, output, progress=False)
    with monkeypatch.context() as patch:
        usage = type("Usage", (), {"free": 1000})
        patch.setattr(expansion.shutil, "disk_usage", lambda _: usage)
        with pytest.raises(InputError, match="choose another disk"):
            expand(encoder, path, output, progress=False)
    (output / "holiday.jpg").write_text("dear")
    with pytest.raises(InputError, match=r"holiday\.jpg"):
        expand(encoder, path, output, progress=False)
    (output / "holiday.jpg").unlink()
    assert SkipThoughtEncoder.load(output).id == before
    assert [entry.name for entry in output.parent.iterdir()] == ["expanded"]


def test_hidden_words_of_a_planted_map_rank_first(exact):
    encoder, path, _ = exact
    ranks = hidden_word_ranks(encoder, path, count=50)
    # Drawn among five times as many of the most frequent, in their order.
    assert len(ranks.words) == 50
    assert ranks.words == [w for w in KNOWN[:250] if w in set(ranks.words)]
    assert ranks.words[-1] in KNOWN[150:250]
    for part in ("uni", "bi"):
        np.testing.assert_array_equal(ranks.fractions[part], np.zeros(50))
        assert ranks.medians()[part] == 0 and ranks.within()[part] == 1
        assert ranks.medians(shuffled=True)[part] > 0.3
        assert ranks.within(shuffled=True)[part] < 0.1
    again = hidden_word_ranks(encoder, path, count=50, seed=0)
    other = hidden_word_ranks(encoder, path, count=50, seed=1)
    assert ranks.words == again.words != other.words
    np.testing.assert_array_equal(ranks.shuffled["uni"], again.shuffled["uni"])


def test_hidden_words_are_not_fitted_and_ranks_are_those_of_brute_force(
    closed_form, tmp_path
):
    encoder, vectors, _ = planted(noise=1.5, kind="bi")
    words = [*KNOWN[:4], *KNOWN[5:], *NEW]  # the file lacks one of the frequent
    x = np.delete(vectors, 4, 0)
    path = write(tmp_path / "vectors.txt", words[::-1], x[::-1])
    ranks = hidden_word_ranks(encoder, path, count=20, ridge=2)
    assert set(ranks.words) <= set(words[:100])
    table = encoder.parts[0].words.astype(float)
    shared = words[: -len(NEW)]
    hidden = np.isin(shared, ranks.words)
    rows = np.array(encoder.vocabulary.rows(shared))
    x = x[: -len(NEW)].astype(float)
    slope, intercept = closed_form(x[~hidden], table[rows[~hidden]], 2)
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    expected = []
    for row, vector in zip(rows[hidden], x[hidden], strict=True):
        cosines = table @ (vector @ slope + intercept)
        expected.append((cosines > cosines[row]).sum() / len(table))
    np.testing.assert_allclose(ranks.fractions["bi"], expected)
    assert 0 < ranks.medians()["bi"] == np.median(expected)
    assert ranks.within(0.05)["bi"] == np.mean(np.array(expected) < 0.05)


def test_rows_that_are_all_the_same_rank_last_and_not_first(exact):
    encoder, path, _ = exact
    parts = [Part(p.name, np.ones_like(p.words), p.model) for p in encoder.parts]
    same = SkipThoughtEncoder(encoder.config, encoder.vocabulary, parts)
    ranks = hidden_word_ranks(same, path, count=10)
    assert min(ranks.fractions["uni"]) > 0.99


def test_too_many_or_too_few_hidden_words(exact):
    encoder, path, _ = exact
    with pytest.raises(InputError, match=r"has 5 words .* next to the 295 hidden"):
        hidden_word_ranks(encoder, path, count=295)
    with pytest.raises(InputError, match=r"has 0 words .* next to the 300 hidden"):
        hidden_word_ranks(encoder, path, count=400, ridge=1)
    with pytest.raises(InputError, match="count=1"):
        hidden_word_ranks(encoder, path, count=1)


@pytest.mark.slow
def test_commands(call, exact, tmp_path):
    """Expands, asks for the neighbours of a new word, and makes two mistakes."""
    encoder, path, _ = exact
    encoder.save(tmp_path / "encoder")
    expanded = tmp_path / "expanded"
    to = ("expand", f"--encoder={tmp_path / 'encoder'}", f"--word_vectors={path}")
    done = call(*to, f"--output={expanded}")
    assert done.returncode == 0, done.stderr
    assert "fitted on 300 shared words, R^2: uni 1.000, bi 1.000" in done.stdout
    assert f"encoder: {expanded}, 305 words, 3 of them new" in done.stdout
    near = call("neighbours", "gazania", KNOWN[0], f"--encoder={expanded}", "--count=3")
    assert near.returncode == 0, near.stderr
    lines = near.stdout.splitlines()
    assert (lines[0], lines[4]) == ("gazania", KNOWN[0]) and len(lines) == 9
    assert all(line.startswith("  ") for line in lines[1:4] + lines[5:8])
    sentences = tmp_path / "sentences.txt"
    sentences.write_text("crimson\n\nzinnia\n")
    near = call(
        "neighbours",
        "zinnia",
        f"--encoder={expanded}",
        f"--sentences={sentences}",
    )
    assert near.returncode == 0, near.stderr
    assert near.stdout.splitlines()[1].endswith("  crimson")
    same = call(*to, f"--output={tmp_path / 'encoder'}")
    assert same.returncode == 1 and "is the encoder itself" in same.stderr

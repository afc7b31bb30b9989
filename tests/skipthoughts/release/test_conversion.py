"""Tiny releases in the original formats, against the published equations."""

import json
import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest

from foundation.errors import InputError
from skipthoughts.encoder import SkipThoughtEncoder
from skipthoughts.release.conversion import import_release, write_table

RELEASE = Path(__file__).parents[4] / "shared/fixtures/skipthoughts_release"
DIM, WORD_DIM = 8, 6
WORDS = ["<eos>", "UNK", "a", "flower", "The", "red", "do", "n't", ".", "café", "``"]
TEXTS = ["a red flower.", "The red zebra", "flowers don't", "red", "café red", "A The"]


def objects(rows):
    array = np.empty(len(rows), object)
    for i, row in enumerate(rows):
        array[i] = row
    return array


def parameters(rng, dim, prefixes):
    shapes = {
        "W": (WORD_DIM, 2 * dim),
        "U": (dim, 2 * dim),
        "b": (2 * dim,),
        "Wx": (WORD_DIM, dim),
        "Ux": (dim, dim),
        "bx": (dim,),
    }
    return {
        f"{prefix}_{name}": rng.normal(size=shape).astype("f4")
        for prefix in prefixes
        for name, shape in shapes.items()
    }


@pytest.fixture
def release(tmp_path):
    directory = tmp_path / "release"
    directory.mkdir()
    rng = np.random.default_rng(0)
    for table in ("utable", "btable"):
        rows = rng.normal(size=(len(WORDS), WORD_DIM)).astype("f4")
        np.save(directory / f"{table}.npy", objects(rows), allow_pickle=True)
    for name, dim, prefixes in (
        ("uni_skip", DIM, ["encoder"]),
        ("bi_skip", DIM // 2, ["encoder", "encoder_r"]),
    ):
        values = parameters(rng, dim, prefixes)
        np.savez(directory / f"{name}.npz", Wemb=np.ones((3, 2)), **values)
        options = {"dim": dim, "dim_word": WORD_DIM, "encoder": "gru"}
        write_pickle(directory / f"{name}.npz.pkl", options)
    (directory / "dictionary.txt").write_bytes("\n".join([*WORDS, ""]).encode())
    return directory


def write_pickle(path, value):
    path.write_bytes(pickle.dumps(value, protocol=2))


def change_parameters(path, **values):
    with np.load(path) as archive:
        content = {**archive, **values}
    np.savez(path, **{k: v for k, v in content.items() if v is not None})


def gru(words, prefix, p):
    """The published step, in float64, one sentence at a time."""

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    W, U, b, Wx, Ux, bx = (
        p[f"{prefix}_{k}"].astype("f8") for k in ("W", "U", "b", "Wx", "Ux", "bx")
    )
    dim = len(bx)
    h = np.zeros(dim)
    for x in words.astype("f8"):
        gates = sigmoid(x @ W + b + h @ U)
        r, u = gates[:dim], gates[dim:]
        c = np.tanh((h @ Ux) * r + x @ Wx + bx)
        h = u * h + (1 - u) * c
    return h


def expected_vectors(release, tokens, words=WORDS):
    def of(name):
        with np.load(release / f"{name}.npz") as archive:
            return dict(archive)

    tables = [
        np.stack([r.reshape(-1) for r in np.load(release / name, allow_pickle=True)])
        for name in ("utable.npy", "btable.npy")
    ]
    uni, bi = of("uni_skip"), of("bi_skip")
    rows = {word: i for i, word in enumerate(words)}
    vectors = []
    for sentence in tokens:
        indices = [rows.get(token, rows["UNK"]) for token in sentence]
        x, y = (table[indices] for table in tables)
        both = [gru(y, "encoder", bi), gru(y[::-1], "encoder_r", bi)]
        halves = [gru(x, "encoder", uni), np.concatenate(both)]
        vectors.append(np.concatenate([h / np.linalg.norm(h) for h in halves]))
    return np.stack(vectors)


def imported(release, **options):
    output = release.parent / "encoder"
    import_release(release, output, **options)
    assert sorted(path.name for path in release.parent.iterdir() if path.is_dir()) == [
        "encoder",
        "release",
    ]
    return SkipThoughtEncoder.load(output)


def error_of(release, **options):
    """Imports what must fail in one line, leaving nothing behind."""
    output = release.parent / "encoder"
    with pytest.raises(InputError) as caught:
        import_release(release, output, **options)
    assert not output.exists() and not list(release.parent.glob("incomplete.*"))
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_vectors_are_those_of_the_published_equations(release):
    encoder = imported(release)
    config = encoder.config
    assert (config.kind, config.tokenizer) == ("combine", "treebank")
    assert not config.lowercase and not config.use_eos
    assert encoder.vocabulary.words == WORDS
    tokens = [encoder.tokenize(text) for text in TEXTS]
    assert tokens[0] == ["a", "red", "flower", "."]
    assert tokens[2] == ["flowers", "do", "n't"]
    expected = expected_vectors(release, tokens)
    np.testing.assert_allclose(encoder.encode(TEXTS), expected, atol=1e-6)


def test_lowercase_and_eos(release):
    encoder = imported(release, lowercase=True, use_eos=True)
    tokens = [["a", "red", "flower", ".", "<eos>"], ["the", "red", "<eos>"]]
    vectors = encoder.encode(["A Red FLOWER.", "The red"])
    np.testing.assert_allclose(vectors, expected_vectors(release, tokens), atol=1e-6)


def test_only_words_of_a_text_file_are_kept_and_change_no_vector(release):
    captions = release.parent / "captions.txt"
    captions.write_text("\n".join([*TEXTS[:2], "", "a purple flower"]))
    encoder = imported(release, vocabulary_from=captions)
    kept = ["<eos>", "UNK", "a", "flower", "The", "red", "."]
    assert encoder.vocabulary.words == kept
    assert encoder.parts[0].words.shape == (len(kept), WORD_DIM)
    tokens = [encoder.tokenize(text) for text in TEXTS[:2]]
    expected = expected_vectors(release, tokens)
    np.testing.assert_allclose(encoder.encode(TEXTS[:2]), expected, atol=1e-6)


def test_words_are_stripped_the_last_of_equal_ones_counts_and_no_separator_splits(
    release,
):
    words = [
        "<eos>",
        "UNK",
        "red",
        "a\u2028b",
        " a",
        "red ",
        "x\x0by",
        "z\r",
        "",
        "b",
        "",
    ]
    (release / "dictionary.txt").write_bytes("\n".join(words).encode() + b"\n")
    captions = release.parent / "captions.txt"
    captions.write_text("a red")
    stripped = [word.strip() for word in words]
    for options in ({}, {"vocabulary_from": captions}):
        encoder = imported(release, **options)
        expected = expected_vectors(release, [["a", "red"]], stripped)
        np.testing.assert_allclose(encoder.encode(["a red"]), expected, atol=1e-6)
    assert encoder.vocabulary.words == ["<eos>", "UNK", "a", "red"]


def save_header(file, header, version):
    text = header.encode() + b"\n"
    size = struct.pack("<H" if version == 1 else "<I", len(text))
    file.write(b"\x93NUMPY" + bytes([version, 0]) + size + text)


def save_as_python_2(path, rows, version=1):
    """Writes what NumPy of Python 2 wrote: byte strings, and long integers."""
    dtype = b"cnumpy\ndtype\nU\x02%sK\x00K\x01\x87R(K\x03U\x01%sNNNJ" + b"\xff" * 4
    dtype += b"J\xff\xff\xff\xffK%stb"
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
    )
    with path.open("wb") as file:
        header = "{'descr': '|O', 'fortran_order': False, 'shape': (%dL,), }"
        save_header(file, header % len(rows), version)
        file.write(b"\x80\x02" + array + b"(K\x01J" + struct.pack("<i", len(rows)))
        file.write(b"\x85" + dtype % (b"O8", b"|", b"?") + b"\x89](")
        for row in rows:
            shape = b"(" + b"".join(b"K%c" % n for n in row.shape) + b"t"
            raw = row.astype("<f4").tobytes()
            file.write(array + b"(K\x01" + shape + dtype % (b"f4", b"<", b"\0"))
            file.write(b"\x89T" + struct.pack("<i", len(raw)) + raw + b"tb")
        file.write(b"etb.")


def save_with_protocol(protocol):
    def save(path, rows):
        header = {"descr": "|O", "fortran_order": False, "shape": (len(rows),)}
        with path.open("wb") as file:
            np.lib.format.write_array_header_1_0(file, header)
            pickle.dump(objects(rows), file, protocol)

    return save


TABLES = {
    "python 2": save_as_python_2,
    "python 2, long header": lambda path, rows: save_as_python_2(path, rows, 2),
    "protocol 2": save_with_protocol(2),
    "protocol 5": save_with_protocol(5),
    "plain": lambda path, rows: np.save(path, np.stack([r.ravel() for r in rows])),
    "plain float64": lambda path, rows: np.save(
        path, np.stack([r.ravel() for r in rows]).astype("f8")
    ),
    "float64 rows": lambda path, rows: save_with_protocol(4)(
        path, [row.astype("f8") for row in rows]
    ),
}


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("kept", [range(5), [1, 3]], ids=str)
def test_tables_of_all_kinds(tmp_path, kind, kept):
    rows = list(np.random.default_rng(1).normal(size=(5, 6)).astype("f4"))
    rows[3] = rows[3][None]  # as vocabulary expansion leaves them
    TABLES[kind](tmp_path / "utable.npy", rows)
    target = tmp_path / "uni.words.npy"
    write_table(tmp_path / "utable.npy", target, list("abcde"), kept, 6)
    table = np.load(target, allow_pickle=False)
    assert table.dtype == np.float32
    np.testing.assert_array_equal(table, np.stack([r.ravel() for r in rows])[kept])


ROWS = {
    "shorter": np.zeros(5, "f4"),
    "of two dimensions": np.zeros((2, 3), "f4"),
    "big-endian": np.zeros(6, ">f4"),
    "of integers": np.zeros(6, "i4"),
    "a list": [0.0] * 6,
    "of objects": objects([0.0] * 6),
}


@pytest.mark.parametrize("kind", ROWS)
def test_a_row_that_does_not_fit_is_named(release, kind):
    rows = list(np.load(release / "btable.npy", allow_pickle=True))
    rows[5] = ROWS[kind]
    np.save(release / "btable.npy", objects(rows), allow_pickle=True)
    message = error_of(release)
    assert f"{release / 'btable.npy'}: row 5, of 'red', is " in message
    assert "expected float32 [6]" in message


class Malicious:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize("protocol", [0, 2, 5])
@pytest.mark.parametrize(
    "name", ["uni_skip.npz.pkl", "bi_skip.npz.pkl", "utable.npy", "btable.npy"]
)
def test_malicious_pickles_run_nothing(release, name, protocol):
    made = release.parent / "made"
    if name.endswith(".pkl"):
        value = {"dim": DIM, "dim_word": WORD_DIM, "decoder": [Malicious(made)]}
        (release / name).write_bytes(pickle.dumps(value, protocol))
    else:
        rows = list(np.load(release / name, allow_pickle=True))
        save_with_protocol(protocol)(release / name, [*rows[:-1], Malicious(made)])
    message = error_of(release)
    assert f"{release / name}: refused" in message
    assert f"'{os.name}.system'" in message
    assert not made.exists()


@pytest.mark.parametrize("key", ["encoder_U", "unread"])
def test_malicious_parameters_run_nothing(release, key):
    made = release.parent / "made"
    path = release / "uni_skip.npz"
    change_parameters(path, **{key: objects([Malicious(made)])})
    if key == "unread":
        imported(release)
    else:
        message = error_of(release)
        assert f"{path}: encoder_U is damaged (Object arrays cannot" in message
    assert not made.exists()


@pytest.mark.parametrize(
    ("archive", "key"), [("uni_skip", "encoder_bx"), ("bi_skip", "encoder_r_Ux")]
)
def test_missing_and_misshapen_parameters_are_named(release, archive, key):
    path = release / f"{archive}.npz"
    change_parameters(path, **{key: np.ones((3, 2), "f4")})
    assert f"{path}: {key} is damaged (float32 (3, 2), expected" in error_of(release)
    change_parameters(path, **{key: None})
    assert f"{path}: {key} is missing" in error_of(release)


@pytest.mark.parametrize("content", [b"", b"rubbish", b"PK\x03\x04rubbish"])
@pytest.mark.parametrize(
    "name", ["uni_skip.npz", "bi_skip.npz", "uni_skip.npz.pkl", "utable.npy"]
)
def test_damaged_files_are_named(release, name, content):
    (release / name).write_bytes(content)
    assert str(release / name) in error_of(release)


@pytest.mark.parametrize("plain", [False, True])
def test_a_table_cut_short_is_named(release, plain):
    path = release / "btable.npy"
    if plain:
        np.save(path, np.ones((len(WORDS), WORD_DIM), "f4"))
    path.write_bytes(path.read_bytes()[:-20])
    assert str(path) in error_of(release)


def test_every_file_is_needed(release):
    for path in sorted(release.iterdir()):
        content = path.read_bytes()
        path.unlink()
        assert f"{path}: missing; download it again" in error_of(release)
        path.write_bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        "\n".join(WORDS).replace("UNK", "UNKK").encode(),
        "\n".join(WORDS).replace("<eos>", "").encode(),
        "\n".join(WORDS).encode("latin1"),
        b"",
    ],
)
def test_damaged_dictionary_is_told_by_its_md5(release, content):
    (release / "dictionary.txt").write_bytes(content)
    message = error_of(release)
    assert "dictionary.txt: damaged" in message
    assert "26d8a3e6458500013723b380a4b4b55e" in message


def test_a_lost_word_does_not_shift_rows(release):
    (release / "dictionary.txt").write_text("\n".join(WORDS[:-1]), encoding="utf-8")
    message = error_of(release)
    assert "utable.npy: 11 rows, but dictionary.txt has 10 words" in message


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"dim": 3, "dim_word": WORD_DIM}, "dim is 2 x 3, dim_word 6, but 8 and 6"),
        ({"dim": 4, "dim_word": 7}, "dim is 2 x 4, dim_word 7, but 8 and 6"),
        ({"dim": 4}, "dim_word is None, expected a number"),
        ({"dim": "x" * 999, "dim_word": 6}, "dim is 'xxx"),
        ([4, 6], "dim is None"),
    ],
)
def test_options_that_do_not_fit(release, options, named):
    write_pickle(release / "bi_skip.npz.pkl", options)
    message = error_of(release)
    assert str(release / "bi_skip.npz.pkl") in message and named in message
    assert len(message) < 400


@pytest.mark.parametrize(
    "table", [np.ones((11, 6), "i4"), np.ones(11, "f4"), np.ones((11, 2), object)]
)
def test_other_arrays_are_no_tables(release, table):
    np.save(release / "utable.npy", table, allow_pickle=True)
    assert "utable.npy: " in error_of(release)


def test_an_output_that_holds_other_files_is_left_alone(release):
    output = release.parent / "photographs"
    output.mkdir()
    (output / "holiday.jpg").write_text("dear")
    with pytest.raises(InputError, match=r"holiday\.jpg"):
        import_release(release, output)
    assert [path.name for path in output.iterdir()] == ["holiday.jpg"]


def test_a_full_disk_is_one_line_and_leaves_nothing(release, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("skipthoughts.release.conversion.write_table", full)
    assert "encoder: No space left on device" in error_of(release)


def test_the_command(call, release):
    output = release.parent / "encoder"
    process = call("import", f"--release={release}", f"--output={output}", "--eos")
    assert process.returncode == 0, process.stderr
    assert f"-m skipthoughts encode --encoder={output}" in process.stdout
    assert SkipThoughtEncoder.load(output).config.use_eos
    (release / "utable.npy").unlink()
    process = call("import", f"--release={release}", f"--output={output}")
    assert process.returncode == 1
    assert process.stderr.startswith("error: ") and process.stderr.count("\n") == 1


@pytest.mark.skipif(not RELEASE.exists(), reason=f"{RELEASE} is not there")
@pytest.mark.parametrize("all_words", [True, False])
def test_all_vectors_of_the_full_format_release(tmp_path, all_words):
    sentences = json.loads((RELEASE / "sentences.json").read_text("utf-8"))
    texts = [sentence["text"] for sentence in sentences]
    captions = tmp_path / "captions.txt"
    captions.write_text("\n".join(texts), "utf-8")
    vocabulary_from = None if all_words else captions
    import_release(RELEASE, tmp_path / "encoder", vocabulary_from)
    encoder = SkipThoughtEncoder.load(tmp_path / "encoder")
    assert (len(encoder.vocabulary) == 1482) == all_words
    assert [encoder.tokenize(t) for t in texts] == [s["tokens"] for s in sentences]
    expected = np.load(RELEASE / "expected.npy", allow_pickle=False)
    np.testing.assert_allclose(encoder.encode(texts), expected, rtol=0, atol=1e-5)

import json
import shutil

import keras
import numpy as np
import pytest

from foundation.errors import InputError
from skipthoughts.config import EncoderConfig
from skipthoughts.encoder import SkipThoughtEncoder
from skipthoughts.vocabulary import Vocabulary

WORDS = ["<eos>", "UNK", "a", "flower", "red", "blue", "with", "petals", "."]
TEXTS = [
    "a red flower with blue petals .",
    "red",
    "a blue flower",
    "A  Red flower",
    "a zebra",
    "red",
    "blue petals",
]


def make(seed=0, **values):
    keras.utils.set_random_seed(seed)
    config = EncoderConfig(**{"dim": 8, "word_dim": 6, **values})
    return SkipThoughtEncoder.untrained(config, Vocabulary(WORDS))


@pytest.fixture(scope="module")
def encoder():
    return make()


@pytest.fixture(scope="module")
def saved(encoder, tmp_path_factory):
    directory = tmp_path_factory.mktemp("encoders") / "encoder"
    encoder.save(directory)
    return directory


@pytest.fixture
def copy(saved, tmp_path):
    return shutil.copytree(saved, tmp_path / "copy")


@pytest.mark.parametrize(
    ("kind", "dim", "norm"), [("uni", 8, 1), ("bi", 8, 1), ("combine", 16, 2**0.5)]
)
def test_shape_and_norm(kind, dim, norm):
    encoder = make(kind=kind)
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), dim) and encoder.dim == dim
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), norm, rtol=1e-5)


def test_combine_is_uni_then_bi_each_of_norm_one(encoder):
    vectors = encoder.encode(TEXTS)
    for part in (vectors[:, :8], vectors[:, 8:]):
        np.testing.assert_allclose(np.linalg.norm(part, axis=1), 1, rtol=1e-5)
    uni = SkipThoughtEncoder(
        EncoderConfig(kind="uni", dim=8, word_dim=6),
        encoder.vocabulary,
        encoder.parts[:1],
    )
    np.testing.assert_allclose(uni.encode(TEXTS), vectors[:, :8], atol=1e-6)


def test_order_is_kept_and_the_same_sentence_has_the_same_vector(encoder):
    vectors = encoder.encode(TEXTS)
    alone = np.stack([encoder.encode_one(text) for text in TEXTS])
    np.testing.assert_allclose(vectors, alone, atol=1e-6)
    np.testing.assert_array_equal(vectors[1], vectors[5])
    assert np.abs(vectors[1] - vectors[6]).max() > 1e-4


def test_one_sentence_is_the_same_to_the_bit_whatever_else_was_encoded(encoder):
    before = encoder.encode_one(TEXTS[0])
    encoder.encode([f"a flower with {'red ' * i} petals" for i in range(20)])
    np.testing.assert_array_equal(encoder.encode_one(TEXTS[0]), before)


def test_vectors_are_those_of_the_keras_model_on_each_sentence(encoder):
    """`encode` shares beginnings and ends; the model reads one sentence at a time."""
    expected = []
    for text in TEXTS:
        rows = encoder.vocabulary.rows(encoder.tokenize(text))
        parts = []
        for part in encoder.parts:
            state = part.model(part.words[rows][None], np.array([len(rows)], "int32"))[
                0
            ]
            parts.append(state / np.linalg.norm(state))
        expected.append(np.concatenate(parts))
    np.testing.assert_allclose(encoder.encode(TEXTS), expected, atol=1e-6)


def test_little_memory_changes_nothing(encoder):
    np.testing.assert_allclose(
        encoder.encode(TEXTS, memory=1), encoder.encode(TEXTS), atol=1e-6
    )


def test_no_texts_give_no_vectors(encoder):
    assert encoder.encode([]).shape == (0, 16)


@pytest.mark.parametrize("blank", ["", "  \t", "\u200b"])
def test_blank_text_is_named_by_line_and_index(encoder, blank):
    with pytest.raises(InputError, match=r"line 2 \(index 1\)"):
        encoder.encode(["red", blank, "blue"])


def test_unknown_words_are_encoded_and_named(encoder):
    assert np.isfinite(encoder.encode_one("zebra quagga")).all()
    assert encoder.unknown_words("a Zebra with red quagga zebra") == ["zebra", "quagga"]


def test_eos_changes_the_vector():
    plain, with_eos = make(), make(use_eos=True)
    with_eos.parts = plain.parts
    assert np.abs(plain.encode_one("red") - with_eos.encode_one("red")).max() > 1e-3


def test_loaded_encoder_gives_the_same_vectors(encoder, saved):
    loaded = SkipThoughtEncoder.load(saved)
    assert loaded.config == encoder.config
    assert loaded.id == encoder.id
    np.testing.assert_array_equal(loaded.encode(TEXTS), encoder.encode(TEXTS))


def test_id_is_that_of_the_content():
    encoder = make()
    assert encoder.id == make().id
    assert encoder.id != make(seed=1).id
    assert encoder.id != make(lowercase=False).id
    other = SkipThoughtEncoder(
        encoder.config, Vocabulary([*WORDS[:-1], "!"]), encoder.parts
    )
    assert encoder.id != other.id


def test_saving_again_replaces_an_encoder_and_nothing_else(encoder, copy):
    make(seed=1).save(copy)
    assert SkipThoughtEncoder.load(copy).id == make(seed=1).id
    (copy / "holiday.jpg").write_text("dear")
    with pytest.raises(InputError, match=r"holiday\.jpg"):
        encoder.save(copy)
    assert (copy / "holiday.jpg").read_text() == "dear"
    with pytest.raises(InputError, match="is a file"):
        encoder.save(copy / "holiday.jpg")


FILES = ["config.json", "vocabulary.txt", "uni.weights.h5", "bi.words.npy"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["missing", "rubbish", "half"])
def test_damaged_file_is_named_with_what_mends_it(copy, name, damage):
    path = copy / name
    content = path.read_bytes()
    path.unlink()
    if damage != "missing":
        new = {"rubbish": b"\xffrubbish", "half": content[: len(content) // 2]}
        path.write_bytes(new[damage])
    with pytest.raises(InputError) as caught:
        SkipThoughtEncoder.load(copy)
    message = str(caught.value)
    assert f"python -m skipthoughts train --captions=FILE --output={copy}" in message
    assert "\n" not in message
    # A shorter vocabulary is a valid file; the tables then do not fit.
    assert name in message or (name, damage) == ("vocabulary.txt", "half")


def test_missing_directory_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match=r"config\.json: missing"):
        SkipThoughtEncoder.load(tmp_path / "none")


def test_changed_content_of_the_right_shape_is_found_by_its_hash(copy):
    path = copy / "vocabulary.txt"
    path.write_bytes(path.read_bytes().replace(b"red\n", b"rad\n"))
    with pytest.raises(InputError, match="damaged, its sha256"):
        SkipThoughtEncoder.load(copy)


@pytest.mark.parametrize("change", [{"kind": "tri"}, {"dim": 7}, {"surprise": 1}])
def test_wrong_configuration_is_an_input_error(copy, change):
    path = copy / "config.json"
    content = json.loads(path.read_text())
    content["encoder"].update(change)
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"config\.json: cannot be read"):
        SkipThoughtEncoder.load(copy)

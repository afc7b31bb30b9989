"""The model in the graph equals the Python path."""

import dataclasses
import io
import tarfile
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.tokenize import NLTKWordTokenizer

from skipthoughts.config import EncoderConfig
from skipthoughts.encoder import SkipThoughtEncoder
from skipthoughts.graph.encoder import GraphEncoder
from skipthoughts.graph.tokenizer import graph_tokens
from skipthoughts.tokenizer import tokenize
from skipthoughts.vocabulary import Vocabulary

SHARED = Path(__file__).parents[4] / "shared"
WORDS = ["<eos>", "UNK", "a", "flower", "red", "blue", "with", "petals", ".", "n't"]
TEXTS = [
    "a red flower with blue petals .",
    "Red",
    "the zebra's don't-care  petals,\tall of them",
    "été — ÉTÉ, naïve blütenblätter\u2019s",
    "He said: \"(a) flower's can't\" -- cannot, gonna... 3.5% 'tis!",
]


def make(**values):
    keras.utils.set_random_seed(0)
    config = EncoderConfig(**{"dim": 8, "word_dim": 6, **values})
    return SkipThoughtEncoder.untrained(config, Vocabulary(WORDS))


def in_graph(texts, config):
    tokens = graph_tokens(tf.constant(texts), config).to_list()
    return [[token.decode() for token in row] for row in tokens]


@pytest.mark.parametrize("values", [
    {}, {"kind": "uni"}, {"kind": "bi"}, {"use_eos": True}, {"lowercase": False},
    {"tokenizer": "treebank", "lowercase": False},
])  # fmt: skip
def test_vectors_are_those_of_the_python_path(values):
    encoder = make(**values)
    vectors = GraphEncoder.of(encoder)(tf.constant(TEXTS))
    np.testing.assert_allclose(vectors, encoder.encode(TEXTS), atol=1e-6)


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(max_codepoint=0x2FFF, exclude_categories=["Cs", "Cn"])))
def test_words_are_those_of_the_python_path(text):
    config = EncoderConfig(lowercase=False)
    text = " ".join(tokenize(text, False))  # in normal form
    assert in_graph([text], config) == [tokenize(text, False)]


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("aIstdnrelv'\"`(),-:?.3 "), max_size=20))
def test_treebank_words_are_those_of_nltk(text):
    """As one sentence: Punkt, which comes before, stays outside the graph."""
    config = EncoderConfig(tokenizer="treebank", lowercase=False)
    assert in_graph([text], config) == [NLTKWordTokenizer().tokenize(text)]


def test_contractions_are_those_of_nltk():
    config = EncoderConfig(tokenizer="treebank", lowercase=False)
    for text in [
        "I cannot wanna gonna gimme lemme gotta d'ye more'n 'tis 'twas it.",
        "We'll they're I've he'd I'm it's the dogs' isn't 'quoted' 'n roll's.",
        "The petals don't overlap, and the flower's center is yellow.",
        "3:15, 1,000; a@b #1 $5 100% R&D e.g. this... *and* [that] {or} <so>.)",
    ]:
        assert in_graph([text], config) == [tokenize(text, False, "treebank")]


def test_text_without_words_is_an_error():
    model = GraphEncoder.of(make())
    with pytest.raises(tf.errors.InvalidArgumentError, match="has no words"):
        model(tf.constant(["red", " "]))


def test_keras_file_and_saved_model_hold_the_words(tmp_path):
    encoder = make()
    model = GraphEncoder.of(encoder)
    model.save(tmp_path / "graph.keras")
    model.export(str(tmp_path / "saved"), verbose=False)
    loaded = keras.saving.load_model(tmp_path / "graph.keras")
    served = tf.saved_model.load(str(tmp_path / "saved"))
    expected = encoder.encode(TEXTS)
    np.testing.assert_allclose(loaded(tf.constant(TEXTS)), expected, atol=1e-6)
    np.testing.assert_allclose(served.serve(tf.constant(TEXTS)), expected, atol=1e-6)
    for _ in range(2):  # any number of strings
        assert served.serve(tf.constant(TEXTS[:1])).shape == (1, 16)


@pytest.mark.slow
@pytest.mark.parametrize("tokenizer", ["words", "treebank"])
def test_every_real_caption_is_split_alike(tokenizer):
    archive = SHARED / "data/oxford_flowers102/cvpr2016_flowers.tar.gz"
    if not archive.exists():
        pytest.skip(f"no {archive}")
    captions = []
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile() and "/text_c10/class" in member.name:
                content = io.TextIOWrapper(tar.extractfile(member), "utf-8").read()
                captions += filter(str.strip, content.splitlines())
    assert len(captions) > 40_000
    config = dataclasses.replace(EncoderConfig(), tokenizer=tokenizer)
    expected = [tokenize(caption, True, tokenizer) for caption in captions]
    assert in_graph(captions, config) == expected

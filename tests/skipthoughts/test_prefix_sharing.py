"""Sharing beginnings computes each once, and changes nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skipthoughts.prefix_sharing import PrefixTree, last_states
from skipthoughts.sentence_encoder import SentenceEncoder

SENTENCES = st.sets(
    st.lists(st.integers(0, 3), min_size=1, max_size=6).map(tuple), min_size=1
)


@pytest.fixture(scope="module")
def model():
    return SentenceEncoder(5, 7, bidirectional=False)


@settings(deadline=None)
@given(SENTENCES)
def test_tree_has_each_beginning_once(sentences):
    ordered = sorted(sentences)
    tree = PrefixTree(ordered)
    prefixes = {s[:n] for s in sentences for n in range(1, len(s) + 1)}
    assert sum(len(parents) for parents, *_ in tree.levels) == len(prefixes)
    # Read off the tree again, from the root to each leaf.
    spelled = [()]
    for parents, last, leaves, ends in tree.levels:
        spelled = [
            (*spelled[parent], int(tree.words[word]))
            for parent, word in zip(parents, last, strict=True)
        ]
        assert len(set(spelled)) == len(spelled)
        for leaf, end in zip(leaves, ends, strict=True):
            assert ordered[leaf] == spelled[end]
    assert sorted(np.concatenate([leaves for *_, leaves, _ in tree.levels])) == list(
        range(len(ordered))
    )


@settings(max_examples=30, deadline=None)
@given(SENTENCES, st.sampled_from([1, 2000, 1 << 30]))
def test_states_are_those_of_the_plain_recurrence(model, sentences, memory):
    words = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
    sentences = list(sentences)
    lengths = np.array([len(s) for s in sentences], np.int32)
    rows = np.zeros((len(sentences), lengths.max()), int)
    for line, sentence in zip(rows, sentences, strict=True):
        line[: len(sentence)] = sentence
    expected = np.asarray(model(words[rows], lengths))
    seen = []
    for which, states in last_states(model.forward, words, sentences, memory):
        np.testing.assert_allclose(states, expected[which], atol=1e-6)
        seen.extend(which)
    assert sorted(seen) == list(range(len(sentences)))


def test_bias_inside_the_recurrence_counts(model):
    """The release has none; what is trained here has one."""
    kernel, recurrent, bias = model.forward.get_weights()
    biased = SentenceEncoder(5, 7, bidirectional=False)
    biased.forward.set_weights([kernel, recurrent, bias + 0.5])
    words = np.ones((1, 5), np.float32)
    (_, states), *_ = last_states(biased.forward, words, [(0, 0)], 1 << 20)
    expected = biased(np.ones((1, 2, 5), np.float32), np.array([2], np.int32))
    np.testing.assert_allclose(states, expected, atol=1e-6)


def test_no_sentences(model):
    assert list(last_states(model.forward, np.ones((1, 5), np.float32), [], 1)) == []

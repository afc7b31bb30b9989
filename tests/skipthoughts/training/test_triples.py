"""Neighbours of captions and of sentences."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from foundation.errors import InputError
from skipthoughts.training.skip_thoughts import (
    train,
)
from skipthoughts.training.triples import ProseTriples
from skipthoughts.vocabulary import Vocabulary


def test_neighbours_are_other_captions_of_the_same_image(color_groups, read, triplets):
    source, vocabulary = triplets(color_groups)
    image = {caption: i for i, group in enumerate(color_groups) for caption in group}
    seen = set()
    for step in range(3):
        arrays = source.batch(tf.constant(step))
        centre, before, after = (
            read(vocabulary, *arrays[i : i + 2]) for i in (0, 2, 4)
        )
        for c, b, a in zip(centre, before, after, strict=True):
            assert image[c] == image[b] == image[a]
            assert c not in (b, a)
            seen.add((c, b))
    assert len(seen) > 30  # of 48: they are drawn, not fixed
    for rows, lengths in zip(arrays[::2], arrays[1::2], strict=True):
        # <eos>, row 0, is behind the last word of the longest one too.
        assert rows.shape[1] == lengths.numpy().max() + 1
        ends = tf.gather(rows, lengths, axis=1, batch_dims=1).numpy()
        assert not ends.any()


def test_a_lone_caption_is_its_own_neighbour(read, triplets):
    source, vocabulary = triplets([["a lone flower"]])
    arrays = source.batch(tf.constant(0))
    for i in (0, 2, 4):
        assert set(read(vocabulary, *arrays[i : i + 2])) == {"a lone flower"}


def test_batches_are_a_function_of_seed_and_step(color_groups, triplets):
    a, b, other = (
        triplets(color_groups)[0],
        triplets(color_groups)[0],
        triplets(color_groups, seed=1)[0],
    )
    b.batch(tf.constant(0))  # has no effect on step 5

    def sentences(source, step):
        return source.batch(tf.constant(step))[0].numpy().tolist()

    assert sentences(a, 5) == sentences(b, 5)
    assert sentences(a, 5) != sentences(a, 6)
    assert sentences(a, 5) != sentences(other, 5)


def test_neighbours_in_prose_are_the_sentences_around(tiny, read):
    documents = [
        [f"a{i} " * (1 + i % 3) for i in range(20)],
        ["lone one", "lone two"],
        [f"b{i}" for i in range(3)] + ["long " * 9] + [f"c{i}" for i in range(3)],
    ]
    tokens = [[text.split() for text in document] for document in documents]
    vocabulary = Vocabulary.of((t for d in tokens for t in d), 100)
    config = dataclasses.replace(tiny, batch_size=64, max_length=5)
    source = ProseTriples(tokens, vocabulary, config)
    order = [" ".join(s) for document in tokens for s in document]
    # Neither the ends of documents nor what is near the long sentence.
    allowed = {*order[1:19], "b1", "c1"}
    seen = set()
    for step in range(3):
        arrays = source.batch(tf.constant(step))
        triples = zip(
            *(read(vocabulary, *arrays[i : i + 2]) for i in (0, 2, 4)), strict=True
        )
        for centre, before, after in triples:
            i = order.index(centre)
            assert (before, after) == (order[i - 1], order[i + 1])
            seen.add(centre)
    assert seen == allowed


def test_prose_without_three_short_sentences_is_an_error(tiny):
    with pytest.raises(InputError, match="no three in a row"):
        texts = [["one", "two"], ["x " * 40] * 9]
        train(texts, tiny, progress=False, prose=True)


def test_word_frequencies_count_every_end(triplets):
    source, vocabulary = triplets([["a b", "a"]])
    # <eos> twice, UNK never, a twice, b once; half a count more for each of the four.
    assert vocabulary.words == ["<eos>", "UNK", "a", "b"]
    np.testing.assert_allclose(
        source.word_frequencies, np.array([2.5, 0.5, 2.5, 1.5]) / 7
    )


def test_captions_are_cut_at_the_length_limit(read, triplets):
    source, vocabulary = triplets([["a b c d e", "f"]], max_length=2)
    arrays = source.batch(tf.constant(0))
    assert set(read(vocabulary, *arrays[:2])) == {"a b", "f"}

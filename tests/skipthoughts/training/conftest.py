"""Captions of four images, and what reads the batches that are drawn of them."""

import dataclasses

import pytest

from skipthoughts.config import EncoderConfig, TrainingConfig
from skipthoughts.training.triples import CaptionTriples
from skipthoughts.vocabulary import Vocabulary


@pytest.fixture
def color_groups():
    """Four captions of each of four images."""
    return [
        [f"a {c} flower", f"this one has {c} petals", f"{c} petals", f"it is {c}"]
        for c in ("red", "blue", "white", "pink")
    ]


@pytest.fixture
def tiny():
    """The smallest training."""
    return TrainingConfig(
        encoder=EncoderConfig(kind="bi", dim=8, word_dim=6), steps=4, batch_size=4
    )


@pytest.fixture
def triplets(tiny):
    """Returns a function of captions: their triples and vocabulary."""

    def triplets(groups, **values):
        tokens = [[caption.split() for caption in group] for group in groups]
        vocabulary = Vocabulary.of((t for group in tokens for t in group), 100)
        config = dataclasses.replace(tiny, batch_size=64, **values)
        return CaptionTriples(tokens, vocabulary, config), vocabulary

    return triplets


@pytest.fixture
def read():
    """Returns a function of rows and lengths of a batch: its sentences."""

    def read(vocabulary, rows, lengths):
        return [
            " ".join(vocabulary.words[row] for row in line[:length])
            for line, length in zip(rows.numpy(), lengths.numpy(), strict=True)
        ]

    return read

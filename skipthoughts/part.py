"""Uni or bi: word vectors, and the GRUs that read them."""

import dataclasses
from collections.abc import Iterator

import keras
import numpy as np
from keras import layers

from foundation.keras_settings import building
from skipthoughts.config import EncoderConfig
from skipthoughts.sentence_encoder import SentenceEncoder


@dataclasses.dataclass(frozen=True)
class Part:
    """Uni or bi: word vectors and what reads them.

    Attributes:
        name: "uni" or "bi".
        words: float32 `[V, W]`, one row a word; perhaps memory-mapped.
        model: the GRUs.
    """

    name: str
    words: np.ndarray
    model: SentenceEncoder

    @classmethod
    def untrained(cls, name: str, config: EncoderConfig, size: int) -> "Part":
        """Makes random weights for a vocabulary of `size` words."""
        with building():
            uniform = keras.initializers.RandomUniform(-0.1, 0.1)
            model = make_model(name, config)
        words = keras.ops.convert_to_numpy(uniform((size, config.word_dim), "float32"))
        return cls(name, words, model)

    def directions(self) -> Iterator[tuple[layers.GRU, bool]]:
        """Yields each GRU, in the vector's order, and whether it reads backwards."""
        yield self.model.forward, False
        if self.model.bidirectional:
            yield self.model.backward, True


def make_model(
    name: str, config: EncoderConfig, blank: bool = False
) -> SentenceEncoder:
    """Makes the GRUs of "uni" or "bi", of random weights; `blank`: of zeros."""
    bidirectional = name == "bi"
    with building():
        return SentenceEncoder(
            config.word_dim, config.dim, bidirectional, blank, name=name
        )

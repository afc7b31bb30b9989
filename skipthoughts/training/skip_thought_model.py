"""The training objective: a sentence's vector must tell what its neighbours say."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from skipthoughts.sentence_encoder import SentenceEncoder, gru


class SkipThoughtModel(keras.Model):
    """An encoder with two decoders, for the previous and the next sentence.

    The decoders begin in the encoder's state, share its word vectors, and share the
    output layer, as in the published code; they read the state with every word, as in
    the paper.

    Args:
        encoder: the GRUs that are trained.
        words: float32 `[V, W]`, the first word vectors.
        word_frequencies: float `[V]`, more than 0. The output layer begins with them,
            or the first hundred updates teach them to the encoder's state, which then
            forgets the sentence.

    Reference: Kiros et al. 2015, Eqs. 1-10.
    """

    def __init__(
        self,
        encoder: SentenceEncoder,
        words: np.ndarray,
        word_frequencies: np.ndarray,
        **kwargs: Any,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.encoder = encoder
        self.embedding = layers.Embedding(
            *words.shape, dtype="float32", name="embedding"
        )
        self.previous_decoder = gru(encoder.dim, "previous_decoder")
        self.next_decoder = gru(encoder.dim, "next_decoder")
        self.output_layer = layers.Dense(
            len(words),
            kernel_initializer=keras.initializers.RandomUniform(-0.1, 0.1),
            dtype="float32",
            name="output_layer",
        )
        one_word = (tf.zeros((1, 2), tf.int32), tf.ones((1,), tf.int32))
        self(*one_word, *one_word, *one_word)  # creates every variable at once
        self.embedding.set_weights([words])
        self.output_layer.bias.assign(np.log(word_frequencies))

    def call(
        self,
        rows: Any,
        lengths: Any,
        previous_rows: Any,
        previous_lengths: Any,
        next_rows: Any,
        next_lengths: Any,
    ) -> Any:
        """Returns -log p of each word of the two neighbours, `<eos>` included.

        Args:
            rows: int32 `[B, L]`, the sentence.
            lengths: int32 `[B]`, its words without `<eos>`.
            previous_rows: of one neighbour, row 0 (`<eos>`) behind the last word.
            previous_lengths: likewise.
            next_rows: of the other.
            next_lengths: likewise.

        Returns:
            float32 `[B]`: sums over the words of both neighbours.
        """
        state = self.encoder(self.embedding(rows), lengths)  # [B, D]
        return self.negative_log_likelihood(
            self.previous_decoder, state, previous_rows, previous_lengths
        ) + self.negative_log_likelihood(
            self.next_decoder, state, next_rows, next_lengths
        )

    def negative_log_likelihood(
        self, decoder: layers.GRU, state: Any, rows: Any, lengths: Any
    ) -> Any:
        """Returns -log p `[B]` of sentences under a decoder begun in `state`."""
        words = self.embedding(rows)  # [B, L, W]
        # The decoder sees the words before the one that it predicts; none at first.
        shifted = tf.pad(words[:, :-1], ((0, 0), (1, 0), (0, 0)))
        # The sentence vector speaks at every word (Eqs. 5-7), not at the first alone:
        # a long way back through the decoder is learnt late, or never.
        told = tf.repeat(state[:, None], tf.shape(rows)[1], axis=1)  # [B, L, D]
        inputs = tf.concat([shifted, told], axis=-1)  # [B, L, W + D]
        states = decoder(inputs, initial_state=state)  # [B, L, D]
        positions = tf.range(tf.shape(rows)[1])[None]
        mask = positions <= lengths[:, None]  # [B, L], <eos> included
        # The softmax over the vocabulary costs most: padding is left out of it.
        logits = self.output_layer(tf.boolean_mask(states, mask))  # [words, V]
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            tf.boolean_mask(rows, mask), logits
        )  # [words]
        sentence = tf.where(mask)[:, 0]  # [words]
        return tf.math.segment_sum(losses, sentence)  # [B]

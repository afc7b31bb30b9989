"""Keras models that read one sentence: uni-skip and bi-skip.

The recurrence is the published one, which is that of `keras.layers.GRU` with
`reset_after=True` (Kiros et al. 2015, Eqs. 1-4, where our update gate z keeps the old
state): r = sigmoid(W_r x + U_r h), z = sigmoid(W_z x + U_z h),
c = tanh(W x + r * (U h)), h' = z * h + (1 - z) * c.
"""

from typing import Any

import keras
from keras import initializers, layers, ops


@keras.saving.register_keras_serializable("skipthoughts")
class PerGateOrthogonal(initializers.Initializer):
    """An orthogonal `[D, D]` matrix for each gate, side by side, as published."""

    def __call__(self, shape: tuple[int, int], dtype: Any = None) -> Any:
        dim, gates = shape[0], shape[1] // shape[0]
        # One initialiser a gate: the same one would give every gate the same matrix.
        squares = [initializers.Orthogonal() for _ in range(gates)]
        blocks = [square((dim, dim), dtype=dtype) for square in squares]
        return ops.concatenate(blocks, axis=1)


def gru(dim: int, name: str) -> layers.GRU:
    """A GRU initialised as published, giving the state after every word."""
    return layers.GRU(
        dim,
        reset_after=True,
        return_sequences=True,
        kernel_initializer=initializers.RandomUniform(-0.1, 0.1),
        recurrent_initializer=PerGateOrthogonal(),
        name=name,
    )


@keras.saving.register_keras_serializable("skipthoughts")
class SentenceEncoder(keras.Model):
    """Word rows to the last state of one GRU (uni) or of two (bi).

    Args:
        vocabulary_size: rows of the embedding.
        word_dim: dimensions of the word vectors.
        dim: dimensions of the sentence vector.
        bidirectional: a forward and a backward GRU of dim / 2, side by side.

    Call inputs:
        rows: int32 `[B, L]`, padded on the right with anything.
        lengths: int32 `[B]`, from 1 to L.

    Call output: float32 `[B, dim]`, not normalised.
    """

    def __init__(
        self,
        vocabulary_size: int,
        word_dim: int,
        dim: int,
        bidirectional: bool,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.word_dim = word_dim
        self.dim = dim
        self.bidirectional = bidirectional
        self.embedding = layers.Embedding(
            vocabulary_size,
            word_dim,
            embeddings_initializer=initializers.RandomUniform(-0.1, 0.1),
            name="embedding",
        )
        self.forward = gru(dim // 2 if bidirectional else dim, "forward")
        if bidirectional:
            self.backward = gru(dim // 2, "backward")
        self(keras.Input((None,), dtype="int32"), keras.Input((), dtype="int32"))

    def call(self, rows: Any, lengths: Any) -> Any:
        state = self._last_state(self.forward, rows, lengths)  # [B, dim] or half
        if self.bidirectional:
            # Each sentence reversed within its own length: padding stays at the end.
            positions = ops.arange(ops.shape(rows)[1], dtype="int32")[None]
            mirrored = ops.expand_dims(lengths, 1) - 1 - positions  # [B, L]
            reversed_rows = ops.take_along_axis(rows, ops.maximum(mirrored, 0), axis=1)
            backward = self._last_state(self.backward, reversed_rows, lengths)
            state = ops.concatenate([state, backward], axis=1)  # [B, dim]
        return state

    def _last_state(self, recurrence: layers.GRU, rows: Any, lengths: Any) -> Any:
        states = recurrence(self.embedding(rows))  # [B, L, D]
        last = ops.expand_dims(lengths - 1, (1, 2))  # [B, 1, 1]
        return ops.squeeze(ops.take_along_axis(states, last, axis=1), 1)  # [B, D]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "word_dim": self.word_dim,
            "dim": self.dim,
            "bidirectional": self.bidirectional,
        }

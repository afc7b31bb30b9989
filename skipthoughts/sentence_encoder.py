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


def gru(dim: int, name: str, blank: bool = False) -> layers.GRU:
    """A GRU initialised as published, giving the state after every word.

    Args:
        dim: units.
        name: of the layer.
        blank: begin with zeros, where weights are to be loaded: orthogonal matrices of
            the published sizes take seconds.
    """
    uniform, orthogonal = initializers.RandomUniform(-0.1, 0.1), PerGateOrthogonal()
    return layers.GRU(
        dim,
        reset_after=True,
        return_sequences=True,
        dtype="float32",
        kernel_initializer="zeros" if blank else uniform,
        recurrent_initializer="zeros" if blank else orthogonal,
        name=name,
    )


@keras.saving.register_keras_serializable("skipthoughts")
class SentenceEncoder(keras.Model):
    """Word vectors to the last state of one GRU (uni) or of two (bi).

    Args:
        word_dim: dimensions of the word vectors.
        dim: dimensions of the sentence vector.
        bidirectional: a forward and a backward GRU of dim / 2, side by side.
        blank: begin with zeros, where weights are to be loaded.

    Call inputs:
        words: float `[B, L, word_dim]`, padded on the right with anything.
        lengths: int32 `[B]`, from 1 to L.

    Call output: float32 `[B, dim]`, not normalised.
    """

    def __init__(
        self,
        word_dim: int,
        dim: int,
        bidirectional: bool,
        blank: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.word_dim = word_dim
        self.dim = dim
        self.bidirectional = bidirectional
        self.blank = blank
        self.forward = gru(dim // 2 if bidirectional else dim, "forward", blank)
        if bidirectional:
            self.backward = gru(dim // 2, "backward", blank)
        if blank:  # the symbolic call takes longer than all else about a caption
            for recurrence in self.layers:
                recurrence.build((None, None, word_dim))
            self.built = True
        else:
            # A symbolic call creates every variable at once.
            words = keras.Input((None, word_dim), dtype="float32")
            self(words, keras.Input((), dtype="int32"))

    def call(self, words: Any, lengths: Any) -> Any:
        state = _last_state(self.forward, words, lengths)  # [B, dim] or half
        if self.bidirectional:
            # Each sentence reversed within its own length: padding stays at the end.
            positions = ops.arange(ops.shape(words)[1], dtype="int32")[None]
            mirrored = ops.expand_dims(lengths, 1) - 1 - positions  # [B, L]
            mirrored = ops.expand_dims(ops.maximum(mirrored, 0), 2)  # [B, L, 1]
            backwards = ops.take_along_axis(words, mirrored, axis=1)  # [B, L, W]
            backward = _last_state(self.backward, backwards, lengths)
            state = ops.concatenate([state, backward], axis=1)  # [B, dim]
        return state

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "word_dim": self.word_dim,
            "dim": self.dim,
            "bidirectional": self.bidirectional,
            "blank": self.blank,
        }


def _last_state(recurrence: layers.GRU, words: Any, lengths: Any) -> Any:
    """Returns the state `[B, D]` after the last word of each sentence."""
    states = recurrence(words)  # [B, L, D]
    last = ops.expand_dims(lengths - 1, (1, 2))  # [B, 1, 1]
    return ops.squeeze(ops.take_along_axis(states, last, axis=1), 1)  # [B, D]

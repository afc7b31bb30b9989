"""Reads many sentences at once, each distinct beginning only once.

Captions begin alike ("this flower has petals that are …"): of all their words, about
41 in 100 end a distinct beginning. A recurrence gives the same state after the same
words, so the states after all distinct beginnings form a tree, whose root is the zero
state. It is computed level by level, without padding. What a word adds to the gates is
tabulated once for each word, what a state adds once for all words that follow it.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf
from keras import layers

from skipthoughts.word_table import rows_at

_NODES = 1024  # in one step: the gates stay in the processor's cache


def last_states(
    recurrence: layers.GRU,
    words: np.ndarray,
    sentences: Sequence[Sequence[int]],
    memory: int,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields the states of a GRU after the last words of sentences, some at a time.

    Args:
        recurrence: a built `GRU(reset_after=True)` of W inputs and D units.
        words: float32 `[V, W]`, perhaps memory-mapped: only rows in use are read.
        sentences: distinct sequences of rows of `words`, none of them empty.
        memory: bytes that tables and states may take, about; at least what one
            sentence needs is taken.

    Yields:
        Which sentences, int `[K]`, and their states, float32 `[K, D]`; each sentence
        once, in no order.
    """
    order = sorted(range(len(sentences)), key=lambda i: tuple(sentences[i]))
    cell = recurrence.cell
    kernel, recurrent_kernel, bias = (
        variable.value.read_value()  # no copy
        for variable in (cell.kernel, cell.recurrent_kernel, cell.bias)
    )
    block = _sentences_in_a_tree(recurrence.units, sentences, memory)
    for start in range(0, len(order), block):
        chosen = np.array(order[start : start + block])
        tree = PrefixTree([sentences[i] for i in chosen])
        projected = tf.matmul(rows_at(words, tree.words), kernel) + bias[0]  # [U, 3D]
        for leaves, states in _walk(tree, projected, recurrent_kernel, bias[1]):
            yield chosen[leaves], states


def _sentences_in_a_tree(
    units: int, sentences: Sequence[Sequence[int]], memory: int
) -> int:
    """Returns how many sentences are read together, so that memory suffices.

    A tree of few sentences has levels of few nodes, for each of which the whole matrix
    is read: the more the better.
    """
    words = len({row for sentence in sentences for row in sentence})
    table = 12 * units * words  # what each word adds to the three gates, float32
    states = 16 * units  # of a sentence: two levels, and a copy of each
    if table <= memory // 2:
        return max(1, (memory - table) // states)
    longest = max(map(len, sentences), default=0)
    return max(1, memory // (states + 12 * units * longest))


class PrefixTree:
    """The distinct beginnings of sentences, by their number of words.

    Args:
        sentences: sorted and distinct, none of them empty.

    Attributes:
        words: int `[U]`, the distinct rows in use.
        levels: for each number of words from 1 on: `parents` int32 `[M]`, the node of
            the level before; `last` int32 `[M]`, the last word as an index of `words`;
            `leaves` int `[K]`, the sentences that end here, at the nodes `ends` `[K]`.
    """

    def __init__(self, sentences: Sequence[Sequence[int]]):
        lengths = np.array([len(sentence) for sentence in sentences])
        table = np.full((len(sentences), lengths.max()), -1, np.int64)
        for row, sentence in zip(table, sentences, strict=True):
            row[: len(sentence)] = sentence
        self.words, inverse = np.unique(table[table >= 0], return_inverse=True)
        table[table >= 0] = inverse
        # A sentence begins a new node where it differs from the one before it, and
        # from there to its end: they are sorted.
        differs = table[1:] != table[:-1]
        new = np.vstack(
            [np.ones_like(table[:1], bool), np.logical_or.accumulate(differs, axis=1)]
        )
        new &= np.arange(table.shape[1]) < lengths[:, None]
        nodes = np.cumsum(new, axis=0) - 1  # [N, L]: the node of each beginning
        self.levels = []
        for length in range(1, table.shape[1] + 1):
            first = np.flatnonzero(new[:, length - 1])  # the sentence that begins it
            parents = nodes[first, length - 2] if length > 1 else np.zeros_like(first)
            leaves = np.flatnonzero(lengths == length)
            self.levels.append(
                (
                    parents.astype(np.int32),
                    table[first, length - 1].astype(np.int32),
                    leaves,
                    nodes[leaves, length - 1],
                )
            )


def _walk(
    tree: PrefixTree, projected: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields sentences that end at a level, and their states."""
    states = tf.zeros((1, kernel.shape[0]))
    for parents, last, leaves, ends in tree.levels:
        children = []
        for start in range(0, len(parents), _NODES):
            some = slice(start, start + _NODES)
            distinct, parent = np.unique(parents[some], return_inverse=True)
            children.append(
                _step(
                    tf.gather(states, distinct),
                    parent.astype(np.int32),
                    projected,
                    last[some],
                    kernel,
                    bias,
                )
            )
        states = tf.concat(children, axis=0)
        if len(leaves):
            yield leaves, tf.gather(states, ends).numpy()


@tf.function(
    input_signature=[
        tf.TensorSpec((None, None)),
        tf.TensorSpec((None,), tf.int32),
        tf.TensorSpec((None, None)),
        tf.TensorSpec((None,), tf.int32),
        tf.TensorSpec((None, None)),
        tf.TensorSpec((None,)),
    ],
    autograph=False,  # nothing to convert, and that takes longer than a caption
)
def _step(
    states: tf.Tensor,
    parents: tf.Tensor,
    projected: tf.Tensor,
    last: tf.Tensor,
    kernel: tf.Tensor,
    bias: tf.Tensor,
) -> tf.Tensor:
    """One step of a GRU in Keras's gate order: nodes of a level to those of the next.

    Args:
        states: of distinct nodes of the level before, `[P, D]`.
        parents: of each node, int32 `[M]`.
        projected: what each word adds to the gates, `[U, 3D]`.
        last: the word of each node, int32 `[M]`.
        kernel: recurrent, `[D, 3D]`.
        bias: recurrent, `[3D]`.

    Returns:
        float32 `[M, D]`.
    """
    u = tf.nn.bias_add(tf.matmul(states, kernel), bias)  # [P, 3D]
    u_z, u_r, u_c = tf.split(tf.gather(u, parents), 3, axis=1)  # [M, D] each
    x_z, x_r, x_c = tf.split(tf.gather(projected, last), 3, axis=1)  # [M, D] each
    h = tf.gather(states, parents)  # [M, D]
    z, r = tf.sigmoid(x_z + u_z), tf.sigmoid(x_r + u_r)
    c = tf.tanh(x_c + r * u_c)
    return c + z * (h - c)

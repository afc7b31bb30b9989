"""Sentences with their two neighbours, as a pure function of (seed, step)."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from foundation.errors import InputError
from foundation.random_index import index_below
from skipthoughts.config import TrainingConfig
from skipthoughts.vocabulary import Vocabulary


class Sentences:
    """Sentences as rows of the vocabulary, on the device.

    Args:
        rows: one sequence a sentence, without `<eos>`.

    Attributes:
        lengths: int32 `[N]`, words of each sentence.
    """

    def __init__(self, rows: Sequence[Sequence[int]]):
        lengths = np.array([len(sentence) for sentence in rows])
        flat = [row for sentence in rows for row in (*sentence, 0)]  # 0 is <eos>
        self._flat = tf.constant(flat, tf.int32)
        self._starts = tf.constant(np.cumsum(lengths + 1) - lengths - 1, tf.int32)
        self.lengths = tf.constant(lengths, tf.int32)

    def gather(self, indices: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns rows `[B, L + 1]` and lengths `[B]`; `<eos>` from the end on."""
        lengths = tf.gather(self.lengths, indices)
        positions = tf.range(tf.reduce_max(lengths) + 1)[None]  # [1, L + 1]
        positions = tf.minimum(positions, lengths[:, None])
        starts = tf.gather(self._starts, indices)[:, None]
        return tf.gather(self._flat, starts + positions), lengths


class CaptionTriples:
    """Captions; the neighbours of one are other captions of the same image.

    An image with a single caption has that caption itself for a neighbour.

    Args:
        groups: tokenised captions, one group an image; those longer than the limit of
            the configuration are cut.
        vocabulary: gives the rows.
        config: batch size, length limit and seed.

    Attributes:
        word_frequencies: float64 `[V]`, more than 0, sum 1.

    Raises:
        InputError: no captions.
    """

    def __init__(
        self,
        groups: Sequence[Sequence[Sequence[str]]],
        vocabulary: Vocabulary,
        config: TrainingConfig,
    ):
        rows = [
            vocabulary.rows(tokens)[: config.max_length]
            for group in groups
            for tokens in group
        ]
        if not rows:
            raise InputError("no captions to train on; expected at least one")
        self._sentences = Sentences(rows)
        self.word_frequencies = word_frequencies(rows, len(vocabulary))
        sizes = np.array([len(group) for group in groups])
        starts = np.cumsum(sizes) - sizes
        self._starts = tf.constant(np.repeat(starts, sizes), tf.int32)
        self._sizes = tf.constant(np.repeat(sizes, sizes), tf.int32)
        self._batch_size = config.batch_size
        self._seed = config.seed

    def batch(self, step: tf.Tensor) -> list[tf.Tensor]:
        """Gathers rows `[B, L]` and lengths `[B]` of sentence, previous and next."""
        shape = (3, self._batch_size)
        u = tf.random.stateless_uniform(shape, tf.stack([self._seed, step]))
        centre = index_below(tf.size(self._starts), u[0])
        start, size = tf.gather(self._starts, centre), tf.gather(self._sizes, centre)
        arrays: list[tf.Tensor] = []
        for index in (
            centre,
            another(centre, start, size, u[1]),
            another(centre, start, size, u[2]),
        ):
            arrays += self._sentences.gather(index)
        return arrays


class ProseTriples:
    """Sentences of running text; the neighbours are the one before and the one after.

    Args:
        documents: tokenised sentences in order, one sequence a document. As published,
            a sentence is left out if it or a neighbour is longer than the limit.
        vocabulary: gives the rows.
        config: batch size, length limit and seed.

    Attributes:
        word_frequencies: float64 `[V]`, more than 0, sum 1.

    Raises:
        InputError: no three short sentences follow each other.
    """

    def __init__(
        self,
        documents: Sequence[Sequence[Sequence[str]]],
        vocabulary: Vocabulary,
        config: TrainingConfig,
    ):
        rows: list[Sequence[int]] = []
        inner = []
        for document in documents:
            sentences = [vocabulary.rows(tokens) for tokens in document]
            short = np.array([len(s) <= config.max_length for s in sentences], bool)
            centres = 1 + np.flatnonzero(short[:-2] & short[1:-1] & short[2:])
            inner.append(len(rows) + centres)
            rows += [sentence[: config.max_length] for sentence in sentences]
        self.centres = np.concatenate([np.zeros(0, int), *inner])
        if not len(self.centres):
            raise InputError(
                f"{len(rows)} sentences and no three in a row of at most "
                f"{config.max_length} words; expected running text, or a larger "
                "--max_length"
            )
        self._sentences = Sentences(rows)
        self._centres = tf.constant(self.centres, tf.int32)
        self.word_frequencies = word_frequencies(rows, len(vocabulary))
        self._batch_size = config.batch_size
        self._seed = config.seed

    def batch(self, step: tf.Tensor) -> list[tf.Tensor]:
        """Gathers rows `[B, L]` and lengths `[B]` of sentence, previous and next."""
        shape = (self._batch_size,)
        u = tf.random.stateless_uniform(shape, tf.stack([self._seed, step]))
        centre = tf.gather(self._centres, index_below(len(self.centres), u))
        return self.around(centre)

    def around(self, centres: tf.Tensor) -> list[tf.Tensor]:
        """Gathers what `batch` does for given sentences, int32 `[B]`."""
        arrays: list[tf.Tensor] = []
        for index in (centres, centres - 1, centres + 1):
            arrays += self._sentences.gather(index)
        return arrays


def word_frequencies(rows: Sequence[Sequence[int]], size: int) -> np.ndarray:
    """Returns how often each of `size` words is written, `<eos>` once a sentence.

    Returns:
        float64 `[size]`, more than 0, sum 1: half a count is added to each.
    """
    counts = np.bincount(np.concatenate(rows).astype(int), minlength=size) + 0.5
    counts[0] += len(rows)  # <eos> ends each
    return counts / counts.sum()


def another(
    index: tf.Tensor, start: tf.Tensor, size: tf.Tensor, u: tf.Tensor
) -> tf.Tensor:
    """Returns another of the `size` indices from `start` on; `index` if it is alone.

    Args:
        index: int32 `[B]`.
        start: int32 `[B]`.
        size: int32 `[B]`, from 1.
        u: float32 `[B]`, uniform in [0, 1): decides which.

    Returns:
        int32 `[B]`.
    """
    shift = tf.where(size > 1, 1 + index_below(size - 1, u), 0)
    return start + (index - start + shift) % size

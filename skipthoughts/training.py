"""Trains an encoder to predict a sentence's neighbours (Kiros et al. 2015, Eq. 10).

On captions, the neighbours of a caption are other captions of the same image.
"""

import time
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from tqdm import tqdm

from skipthoughts.config import TrainingConfig
from skipthoughts.encoder import SkipThoughtEncoder
from skipthoughts.errors import InputError
from skipthoughts.random_index import index_below
from skipthoughts.sentence_encoder import SentenceEncoder, gru
from skipthoughts.tokenizer import tokenize
from skipthoughts.vocabulary import Vocabulary

_STEPS_PER_CALL = 10


class SkipThoughtModel(keras.Model):
    """An encoder with two decoders, for the previous and the next sentence.

    The decoders begin in the encoder's state, share its word vectors, and share the
    output layer, as in the published code; they read the state with every word, as in
    the paper.

    Args:
        encoder: what is trained.
        word_frequencies: float `[V]`, more than 0. The output layer begins with them,
            or the first hundred updates teach them to the encoder's state, which then
            forgets the sentence.
    """

    def __init__(
        self, encoder: SentenceEncoder, word_frequencies: np.ndarray, **kwargs: Any
    ):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.previous_decoder = gru(encoder.dim, "previous_decoder")
        self.next_decoder = gru(encoder.dim, "next_decoder")
        self.output_layer = layers.Dense(
            encoder.vocabulary_size,
            kernel_initializer=keras.initializers.RandomUniform(-0.1, 0.1),
            name="output_layer",
        )
        one_word = (tf.zeros((1, 2), tf.int32), tf.ones((1,), tf.int32))
        self(*one_word, *one_word, *one_word)  # creates every variable at once
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
        state = self.encoder(rows, lengths)  # [B, D]
        return self.negative_log_likelihood(
            self.previous_decoder, state, previous_rows, previous_lengths
        ) + self.negative_log_likelihood(
            self.next_decoder, state, next_rows, next_lengths
        )

    def negative_log_likelihood(
        self, decoder: layers.GRU, state: Any, rows: Any, lengths: Any
    ) -> Any:
        """Returns -log p `[B]` of sentences under a decoder begun in `state`."""
        words = self.encoder.embedding(rows)  # [B, L, W]
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


class CaptionTriplets:
    """Captions with two neighbours each, as a pure function of (seed, step).

    An image with a single caption has that caption itself for a neighbour.

    Args:
        groups: tokenised captions, one group an image.
        vocabulary: gives the rows.
        config: batch size, length limit and seed.

    Raises:
        InputError: no captions.
    """

    def __init__(
        self,
        groups: Sequence[Sequence[Sequence[str]]],
        vocabulary: Vocabulary,
        config: TrainingConfig,
    ):
        sentences = [
            vocabulary.rows(tokens)[: config.max_length]
            for group in groups
            for tokens in group
        ]
        if not sentences:
            raise InputError("no captions to train on; expected at least one")
        longest = max(map(len, sentences))
        rows = np.zeros((len(sentences), longest + 1), np.int32)  # 0 is <eos>
        for i, sentence in enumerate(sentences):
            rows[i, : len(sentence)] = sentence
        sizes = np.array([len(group) for group in groups])
        starts = np.cumsum(sizes) - sizes
        self._rows = tf.constant(rows)
        self._lengths = tf.constant([len(s) for s in sentences], tf.int32)
        self._starts = tf.constant(np.repeat(starts, sizes), tf.int32)
        self._sizes = tf.constant(np.repeat(sizes, sizes), tf.int32)
        counts = np.bincount(np.concatenate(sentences), minlength=len(vocabulary))
        counts[0] = len(sentences)  # <eos> ends each
        self.word_frequencies = (counts + 0.5) / (counts + 0.5).sum()
        self._batch_size = config.batch_size
        self._seed = config.seed

    def batch(self, step: tf.Tensor) -> list[tf.Tensor]:
        """Gathers rows `[B, L]` and lengths `[B]` of sentence, previous and next."""
        shape = (3, self._batch_size)
        u = tf.random.stateless_uniform(shape, tf.stack([self._seed, step]))
        count = tf.shape(self._lengths)[0]
        centre = index_below(count, u[0])
        start, size = tf.gather(self._starts, centre), tf.gather(self._sizes, centre)
        arrays = []
        for index in (
            centre,
            self._neighbour(centre, start, size, u[1]),
            self._neighbour(centre, start, size, u[2]),
        ):
            lengths = tf.gather(self._lengths, index)
            longest = tf.reduce_max(lengths) + 1
            arrays += [tf.gather(self._rows, index)[:, :longest], lengths]
        return arrays

    @staticmethod
    def _neighbour(
        centre: tf.Tensor, start: tf.Tensor, size: tf.Tensor, u: tf.Tensor
    ) -> tf.Tensor:
        shift = tf.where(size > 1, 1 + index_below(size - 1, u), 0)
        return start + (centre - start + shift) % size


def train(
    groups: Sequence[Sequence[str]], config: TrainingConfig, progress: bool = True
) -> SkipThoughtEncoder:
    """Trains an encoder on captions.

    Args:
        groups: captions, one group an image.
        config: what and how.
        progress: show bars.

    Returns:
        The trained encoder, the same for the same arguments.

    Raises:
        InputError: no captions, or a loss that is not finite.
    """
    lowercase = config.encoder.lowercase
    tokenized = [
        [tokens for caption in group if (tokens := tokenize(caption, lowercase))]
        for group in groups
    ]
    vocabulary = Vocabulary.of(
        (tokens for group in tokenized for tokens in group), config.vocabulary_size
    )
    triplets = CaptionTriplets(tokenized, vocabulary, config)
    keras.utils.set_random_seed(config.seed)
    encoder = SkipThoughtEncoder.untrained(config.encoder, vocabulary)
    for sentence_encoder in encoder.models:
        model = SkipThoughtModel(sentence_encoder, triplets.word_frequencies)
        _train_one(model, triplets, config, progress)
    return encoder


def _train_one(
    model: SkipThoughtModel,
    triplets: CaptionTriplets,
    config: TrainingConfig,
    progress: bool,
) -> None:
    optimizer = keras.optimizers.Adam(
        config.learning_rate, epsilon=1e-8, global_clipnorm=config.clip_norm
    )
    optimizer.build(model.trainable_variables)

    @tf.function(input_signature=[tf.TensorSpec((), tf.int32)] * 2)
    def train_steps(first: tf.Tensor, last: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        nats, words = tf.constant(0.0), tf.constant(0.0)
        for step in tf.range(first, last):
            batch = triplets.batch(step)
            with tf.GradientTape() as tape:
                losses = model(*batch)
                loss = tf.reduce_mean(losses)
            variables = model.trainable_variables
            optimizer.apply(tape.gradient(loss, variables), variables)
            nats += tf.reduce_sum(losses)
            words += tf.cast(tf.reduce_sum(batch[3] + 1 + batch[5] + 1), tf.float32)
        return nats / words, words

    with tqdm(
        total=config.steps,
        unit="step",
        desc=f"skip-thoughts {model.encoder.name}",
        disable=None if progress else True,
    ) as bar:
        for first in range(0, config.steps, _STEPS_PER_CALL):
            last = min(first + _STEPS_PER_CALL, config.steps)
            start = time.perf_counter()
            results = train_steps(tf.constant(first), tf.constant(last))
            nats, words = map(float, results)
            speed = words / (time.perf_counter() - start)
            if not np.isfinite(nats):
                raise InputError(
                    f"skip-thought loss is {nats} within steps {first + 1}-{last}; "
                    "train again with a lower learning rate"
                )
            bar.set_postfix_str(f"{nats:.3f} nats/word, {speed:.0f} words/s")
            bar.update(last - first)

"""Trains a sentence encoder by triplets (Schroff et al. 2015, FaceNet, Sec. 3).

Anchor and positive are captions of the same image, the negative is a caption of another
class, sought in the batch. Captions and classes in; a `SkipThoughtEncoder` out, which
is used as any other.
"""

from foundation import tensorflow_backend  # noqa: F401 - before Keras

# isort: split
import dataclasses
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from foundation.errors import InputError
from foundation.keras_settings import FirstWeights
from foundation.loop import fit
from foundation.random_index import index_below
from skipthoughts.config import TripletConfig
from skipthoughts.encoder import SkipThoughtEncoder
from skipthoughts.part import Part, make_model
from skipthoughts.sentence_encoder import SentenceEncoder
from skipthoughts.training.skip_thoughts import begin, tokenize_groups
from skipthoughts.training.triples import Sentences, another
from skipthoughts.vocabulary import EOS, Vocabulary


def train_triplet(
    images: Sequence[Sequence[str]],
    labels: Sequence[Hashable],
    config: TripletConfig,
    progress: bool = True,
    workdir: Path | None = None,
    start: SkipThoughtEncoder | None = None,
) -> SkipThoughtEncoder:
    """Trains an encoder so that captions of an image lie near each other.

    Uni and bi are trained apart, so that combine stays both side by side.

    Args:
        images: captions, one group an image.
        labels: the class of each image; one that is None is left out.
        config: what and how.
        progress: show bars.
        workdir: for checkpoints and TensorBoard; a killed call is resumed from there
            to the bit. None keeps nothing.
        start: an encoder whose vocabulary, word vectors and weights to begin with; it
            is not changed. None begins with random ones and the captions' words.

    Returns:
        The trained encoder, the same for the same arguments.

    Raises:
        InputError: no captions, fewer than two classes, a `start` of another
            configuration, a loss that is not finite, or a `workdir` of another
            training.
    """
    if start is not None and start.config != config.encoder:
        raise InputError(
            f"the encoder to start from is {start.config}; expected {config.encoder}, "
            "give it the same --kind, --dim, --word_dim, --tokenizer and --lowercase"
        )
    _check_labels(images, labels)
    tokens = tokenize_groups(images, config)
    if start is None:
        sentences = (caption for image in tokens for caption in image)
        vocabulary = Vocabulary.of(sentences, config.vocabulary_size)
    else:
        vocabulary = start.vocabulary
    batches = TripletBatches(tokens, labels, vocabulary, config)
    if workdir is not None:
        numbers = [[str(number) for number in numbered(labels)]]
        begin(workdir, config, [*tokens, numbers, [[start.id if start else ""]]])
    first_weights = FirstWeights(config.seed)
    parts = []
    for i, name in enumerate(config.encoder.parts):
        with first_weights:
            if start is None:
                part = Part.untrained(name, config.encoder, len(vocabulary))
            else:
                part = _copied(start.parts[i], config)
            model = TripletModel(part.model, part.words, name=part.name)
        parts.append(_trained(part, model, batches, config, workdir, progress))
    return SkipThoughtEncoder(config.encoder, vocabulary, parts)


def _check_labels(images: Sequence[Sequence[str]], labels: Sequence[Hashable]) -> None:
    if len(images) != len(labels):
        raise InputError(
            f"{len(images)} images and {len(labels)} classes; expected one class an "
            "image, in the same order"
        )


def _copied(part: Part, config: TripletConfig) -> Part:
    model = make_model(part.name, config.encoder)
    model.set_weights(part.model.get_weights())
    return Part(part.name, np.array(part.words), model)


def _trained(
    part: Part,
    model: "TripletModel",
    batches: "TripletBatches",
    config: TripletConfig,
    workdir: Path | None,
    progress: bool,
) -> Part:
    def objective(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        rows, lengths, classes = batches.batch(step)
        anchors, positives = tf.split(model(rows, lengths), 2)  # [B, D] each
        losses = triplet_losses(anchors, positives, classes, config.margin)
        return losses, tf.cast(tf.size(lengths), tf.float32)

    folder = workdir and workdir / part.name
    fit(model, objective, config, "captions", folder, progress)
    return dataclasses.replace(part, words=model.embedding.get_weights()[0])


class TripletModel(keras.Model):
    """Rows of words to sentence vectors of norm 1.

    Args:
        encoder: the GRUs that are trained.
        words: float32 `[V, W]`, the first word vectors; they are trained, too.

    Call inputs:
        rows: int32 `[N, L]`, padded on the right with any row.
        lengths: int32 `[N]`, from 1 to L.

    Call output: float32 `[N, D]`.
    """

    def __init__(self, encoder: SentenceEncoder, words: np.ndarray, **kwargs: Any):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.encoder = encoder
        self.embedding = layers.Embedding(
            *words.shape, dtype="float32", name="embedding"
        )
        # Creates every variable at once.
        self(tf.zeros((1, 2), tf.int32), tf.ones((1,), tf.int32))
        self.embedding.set_weights([words])

    def call(self, rows: Any, lengths: Any) -> Any:
        states = self.encoder(self.embedding(rows), lengths)
        return tf.math.l2_normalize(states, axis=1)


def triplet_losses(
    anchors: tf.Tensor, positives: tf.Tensor, classes: tf.Tensor, margin: float
) -> tf.Tensor:
    """Returns max(0, d(a, p) - d(a, n) + margin) of each pair, d squared distances.

    The negative n of a pair is chosen among the positives of other classes: the nearest
    of those farther than its own positive (semi-hard, Sec. 3.2). Where none is farther,
    it is the farthest of all: it violates the order least, while the hardest ones early
    in training make all vectors collapse (also Sec. 3.2). A pair without any caption of
    another class in the batch has the loss 0.

    Args:
        anchors: float `[B, D]`, of norm 1.
        positives: float `[B, D]`, likewise; row i is of the same image as anchor i.
        classes: int `[B]`.
        margin: alpha in the paper.

    Returns:
        float `[B]`.
    """
    # |a - p|^2 of vectors of norm 1.
    distances = 2 - 2 * tf.matmul(anchors, positives, transpose_b=True)  # [B, B]
    to_positive = tf.linalg.diag_part(distances)  # [B]
    negative = classes[:, None] != classes[None]  # [B, B]
    semi_hard = negative & (distances > to_positive[:, None])
    nearest = tf.reduce_min(tf.where(semi_hard, distances, 5.0), axis=1)  # of 0 to 4
    farthest = tf.reduce_max(tf.where(negative, distances, -1.0), axis=1)
    to_negative = tf.where(tf.reduce_any(semi_hard, axis=1), nearest, farthest)
    losses = tf.nn.relu(to_positive - to_negative + margin)
    return tf.where(tf.reduce_any(negative, axis=1), losses, 0.0)


class TripletBatches:
    """Pairs of captions of the same image, as a pure function of (seed, step).

    Images are drawn uniformly among those with a class and a caption, whatever their
    number of captions; an image with a single one gives it twice, so that others are
    still told from it.

    Args:
        images: tokenised captions, one group an image; those longer than the limit of
            the configuration are cut.
        labels: the class of each image; one that is None is left out.
        vocabulary: gives the rows.
        config: batch size, length limit and seed.

    Raises:
        InputError: fewer than two classes with captions.
    """

    def __init__(
        self,
        images: Sequence[Sequence[Sequence[str]]],
        labels: Sequence[Hashable],
        vocabulary: Vocabulary,
        config: TripletConfig,
    ):
        used = [
            (image, number)
            for image, number in zip(images, numbered(labels), strict=True)
            if image and number >= 0
        ]
        if len({number for _, number in used}) < 2:
            raise InputError(
                f"{len(used)} images with a class and captions, and not two classes "
                "among them; expected two, since negatives are of another class"
            )
        end = [EOS] if config.encoder.use_eos else []
        self._sentences = Sentences(
            [
                vocabulary.rows([*tokens[: config.max_length], *end])
                for image, _ in used
                for tokens in image
            ]
        )
        sizes = np.array([len(image) for image, _ in used])
        self._starts = tf.constant(np.cumsum(sizes) - sizes, tf.int32)
        self._sizes = tf.constant(sizes, tf.int32)
        self._classes = tf.constant([number for _, number in used], tf.int32)
        self._batch_size = config.batch_size
        self._seed = config.seed

    def batch(self, step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Gathers B anchors and behind them their positives.

        Returns:
            Rows `[2B, L]`, lengths `[2B]` and the classes of the pairs `[B]`, int32.
        """
        shape = (3, self._batch_size)
        u = tf.random.stateless_uniform(shape, tf.stack([self._seed, step]))
        image = index_below(tf.size(self._sizes), u[0])
        start, size = tf.gather(self._starts, image), tf.gather(self._sizes, image)
        anchor = start + index_below(size, u[1])
        positive = another(anchor, start, size, u[2])
        rows, lengths = self._sentences.gather(tf.concat([anchor, positive], axis=0))
        return rows, lengths, tf.gather(self._classes, image)


def numbered(labels: Sequence[Hashable]) -> list[int]:
    """Returns labels as numbers in the order of their first appearance; -1 for None."""
    numbers: dict[Hashable, int] = {}
    return [
        -1 if label is None else numbers.setdefault(label, len(numbers))
        for label in labels
    ]

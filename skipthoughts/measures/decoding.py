"""Do a sentence's neighbours follow from its vector? Measured with the decoders.

The decoders of a training give the neighbours of a sentence a likelihood, once given
the sentence's own vector, and once that of another sentence. Vectors that tell nothing
of the sentence make no difference.
"""

import dataclasses
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from foundation import hints
from foundation.boundary import load_json, refusing
from foundation.checkpoints import Checkpoints
from foundation.errors import InputError
from foundation.keras_settings import building
from skipthoughts.part import Part
from skipthoughts.sentence_encoder import SentenceEncoder
from skipthoughts.training.skip_thought_model import SkipThoughtModel
from skipthoughts.training.triples import CaptionTriples, ProseTriples
from skipthoughts.words.random_cycle import random_cycle

# What the numbers are, kept next to them.
PROTOCOL = (
    "nats a word, <eos> included, of the two neighbours of each sentence under the "
    "decoders of its training, given its own state and that of the next sentence in a "
    "random cycle; mean over different sentences"
)

_BLOCK = 64  # sentences at a time: their words times the vocabulary are in memory
# Batches that may bring nothing but sentences seen before, until that is taken for all.
_PATIENCE = 20
_Arrays = list[np.ndarray]


@dataclasses.dataclass(frozen=True)
class NeighbourGap:
    """How much likelier neighbours are given the sentence's own vector.

    In nats a word, `<eos>` included: for each sentence, -log p of both neighbours over
    the number of their words; then the mean over sentences.

    Attributes:
        own: mean given the sentence's own vector.
        other: mean given another sentence's vector.
        gap: other - own, more than 0 if the vectors tell something.
        standard_error: of the gap: its standard deviation over sqrt(sentences).
        standard_deviation: of the gap over sentences.
        positive: share of the sentences whose own gap is above 0.
        sentences: how many different ones were measured.
        step: of the training's checkpoint.
    """

    own: float
    other: float
    gap: float
    standard_error: float
    standard_deviation: float
    positive: float
    sentences: int
    step: int


def neighbour_gap(
    workdir: Path,
    part: Part,
    triples: CaptionTriples | ProseTriples,
    count: int,
    seed: int = 0,
    progress: bool = True,
) -> NeighbourGap:
    """Measures the gap on sentences of `triples`, which should be held out.

    Sentences are those of the first batches of `triples`, each text once, with the
    neighbours drawn there. The other vector is that of the next sentence in a random
    cycle through all, so that none keeps its own, and all are used equally often.

    Args:
        workdir: of the training of the encoder, with a folder for each part.
        part: uni or bi of that encoder, as the training ended with.
        triples: made with the encoder's vocabulary.
        count: sentences to measure; fewer if there are not as many different ones.
        seed: of the cycle. That of the sentences is in `triples`.
        progress: show a bar.

    Raises:
        InputError: fewer than two different sentences, or `workdir` is not of the
            training that gave the encoder.
    """
    model, step = load_model(workdir, part)
    arrays = _distinct(triples, count)
    sentences = len(arrays[0])
    if sentences < 2:
        raise InputError(
            f"{sentences} different sentences with neighbours; expected at least two"
        )
    losses = _losses_per_word(model, arrays, random_cycle(sentences, seed), progress)
    own, other = losses  # [count] each
    gaps = other - own
    deviation = float(gaps.std(ddof=1))
    return NeighbourGap(
        own=float(own.mean()),
        other=float(other.mean()),
        gap=float(gaps.mean()),
        standard_error=deviation / sentences**0.5,
        standard_deviation=deviation,
        positive=float((gaps > 0).mean()),
        sentences=sentences,
        step=step,
    )


def load_model(workdir: Path, part: Part) -> tuple[SkipThoughtModel, int]:
    """Restores an encoder's decoders from the newest checkpoint of its training.

    Args:
        workdir: as of `train`.
        part: uni or bi of the encoder; it is not changed.

    Returns:
        The model and the checkpoint's step.

    Raises:
        InputError: no checkpoint, or not one of the training that gave the encoder.
    """
    size = len(part.words)
    with building():
        encoder = SentenceEncoder.from_config(part.model.get_config())
        # All values are replaced by those of the checkpoint.
        model = SkipThoughtModel(encoder, part.words, np.full(size, 1 / size))
    step = keras.Variable(0, dtype="int32", trainable=False, name="step")
    folder = workdir / part.name / "checkpoints"
    mend = (
        "expected --workdir of the training that wrote --encoder, on captions or prose "
        "and not expanded since; or train one: "
        + hints.command("-m skipthoughts", "train", "--help")
    )
    try:
        found = Checkpoints(folder, {"model": model, "step": step}, step).restore()
    except InputError as error:
        raise InputError(f"{folder}: no decoders of this encoder; {mend}") from error
    if found is None:
        raise InputError(f"{folder}: has no checkpoint; {mend}")
    if not np.array_equal(model.embedding.get_weights()[0], part.words):
        raise InputError(f"{folder}: holds other word vectors than the encoder; {mend}")
    return model, found


def _distinct(triples: CaptionTriples | ProseTriples, count: int) -> _Arrays:
    """Collects triples of different sentences: what `batch` gives, padded alike."""
    seen: set[tuple[int, ...]] = set()
    collected: list[_Arrays] = []
    fruitless = step = 0
    while len(seen) < count and fruitless < _PATIENCE:
        batch = [array.numpy() for array in triples.batch(tf.constant(step))]
        before = len(seen)
        for i, (rows, length) in enumerate(zip(*batch[:2], strict=True)):
            text = tuple(rows[:length].tolist())
            if text not in seen and len(seen) < count:
                seen.add(text)
                collected.append([array[i] for array in batch])
        fruitless = fruitless + 1 if len(seen) == before else 0
        step += 1
    arrays: _Arrays = []
    for role in range(3):
        rows = [triple[2 * role] for triple in collected]
        padded = np.zeros((len(rows), max(map(len, rows))), np.int32)
        for line, some in zip(padded, rows, strict=True):
            line[: len(some)] = some
        lengths = [triple[2 * role + 1] for triple in collected]
        arrays += [padded, np.array(lengths, np.int32)]
    return arrays


def _losses_per_word(
    model: SkipThoughtModel, arrays: _Arrays, other: np.ndarray, progress: bool
) -> np.ndarray:
    """Returns -log p a word `[2, N]`, given the own vector and that of `other`."""
    table = tf.TensorSpec((None, None), tf.int32)
    vector = tf.TensorSpec((None,), tf.int32)

    @tf.function(input_signature=[table, vector])
    def encode(rows: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        return model.encoder(model.embedding(rows), lengths)

    states_spec = tf.TensorSpec((None, model.encoder.dim), tf.float32)

    @tf.function(input_signature=[states_spec, table, vector, table, vector])
    def losses(
        states: tf.Tensor,
        previous_rows: tf.Tensor,
        previous_lengths: tf.Tensor,
        next_rows: tf.Tensor,
        next_lengths: tf.Tensor,
    ) -> tf.Tensor:
        return model.negative_log_likelihood(
            model.previous_decoder, states, previous_rows, previous_lengths
        ) + model.negative_log_likelihood(
            model.next_decoder, states, next_rows, next_lengths
        )

    count = len(other)
    blocks = [slice(start, start + _BLOCK) for start in range(0, count, _BLOCK)]
    states = np.concatenate(
        [encode(arrays[0][block], arrays[1][block]).numpy() for block in blocks]
    )
    result = np.empty((2, count))
    with tqdm(total=count, unit="sentence", disable=None if progress else True) as bar:
        for block in blocks:
            neighbours = [array[block] for array in arrays[2:]]
            words = neighbours[1] + neighbours[3] + 2  # with <eos>
            for which, given in enumerate((states[block], states[other[block]])):
                result[which, block] = losses(given, *neighbours).numpy() / words
            bar.update(len(words))
    return result


def trained_length(workdir: Path) -> int:
    """Returns the most words of a sentence that a training read.

    Args:
        workdir: of the training.

    Raises:
        InputError: it has no `training.json` that can be read.
    """
    path = workdir / "training.json"

    def told(reason: str) -> InputError:
        return InputError(
            f"--workdir={workdir}: has no {path.name} that can be read ({reason}); "
            "expected the --workdir of the encoder's training"
        )

    with refusing(told):
        return int(load_json(path, dict)["max_length"])

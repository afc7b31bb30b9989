"""Trains a skip-thought encoder on captions or on prose (Kiros et al. 2015, Eq. 10).

On captions, the neighbours of a caption are other captions of the same image; on prose,
those of a sentence are the one before and the one after.
"""

from foundation import tensorflow_backend  # noqa: F401 - before Keras

# isort: split
import dataclasses
import hashlib
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import tensorflow as tf

from foundation.atomic import sha256_of, write_text
from foundation.boundary import read_json
from foundation.errors import InputError
from foundation.keras_settings import FirstWeights
from foundation.loop import fit
from skipthoughts.config import TrainingConfig
from skipthoughts.encoder import SkipThoughtEncoder
from skipthoughts.part import Part
from skipthoughts.tokenizer import tokenize
from skipthoughts.training.initial_words import begin_with
from skipthoughts.training.skip_thought_model import SkipThoughtModel
from skipthoughts.training.triples import CaptionTriples, ProseTriples
from skipthoughts.vocabulary import Vocabulary

Triples = CaptionTriples | ProseTriples


def train(
    texts: Sequence[Sequence[str]],
    config: TrainingConfig,
    progress: bool = True,
    workdir: Path | None = None,
    word_vectors: Path | None = None,
    prose: bool = False,
) -> SkipThoughtEncoder:
    """Trains an encoder.

    Args:
        texts: captions, one group an image; or sentences in order, a sequence a
            document.
        config: what and how.
        progress: show bars.
        workdir: for checkpoints and TensorBoard; a killed call is resumed from there
            to the bit. None keeps nothing.
        word_vectors: a file of word vectors to begin with; None begins with random
            ones, as published.
        prose: whether `texts` are documents, whose order counts.

    Returns:
        The trained encoder, the same for the same arguments.

    Raises:
        InputError: no captions, or no three short sentences in a row; a file of word
            vectors that cannot be used; a loss that is not finite; or a `workdir` of
            another training.
    """
    tokens = tokenize_groups(texts, config)
    vocabulary = Vocabulary.of(
        (sentence for group in tokens for sentence in group), config.vocabulary_size
    )
    triples_of = ProseTriples if prose else CaptionTriples
    triples: Triples = triples_of(tokens, vocabulary, config)
    if workdir is not None:
        from_file = [[[sha256_of(word_vectors)]]] if word_vectors else []
        begin(workdir, config, [*tokens, *from_file])
    first_weights = FirstWeights(config.seed)
    parts = []
    for name in config.encoder.parts:
        with first_weights:
            part = Part.untrained(name, config.encoder, len(vocabulary))
        if word_vectors:
            words = begin_with(part.words, vocabulary, word_vectors, config.seed)
            part = dataclasses.replace(part, words=words)
        with first_weights:
            model = SkipThoughtModel(
                part.model, part.words, triples.word_frequencies, name=name
            )
        objective = partial(_losses_of_step, model, triples)
        fit(model, objective, config, "words", workdir and workdir / name, progress)
        words = model.embedding.get_weights()[0]
        parts.append(dataclasses.replace(part, words=words))
    return SkipThoughtEncoder(config.encoder, vocabulary, parts)


def _losses_of_step(
    model: SkipThoughtModel, triples: Triples, step: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    return skip_thought_losses(model, triples.batch(step))


def skip_thought_losses(
    model: SkipThoughtModel, batch: Sequence[tf.Tensor]
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns -log p of both neighbours `[B]`, and the number of their words."""
    words = tf.reduce_sum(batch[3] + 1) + tf.reduce_sum(batch[5] + 1)  # with <eos>
    return model(*batch), tf.cast(words, tf.float32)


def tokenize_groups(
    texts: Sequence[Sequence[str]], config: TrainingConfig
) -> list[list[list[str]]]:
    """Splits sentences as the encoder reads them; those without a word are left out."""
    encoder = config.encoder
    return [
        [
            tokens
            for text in group
            if (tokens := tokenize(text, encoder.lowercase, encoder.tokenizer))
        ]
        for group in texts
    ]


def begin(
    workdir: Path, config: TrainingConfig, tokens: Sequence[Sequence[Sequence[str]]]
) -> None:
    """Records what is trained in `workdir`, or compares it with an earlier call's.

    Raises:
        InputError: another training was begun there.
    """
    digest = hashlib.sha256(json.dumps(tokens).encode()).hexdigest()
    values = json.loads(json.dumps({**dataclasses.asdict(config), "texts": digest}))
    path = workdir / "training.json"
    if not path.exists():
        workdir.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(values, indent=2) + "\n")
        return
    found = read_json(
        path, dict, "what an earlier call wrote; choose another --workdir"
    )
    # More steps go on where fewer ended.
    differing = [k for k in values if k != "steps" and values[k] != found.get(k)]
    if differing:
        name = differing[0]
        raise InputError(
            f"{workdir} holds another training: {name} was {found.get(name)}, now "
            f"{values[name]}. Repeat that command, or choose another --workdir"
        )

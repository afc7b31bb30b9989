"""Sentences to skip-thought vectors, and the directory of a trained encoder.

`config.json`, `vocabulary.txt` and a `.weights.h5` for each GRU model; nothing in it is
pickled, and the sha256 in `config.json` is checked whenever it is read.
"""

import dataclasses
import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from keras import ops
from tqdm import tqdm

from skipthoughts.atomic import new_directory
from skipthoughts.config import EncoderConfig
from skipthoughts.errors import InputError
from skipthoughts.sentence_encoder import SentenceEncoder
from skipthoughts.tokenizer import tokenize
from skipthoughts.vocabulary import EOS, Vocabulary

_BATCH = 512


class SkipThoughtEncoder:
    """Sentences to skip-thought vectors.

    Example:
        >>> encoder = SkipThoughtEncoder.load("data/rendered_flowers/encoder")
        >>> encoder.encode(["this flower is red", "a pink flower"]).shape
        (2, 512)

    Args:
        config: what it is.
        vocabulary: its words.
        models: one `SentenceEncoder` for uni or bi, both in this order for combine.
    """

    def __init__(
        self,
        config: EncoderConfig,
        vocabulary: Vocabulary,
        models: Sequence[SentenceEncoder],
    ):
        self.config = config
        self.vocabulary = vocabulary
        self.models = list(models)
        self.dim = sum(model.dim for model in self.models)

        @tf.function(
            input_signature=[
                tf.TensorSpec((None, None), tf.int32),
                tf.TensorSpec((None,), tf.int32),
            ]
        )
        def encode_rows(rows: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
            # Uni and bi are normalised separately, so combine has norm sqrt(2).
            parts = [ops.normalize(model(rows, lengths)) for model in self.models]
            return ops.concatenate(parts, axis=1)

        self._encode_rows = encode_rows

    @classmethod
    def untrained(
        cls, config: EncoderConfig, vocabulary: Vocabulary
    ) -> "SkipThoughtEncoder":
        """Makes an encoder with random weights."""
        kinds = ("uni", "bi") if config.kind == "combine" else (config.kind,)
        models = [
            SentenceEncoder(
                len(vocabulary), config.word_dim, config.dim, kind == "bi", name=kind
            )
            for kind in kinds
        ]
        return cls(config, vocabulary, models)

    @property
    def id(self) -> str:
        """The sha256 over configuration, vocabulary and weights."""
        digest = hashlib.sha256()
        digest.update(json.dumps(dataclasses.asdict(self.config)).encode())
        digest.update(self.vocabulary.to_bytes())
        for model in self.models:
            for weight in model.get_weights():
                digest.update(f"{weight.shape}{weight.dtype.str}".encode())
                digest.update(np.ascontiguousarray(weight).tobytes())
        return digest.hexdigest()

    def encode(self, texts: Sequence[str], progress: bool = False) -> np.ndarray:
        """Encodes sentences.

        Args:
            texts: sentences; the same one is computed once.
            progress: show a bar.

        Returns:
            float32 `[N, dim]`, in the order of `texts`; norm 1, sqrt(2) for combine.

        Raises:
            InputError: a text without any token, by its line and index.
        """
        by_rows: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for index, text in enumerate(texts):
            by_rows[tuple(self._rows(text, index))].append(index)
        by_length: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        for rows in by_rows:
            by_length[len(rows)].append(rows)
        vectors = np.empty((len(texts), self.dim), np.float32)
        with tqdm(
            total=len(by_rows), unit="sentence", disable=None if progress else True
        ) as bar:
            # Sentences of one length at a time: no padding.
            for length, sentences in sorted(by_length.items()):
                for start in range(0, len(sentences), _BATCH):
                    batch = sentences[start : start + _BATCH]
                    lengths = np.full(len(batch), length, np.int32)
                    encoded = self._encode_rows(np.array(batch, np.int32), lengths)
                    for rows, vector in zip(batch, encoded.numpy(), strict=True):
                        vectors[by_rows[rows]] = vector
                    bar.update(len(batch))
        return vectors

    def encode_one(self, text: str) -> np.ndarray:
        """Encodes one sentence, to the bit the same whatever else is encoded.

        `encode` computes many sentences in one product of matrices, whose rounding
        depends on their number.

        Returns:
            float32 `[dim]`.

        Raises:
            InputError: a text without any token.
        """
        return self.encode([text])[0]

    def unknown_words(self, text: str) -> list[str]:
        """Returns the words of `text` that the encoder reads as `UNK`."""
        return self.vocabulary.unknown(tokenize(text, self.config.lowercase))

    def _rows(self, text: str, index: int) -> list[int]:
        tokens = tokenize(text, self.config.lowercase)
        if not tokens:
            raise InputError(
                f"line {index + 1} (index {index}): {text[:40]!r} has no words; "
                "expected a sentence"
            )
        if self.config.use_eos:
            tokens = [*tokens, EOS]
        return self.vocabulary.rows(tokens)

    def save(self, directory: str | Path) -> None:
        """Writes `config.json`, `vocabulary.txt` and weights, all or nothing.

        Args:
            directory: a new or empty one, or that of an encoder, which is replaced.

        Raises:
            InputError: the directory holds anything else, or cannot be written.
        """
        check_output(directory)
        content = {
            "format": 1,
            "id": self.id,
            "dim": self.dim,
            "encoder": dataclasses.asdict(self.config),
        }
        try:
            with new_directory(directory) as incomplete:
                self.vocabulary.save(incomplete / "vocabulary.txt")
                for model in self.models:
                    model.save_weights(incomplete / f"{model.name}.weights.h5")
                text = json.dumps(content, indent=2) + "\n"
                (incomplete / "config.json").write_text(text, "utf-8")
        except OSError as error:
            raise InputError(
                f"{directory}: cannot be written ({error.strerror or error}); expected "
                "a directory of yours on a disk with space, choose another one"
            ) from error

    @classmethod
    def load(cls, directory: str | Path) -> "SkipThoughtEncoder":
        """Reads what `save` wrote.

        Raises:
            InputError: a file is missing, or the content is not what was saved.
        """
        directory = Path(directory)
        mend = (
            "expected a trained encoder: python -m skipthoughts train "
            f"--captions=FILE --output={directory}"
        )
        try:
            path = directory / "config.json"
            content = json.loads(path.read_text("utf-8"))
            config = EncoderConfig(**content["encoder"])
            path = directory / "vocabulary.txt"
            encoder = cls.untrained(config, Vocabulary.load(path))
            for model in encoder.models:
                path = directory / f"{model.name}.weights.h5"
                model.load_weights(path)
        except (OSError, ValueError, KeyError, TypeError) as error:
            if not path.exists():
                raise InputError(f"{path}: missing; {mend}") from error
            reason = str(error).split("\n")[0]
            raise InputError(f"{path}: cannot be read ({reason}); {mend}") from error
        if encoder.id != content.get("id"):
            raise InputError(
                f"{directory}: damaged, its sha256 is {encoder.id[:12]} and not "
                f"{str(content.get('id'))[:12]}; {mend}"
            )
        return encoder


def check_output(directory: str | Path) -> None:
    """Refuses a directory that `save` cannot or must not write; it changes nothing.

    Raises:
        InputError: it holds something that is not an encoder's, or is not writable.
    """
    path = Path(directory)
    present = next(p for p in (path, *path.absolute().parents) if p.exists())
    if not present.is_dir():
        raise InputError(f"{present}: is a file, expected a directory; choose another")
    if not os.access(present, os.W_OK):
        raise InputError(f"{present}: cannot be written; choose another directory")
    foreign = {entry.name for entry in path.iterdir()} if path.exists() else set()
    foreign -= {"config.json", "vocabulary.txt", "uni.weights.h5", "bi.weights.h5"}
    if foreign:
        raise InputError(
            f"{path}: holds {min(foreign)}, which is no part of an encoder and would "
            "be lost; expected a new directory, choose another one"
        )

"""Sentences to vectors, and the directory of a trained encoder.

`config.json`, `vocabulary.txt`, and for each of uni and bi a table of word vectors
(`.words.npy`, float32 and memory-mapped, or float16) and the weights of its GRUs
(`.weights.h5`); nothing in it is pickled. Its id is a sha256 over the content.
"""

from foundation import tensorflow_backend  # noqa: F401 - before Keras

# isort: split
import dataclasses
import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from tqdm import tqdm

from foundation import hints
from foundation.atomic import write_text
from foundation.boundary import load_array, load_json, open_regular, reason_of
from foundation.errors import InputError
from foundation.keras_files import save_weights
from skipthoughts.config import EncoderConfig
from skipthoughts.encoder_directory import check_output, new_encoder_directory
from skipthoughts.part import Part, make_model
from skipthoughts.prefix_sharing import last_states
from skipthoughts.sentence_check import fault_of
from skipthoughts.tokenizer import tokenize
from skipthoughts.vocabulary import EOS, Vocabulary
from skipthoughts.word_table import blocks_of

MEMORY = 1 << 30  # bytes that `encode` takes in addition to its result
_TRUSTED_SIZE = 1 << 28  # larger tables are not hashed whenever they are opened
_BLOCK = 1 << 24  # bytes or rows of numbers at a time


class SkipThoughtEncoder:
    """Sentences to vectors.

    Example:
        >>> encoder = SkipThoughtEncoder.load("data/rendered_flowers/encoder")
        >>> encoder.encode(["this flower is red", "a pink flower"]).shape
        (2, 512)

    Args:
        config: what it is.
        vocabulary: its V words.
        parts: uni or bi, or both in this order for combine.
    """

    def __init__(
        self, config: EncoderConfig, vocabulary: Vocabulary, parts: Sequence[Part]
    ):
        self.config = config
        self.vocabulary = vocabulary
        self.parts = list(parts)
        self.dim = sum(part.model.dim for part in self.parts)

    @classmethod
    def untrained(
        cls, config: EncoderConfig, vocabulary: Vocabulary
    ) -> "SkipThoughtEncoder":
        """Makes an encoder with random weights."""
        size = len(vocabulary)
        parts = [Part.untrained(name, config, size) for name in config.parts]
        return cls(config, vocabulary, parts)

    @cached_property
    def id(self) -> str:
        """The sha256 over configuration, vocabulary and weights."""
        digest = hashlib.sha256()
        digest.update(json.dumps(dataclasses.asdict(self.config)).encode())
        digest.update(self.vocabulary.to_bytes())
        for part in self.parts:
            digest.update(_kind_of(part.words))
            for _, block in blocks_of(part.words, _BLOCK):
                digest.update(np.ascontiguousarray(block).data)
            for weight in part.model.get_weights():
                digest.update(_kind_of(weight) + weight.tobytes())
        return digest.hexdigest()

    def encode(
        self, texts: str | Sequence[str], progress: bool = False, memory: int = MEMORY
    ) -> np.ndarray:
        """Encodes sentences; what they share is computed once (`prefix_sharing.py`).

        Args:
            texts: sentences; a single `str` is one sentence.
            progress: show a bar.
            memory: bytes to take in addition to the result, about.

        Returns:
            float32 `[N, dim]`, in the order of `texts`. Uni and bi are normalised
            separately, so the norm is 1, and sqrt(2) for combine.

        Raises:
            InputError: a text that is no sentence (`fault_of`), by its line and index.
        """
        texts = [texts] if isinstance(texts, str) else texts
        by_rows: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for index, text in enumerate(texts):
            by_rows[tuple(self._rows(text, index))].append(index)
        forwards = list(by_rows)
        backwards = [rows[::-1] for rows in forwards]
        first = np.array([indices[0] for indices in by_rows.values()], int)
        vectors = np.empty((len(texts), self.dim), np.float32)
        column = 0
        passes = sum(1 for part in self.parts for _ in part.directions())
        with tqdm(
            total=len(forwards) * passes,
            unit="sentence",
            unit_scale=1 / passes,
            disable=None if progress else True,
        ) as bar:
            for part in self.parts:
                begin = column
                for recurrence, reverse in part.directions():
                    sentences = backwards if reverse else forwards
                    columns = slice(column, column + recurrence.units)
                    for which, states in last_states(
                        recurrence, part.words, sentences, memory
                    ):
                        vectors[first[which], columns] = states
                        bar.update(len(which))
                    column += recurrence.units
                _normalize(vectors, first, slice(begin, column))
        for indices in by_rows.values():
            vectors[indices[1:]] = vectors[indices[0]]
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

    def tokenize(self, text: str) -> list[str]:
        """Splits a sentence as this encoder reads it."""
        tokens = tokenize(text, self.config.lowercase, self.config.tokenizer)
        if self.config.tokenizer == "words":  # the other one parts them by rules
            tokens = self.vocabulary.in_parts(tokens)
        return tokens

    def unknown_words(self, text: str) -> list[str]:
        """Returns the words of `text` that the encoder reads as `UNK`."""
        return self.vocabulary.unknown(self.tokenize(text))

    def _rows(self, text: str, index: int) -> list[int]:
        if fault := fault_of(text):
            raise InputError(f"line {index + 1} (index {index}): {fault}")
        tokens = self.tokenize(text)
        if self.config.use_eos:
            tokens = [*tokens, EOS]
        return self.vocabulary.rows(tokens)

    def save(self, directory: str | Path) -> None:
        """Writes the directory that `load` reads, all or nothing.

        Args:
            directory: a new or empty one, or that of an encoder, which is replaced.

        Raises:
            InputError: the directory holds anything else, or cannot be written.
        """
        check_output(directory)
        with new_encoder_directory(directory) as incomplete:
            for part in self.parts:
                path = incomplete / f"{part.name}.words.npy"
                np.save(path, part.words, allow_pickle=False)
            self.save_around_tables(incomplete)

    def save_around_tables(self, directory: Path) -> None:
        """Writes all but the tables, which are in `directory` already."""
        self.vocabulary.save(directory / "vocabulary.txt")
        for part in self.parts:
            save_weights(part.model, directory / f"{part.name}.weights.h5")
        content = {
            "format": 2,
            "id": self.id,
            "dim": self.dim,
            "words": len(self.vocabulary),
            "encoder": dataclasses.asdict(self.config),
        }
        text = json.dumps(content, indent=2) + "\n"
        write_text(directory / "config.json", text)

    @classmethod
    def load(cls, directory: str | Path) -> "SkipThoughtEncoder":
        """Reads what `save` wrote.

        A table of more than 256 MiB stays on disk until its rows are needed, and only
        without one is the content compared with its id.

        Raises:
            InputError: a file is missing, or the content is not what was saved.
        """
        directory = Path(directory)
        arguments = ("train", "--captions=FILE", f"--output={directory}")
        command = hints.command("-m skipthoughts", *arguments)
        mend = f"expected a trained encoder: {command}"
        try:
            path = directory / "config.json"
            content = load_json(path, dict)
            if content.get("format") != 2:
                raise ValueError(f"format {content.get('format')}, expected 2")
            config = EncoderConfig(**content["encoder"])
            path = directory / "vocabulary.txt"
            vocabulary = Vocabulary.load(path)
            parts = []
            for name in config.parts:
                path = directory / f"{name}.words.npy"
                words = _open_table(path, (len(vocabulary), config.word_dim))
                path = directory / f"{name}.weights.h5"
                model = make_model(name, config, blank=True)
                open_regular(path).close()
                model.load_weights(path)
                parts.append(Part(name, words, model))
        except Exception as error:  # of files in any state
            if not path.exists():
                raise InputError(f"{path}: missing; {mend}") from error
            reason = reason_of(error)
            raise InputError(f"{path}: cannot be read ({reason}); {mend}") from error
        encoder = cls(config, vocabulary, parts)
        if max(part.words.nbytes for part in parts) > _TRUSTED_SIZE:
            encoder.id = content["id"]
        elif encoder.id != content.get("id"):
            raise InputError(
                f"{directory}: damaged, its sha256 is {encoder.id[:12]} and not "
                f"{str(content.get('id'))[:12]}; {mend}"
            )
        return encoder


def _open_table(path: Path, shape: tuple[int, int]) -> np.ndarray:
    words = load_array(path, mapped=True)
    if words.nbytes <= _TRUSTED_SIZE:  # on Windows no mapped file can be replaced
        words = np.array(words)
    if words.shape != shape or words.dtype not in (np.float32, np.float16):
        raise ValueError(
            f"{words.dtype} {words.shape}, expected float32 or float16 {shape} for the "
            "vocabulary"
        )
    # Those of float16 are small: `half_tables.py` writes them for that.
    return words if words.dtype == np.float32 else words.astype(np.float32)


def _kind_of(array: np.ndarray) -> bytes:
    return f"{array.shape}{array.dtype.str}".encode()


def _normalize(vectors: np.ndarray, rows: np.ndarray, columns: slice) -> None:
    """Divides parts of rows by their norm, in place and block by block."""
    block = max(1, _BLOCK // (columns.stop - columns.start))
    for start in range(0, len(rows), block):
        some = rows[start : start + block]
        states = vectors[some, columns]
        vectors[some, columns] = states / np.linalg.norm(states, axis=1, keepdims=True)

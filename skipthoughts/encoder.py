"""The sentence encoder: GRUs over word vectors, and its directory.

The recurrence is the published one, which is that of `keras.layers.GRU` with
`reset_after=True` (Kiros et al. 2015, Eqs. 1-4, where our update gate z keeps the old
state): r = sigmoid(W_r x + U_r h), z = sigmoid(W_z x + U_z h),
c = tanh(W x + r * (U h)), h' = z * h + (1 - z) * c.
"""

import dataclasses
import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import initializers, layers, ops
from tqdm import tqdm

from skipthoughts.atomic import new_directory
from skipthoughts.errors import InputError
from skipthoughts.tokenizer import tokenize
from skipthoughts.vocabulary import EOS, Vocabulary

KINDS = ("uni", "bi", "combine")
_BATCH = 512


@dataclasses.dataclass(frozen=True)
class EncoderConfig:
    """What an encoder is.

    Attributes:
        kind: "uni", one forward GRU; "bi", a forward and a backward one of half the
            size; "combine", both, each normalised on its own, side by side.
        dim: dimensions of uni and of bi; combine has twice as many.
        word_dim: dimensions of the word vectors.
        lowercase: whether captions are lower-cased.
        use_eos: whether `<eos>` is read after the last word; off as published.
    """

    kind: str = "combine"
    dim: int = 256
    word_dim: int = 256
    lowercase: bool = True
    use_eos: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"kind={self.kind}: expected one of {', '.join(KINDS)}")
        if self.dim < 2 or self.dim % 2:
            raise InputError(f"dim={self.dim}: expected an even number from 2")


@keras.saving.register_keras_serializable("skipthoughts")
class PerGateOrthogonal(initializers.Initializer):
    """An orthogonal `[D, D]` matrix for each gate, side by side, as published."""

    def __call__(self, shape: tuple[int, int], dtype: Any = None) -> Any:
        dim, gates = shape[0], shape[1] // shape[0]
        square = initializers.Orthogonal()
        blocks = [square((dim, dim), dtype=dtype) for _ in range(gates)]
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
            InputError: a text without any token, by its line.
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
                f"line {index + 1}: {text!r} has no words; expected a sentence"
            )
        if self.config.use_eos:
            tokens = [*tokens, EOS]
        return self.vocabulary.rows(tokens)

    def save(self, directory: str | Path) -> None:
        """Writes `config.json`, `vocabulary.txt` and weights, all or nothing."""
        content = {
            "format": 1,
            "id": self.id,
            "dim": self.dim,
            "encoder": dataclasses.asdict(self.config),
        }
        with new_directory(directory) as incomplete:
            self.vocabulary.save(incomplete / "vocabulary.txt")
            for model in self.models:
                model.save_weights(incomplete / f"{model.name}.weights.h5")
            text = json.dumps(content, indent=2) + "\n"
            (incomplete / "config.json").write_text(text, "utf-8")

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
            content = json.loads((directory / "config.json").read_text("utf-8"))
            config = EncoderConfig(**content["encoder"])
            encoder = cls.untrained(
                config, Vocabulary.load(directory / "vocabulary.txt")
            )
            for model in encoder.models:
                model.load_weights(directory / f"{model.name}.weights.h5")
        except FileNotFoundError as error:
            raise InputError(f"{error.filename or error}: missing; {mend}") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{directory}: cannot be read ({error}); {mend}"
            ) from error
        if encoder.id != content.get("id"):
            raise InputError(
                f"{directory}: damaged, its sha256 is {encoder.id[:12]} and not "
                f"{str(content.get('id'))[:12]}; {mend}"
            )
        return encoder

"""An encoder as one Keras model, from strings to vectors, with its words inside."""

import dataclasses
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from skipthoughts.config import EncoderConfig
from skipthoughts.encoder import SkipThoughtEncoder
from skipthoughts.graph.tokenizer import graph_tokens
from skipthoughts.part import make_model
from skipthoughts.vocabulary import EOS, UNKNOWN

_JOINER = "['\\x{2019}-]"  # RE2's way to write `JOINERS`


@keras.saving.register_keras_serializable("skipthoughts")
class GraphEncoder(keras.Model):
    """What `SkipThoughtEncoder` computes, in operations that a SavedModel can hold.

    Example:
        >>> GraphEncoder.of(encoder).export("savedmodel")
        >>> tf.saved_model.load("savedmodel").serve(tf.constant(["a red flower"]))

    Args:
        config: the encoder's configuration, or its fields by name.
        vocabulary: its V words in the order of their rows.

    Call input: string `[B]`, one sentence each, with at least one token.

    Call output: float32 `[B, dim]`.

    Raises:
        tf.errors.InvalidArgumentError: a string without any token.
    """

    def __init__(
        self, config: EncoderConfig | dict[str, Any], vocabulary: list[str], **kw: Any
    ):
        super().__init__(**{"dtype": "float32", **kw})
        config = EncoderConfig(**config) if isinstance(config, dict) else config
        self.config = config
        self.vocabulary = list(vocabulary)
        rows = {word: row for row, word in enumerate(self.vocabulary)}
        self._unknown = rows[UNKNOWN]
        self.table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.constant(list(rows), tf.string), tf.constant(list(rows.values()))
            ),
            default_value=self._unknown,
        )
        self.parts = [make_model(name, config, blank=True) for name in config.parts]
        shape = (len(self.vocabulary), config.word_dim)
        self.words = [
            self.add_weight(shape=shape, name=f"{name}_words", initializer="zeros")
            for name in config.parts
        ]
        self.trainable = False
        self.built = True  # every variable is there already

    @classmethod
    def of(cls, encoder: SkipThoughtEncoder) -> "GraphEncoder":
        """Makes the model of a trained encoder."""
        model = cls(encoder.config, encoder.vocabulary.words)
        for words, ours, part in zip(
            model.words, model.parts, encoder.parts, strict=True
        ):
            words.assign(part.words)
            ours.set_weights(part.model.get_weights())
        return model

    def call(self, texts: Any) -> Any:
        tokens = graph_tokens(texts, self.config)  # [B, (L)]
        tf.debugging.assert_positive(
            tokens.row_lengths(), "a text has no words; expected a sentence"
        )
        if self.config.tokenizer == "words":
            tokens = self._in_parts(tokens)
        if self.config.use_eos:
            eos = tf.fill([tf.shape(texts)[0], 1], EOS)
            tokens = tf.concat([tokens, eos], axis=1)
        rows = tf.ragged.map_flat_values(self.table.lookup, tokens)
        lengths = tf.cast(rows.row_lengths(), tf.int32)  # [B]
        rows = rows.to_tensor()  # [B, L]
        vectors = [
            # Uni and bi are normalised separately, so combine has norm sqrt(2).
            ops.normalize(model(tf.gather(words, rows), lengths))
            for words, model in zip(self.words, self.parts, strict=True)
        ]
        return ops.concatenate(vectors, axis=1)  # [B, dim]

    def _in_parts(self, tokens: tf.RaggedTensor) -> tf.RaggedTensor:
        """Does what `Vocabulary.in_parts` does, of strings `[B, (L)]`."""
        whole = tokens.flat_values  # [W]
        unknown = self.table.lookup(whole) == self._unknown
        parts = tf.strings.split(tf.strings.regex_replace(whole, _JOINER, " "))
        known = tf.ragged.map_flat_values(self.table.lookup, parts) != self._unknown
        kept = tf.ragged.boolean_mask(parts, known)  # [W, (parts)]
        replaced = unknown & (kept.row_lengths() > 0)  # [W]
        joined = tf.strings.reduce_join(kept, axis=1, separator=" ")
        words = tf.strings.split(tf.where(replaced, joined, whole))  # [W, (parts)]
        return tokens.with_flat_values(words).merge_dims(1, 2)

    def export(self, filepath: str, **kw: Any) -> None:
        """Writes a SavedModel whose `serve` takes strings `[B]`."""
        kw.setdefault(
            "input_signature", [keras.InputSpec(dtype="string", shape=(None,))]
        )
        super().export(filepath, **kw)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "config": dataclasses.asdict(self.config),
            "vocabulary": self.vocabulary,
        }

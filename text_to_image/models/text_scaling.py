"""Scales the encoder's caption vectors to what G and D take."""

from typing import Any

import keras


@keras.saving.register_keras_serializable("text_to_image")
class TextScaling(keras.layers.Layer):
    """Maps caption vectors v to (v - offset) * scale; the identity by default.

    Args:
        text_dim: dimensions of the vectors.

    Call input and output: float `[B, text_dim]`.
    """

    def __init__(self, text_dim: int, **kwargs: Any):
        super().__init__(trainable=False, **{"dtype": "float32", **kwargs})
        self.text_dim = text_dim
        self.offset = self.add_weight(shape=(text_dim,), initializer="zeros")
        self.scale = self.add_weight(shape=(text_dim,), initializer="ones")
        self.built = True

    def call(self, vectors: Any) -> Any:
        return (vectors - self.offset) * self.scale

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "text_dim": self.text_dim}

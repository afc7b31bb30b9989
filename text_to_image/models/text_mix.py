"""The 1x1 convolution by which D mixes what it saw with the text."""

from typing import Any

import keras
from keras import ops

from text_to_image.models import blocks
from text_to_image.models.convolutions import Convolution


@keras.saving.register_keras_serializable("text_to_image")
class TextMix(Convolution):
    """A 1x1 convolution of an image and a text that is repeated at each position.

    It is linear, so the convolution of both, concatenated in depth, is the sum of the
    convolution of each with its own rows of the kernel (but for rounding): an image's
    share is computed once for all the texts that it is judged with, and a text's once
    for all positions. Kernel `[1, 1, C + T, filters]`, of the image's channels first.

    Args:
        filters: channels of the result.

    Reference: Reed et al. 2016, Sec. 4.1, "depth concatenation".
    """

    def __init__(self, filters: int, **kwargs: Any):
        super().__init__(filters, **{"kernel_size": 1, **kwargs})

    @classmethod
    def make(
        cls, filters: int, text_features: int, dtype: Any, use_bias: bool = False
    ) -> "TextMix":
        """Makes it built, for maps of 4x4 with as many channels as `filters`."""
        mix = cls(
            filters,
            use_bias=use_bias,
            kernel_initializer=blocks.convolution_init(),
            dtype=dtype,
            name="mix",
        )
        mix.build((None, 4, 4, filters + text_features))
        return mix

    def of_image(self, seen: Any) -> Any:
        """Returns the image's share, with the bias.

        Args:
            seen: `[B, H, W, C]`.

        Returns:
            `[B, H, W, filters]`.
        """
        channels = seen.shape[-1]
        kernel = self._computed(self.kernel)[0, 0, :channels]  # [C, filters]
        rows = ops.reshape(seen, (-1, channels))  # [B H W, C]
        mixed = ops.matmul(rows, kernel)  # [B H W, filters]
        if self.use_bias:
            mixed = mixed + self._computed(self.bias)
        return ops.reshape(mixed, (-1, *seen.shape[1:-1], self.filters))

    def of_text(self, text: Any) -> Any:
        """Returns the text's share, equal at every position.

        Args:
            text: `[B, T]`.

        Returns:
            `[B, 1, 1, filters]`.
        """
        kernel = self._computed(self.kernel)[0, 0, -text.shape[-1] :]  # [T, filters]
        return ops.expand_dims(ops.matmul(text, kernel), (1, 2))

    def _computed(self, weight: Any) -> Any:
        return ops.cast(weight, self.compute_dtype)

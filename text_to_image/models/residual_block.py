"""The residual block of the Torch code."""

from typing import Any

import keras
from keras import layers, ops

from text_to_image.models import blocks


@keras.saving.register_keras_serializable("text_to_image")
class ResidualBlock(layers.Layer):
    """Bottleneck residual block of the Torch code: 1x1, 3x3, 3x3, add, activate.

    Args:
        filters: channels of input and output.
        bottleneck: channels of the two inner convolutions.
        leaky: LeakyReLU(0.2), as in the discriminator, instead of ReLU.

    Call input and output: `[B, H, W, filters]`.

    Reference: reedscot/icml2016, main_cls_int.lua.
    """

    def __init__(self, filters: int, bottleneck: int, leaky: bool, **kwargs: Any):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.filters = filters
        self.bottleneck = bottleneck
        self.leaky = leaky
        dtype = self.dtype_policy
        self.conv1 = blocks.convolution(bottleneck, 1, dtype, "conv1")
        self.norm1 = blocks.batch_norm(dtype, "norm1")
        self.conv2 = blocks.convolution(bottleneck, 3, dtype, "conv2")
        self.norm2 = blocks.batch_norm(dtype, "norm2")
        self.conv3 = blocks.convolution(filters, 3, dtype, "conv3")
        self.norm3 = blocks.batch_norm(dtype, "norm3")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        inner = (*input_shape[:-1], self.bottleneck)
        self.conv1.build(input_shape)
        self.norm1.build(inner)
        self.conv2.build(inner)
        self.norm2.build(inner)
        self.conv3.build(inner)
        self.norm3.build(input_shape)

    def call(self, x: Any, training: bool = False) -> Any:
        branch = self.activate(self.norm1(self.conv1(x), training=training))
        branch = self.activate(self.norm2(self.conv2(branch), training=training))
        branch = self.norm3(self.conv3(branch), training=training)
        return self.activate(x + branch)

    def activate(self, x: Any) -> Any:
        """Applies the block's nonlinearity."""
        return ops.leaky_relu(x, negative_slope=0.2) if self.leaky else ops.relu(x)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "bottleneck": self.bottleneck,
            "leaky": self.leaky,
        }

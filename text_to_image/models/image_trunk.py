"""The convolutions that read an image, in the discriminator and the style encoder."""

from typing import Any

import keras
from keras import layers

from text_to_image.models import blocks
from text_to_image.models.residual_block import ResidualBlock


@keras.saving.register_keras_serializable("text_to_image")
class ImageTrunk(layers.Layer):
    """Brings an image to 4x4 positions by stride-2 convolutions (Sec. 4.1).

    32x32xw; 16x16x2w; 8x8x4w; 4x4x8w. LeakyReLU(0.2) and, except after the first stage,
    batch norm follow each; a residual block may take the place of the last LeakyReLU.

    Args:
        width: w, channels of the first stage.
        kernel_size: of the convolutions.
        use_bias: whether the convolutions have biases.
        residual: whether it ends with a residual block.

    Call input: images, float `[B, 64, 64, 3]` in [-1, 1].

    Call output: float `[B, 4, 4, 8w]`.

    Notable changes: the third stage is activated, as in the paper and main_cls.lua;
    main_cls_int.lua leaves its LeakyReLU out.
    """

    def __init__(
        self,
        width: int,
        kernel_size: int,
        use_bias: bool,
        residual: bool,
        **kwargs: Any,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.residual = residual
        w, k, dtype = width, kernel_size, self.dtype_policy
        options: dict[str, Any] = {"strides": 2, "use_bias": use_bias}
        self.conv32 = blocks.convolution(w, k, dtype, "conv32", **options)
        self.conv16 = blocks.convolution(2 * w, k, dtype, "conv16", **options)
        self.conv8 = blocks.convolution(4 * w, k, dtype, "conv8", **options)
        self.conv4 = blocks.convolution(8 * w, k, dtype, "conv4", **options)
        self.norm16 = blocks.batch_norm(dtype, "norm16")
        self.norm8 = blocks.batch_norm(dtype, "norm8")
        self.norm4 = blocks.batch_norm(dtype, "norm4")
        self.activate = blocks.leaky_relu(dtype, "leaky_relu")
        if residual:
            self.residual4 = ResidualBlock(
                8 * w, 2 * w, leaky=True, dtype=dtype, name="residual4"
            )

    def call(self, images: Any, training: bool = False) -> Any:
        x = self.activate(self.conv32(images))  # [B, 32, 32, w]
        x = self.norm16(self.conv16(x), training=training)  # [B, 16, 16, 2w]
        x = self.norm8(self.conv8(self.activate(x)), training=training)  # [B, 8, 8, 4w]
        x = self.norm4(self.conv4(self.activate(x)), training=training)  # [B, 4, 4, 8w]
        if self.residual:
            return self.residual4(x, training=training)
        return self.activate(x)

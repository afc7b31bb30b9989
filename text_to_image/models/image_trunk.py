"""The convolutions that read a picture, in the discriminator and the style encoder."""

from typing import Any

import keras
from keras import layers

from text_to_image.models import blocks


@keras.saving.register_keras_serializable("text_to_image")
class ImageTrunk(layers.Layer):
    """Brings a picture to 4x4 positions by stride-2 convolutions (Sec. 4.1).

    32x32xw; 16x16x2w; 8x8x4w; 4x4x8w. LeakyReLU(0.2) and, but for the first stage,
    batch norm follow each; `reed` ends with a residual block and has no biases.

    Args:
        architecture: "reed" or "dcgan".
        width: w, channels of the first stage.
        kernel_size: of the convolutions.

    Call input: images, float `[B, 64, 64, 3]` in [-1, 1].

    Call output: float `[B, 4, 4, 8w]`.

    Notable changes: the third stage is activated, as in the paper and main_cls.lua;
    main_cls_int.lua leaves its LeakyReLU out.
    """

    def __init__(self, architecture: str, width: int, kernel_size: int, **kwargs: Any):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.architecture = architecture
        self.width = width
        self.kernel_size = kernel_size
        dtype = self.dtype_policy
        stages = {32: width, 16: 2 * width, 8: 4 * width, 4: 8 * width}
        for size, filters in stages.items():
            name = f"conv{size}"
            layer = blocks.convolution(
                filters,
                kernel_size,
                dtype,
                name,
                strides=2,
                use_bias=architecture == "dcgan",
            )
            setattr(self, name, layer)
        self.norm16 = blocks.batch_norm(dtype, "norm16")
        self.norm8 = blocks.batch_norm(dtype, "norm8")
        self.norm4 = blocks.batch_norm(dtype, "norm4")
        self.activate = blocks.leaky_relu(dtype, "leaky_relu")
        if architecture == "reed":
            self.residual4 = blocks.ResidualBlock(
                8 * width, 2 * width, leaky=True, dtype=dtype, name="residual4"
            )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        batch, size = input_shape[0], blocks.IMAGE_SIZE
        shape: tuple[int | None, ...] = input_shape
        for stage, norm in (
            (self.conv32, None),
            (self.conv16, self.norm16),
            (self.conv8, self.norm8),
            (self.conv4, self.norm4),
        ):
            stage.build(shape)
            size //= 2
            shape = (batch, size, size, stage.filters)
            if norm is not None:
                norm.build(shape)
        if self.architecture == "reed":
            self.residual4.build(shape)

    def call(self, images: Any, training: bool = False) -> Any:
        x = self.activate(self.conv32(images))  # [B, 32, 32, w]
        x = self.conv16(x)  # [B, 16, 16, 2w]
        x = self.activate(self.norm16(x, training=training))
        x = self.conv8(x)  # [B, 8, 8, 4w]
        x = self.activate(self.norm8(x, training=training))
        x = self.norm4(self.conv4(x), training=training)  # [B, 4, 4, 8w]
        if self.architecture == "reed":
            return self.residual4(x, training=training)
        return self.activate(x)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "architecture": self.architecture,
            "width": self.width,
            "kernel_size": self.kernel_size,
        }

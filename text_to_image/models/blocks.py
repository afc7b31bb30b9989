"""Layers and initialisers shared by the generator and the discriminator.

Images are channels last, `[B, H, W, C]`, throughout this package. Everything that
Keras defaults differently from the Torch code of the paper is set here, once.
"""

from typing import Any

import keras
from keras import initializers, layers, ops

from text_to_image.models.batch_norm import BatchNorm
from text_to_image.models.convolutions import (
    Convolution,
    Deconvolution,
    NearestUpsampling,
)

IMAGE_SIZE = 64  # pixels; four stride-2 stages from 4x4 (Sec. 4.1)
ARCHITECTURES = ("reed", "dcgan")
UPSAMPLINGS = ("transposed", "nearest")


def convolution_init() -> initializers.Initializer:
    """N(0, 0.02): convolutions, as DCGAN and the Torch code."""
    return initializers.RandomNormal(0.0, 0.02)


def batch_norm(dtype: Any, name: str) -> BatchNorm:
    """Batch norm with Torch's defaults: momentum 0.1 there is 0.9 here."""
    return BatchNorm(
        momentum=0.9,
        epsilon=1e-5,
        gamma_initializer=initializers.RandomNormal(1.0, 0.02),
        dtype=dtype,
        name=name,
    )


def leaky_relu(dtype: Any, name: str) -> layers.LeakyReLU:
    """LeakyReLU of slope 0.2 (Keras defaults to 0.3)."""
    return layers.LeakyReLU(negative_slope=0.2, dtype=dtype, name=name)


def convolution(
    filters: int,
    kernel_size: int,
    dtype: Any,
    name: str,
    *,
    strides: int = 1,
    use_bias: bool = False,
    padding: str = "same",
) -> Convolution:
    """A convolution initialised as in the Torch code."""
    return Convolution(
        filters,
        kernel_size,
        strides=strides,
        padding=padding,
        use_bias=use_bias,
        kernel_initializer=convolution_init(),
        dtype=dtype,
        name=name,
    )


def deconvolution(
    filters: int,
    kernel_size: int,
    dtype: Any,
    name: str,
    *,
    strides: int = 2,
    use_bias: bool = False,
    padding: str = "same",
) -> Deconvolution:
    """A transposed convolution initialised as in the Torch code."""
    return Deconvolution(
        filters,
        kernel_size,
        strides=strides,
        padding=padding,
        use_bias=use_bias,
        kernel_initializer=convolution_init(),
        dtype=dtype,
        name=name,
    )


def nearest_upsampling(
    filters: int, dtype: Any, name: str, *, use_bias: bool = False
) -> NearestUpsampling:
    """Nearest-neighbour upsampling and a convolution, initialised as the others."""
    return NearestUpsampling(
        filters,
        use_bias=use_bias,
        kernel_initializer=convolution_init(),
        dtype=dtype,
        name=name,
    )


def linear(units: int, fan_in: int, dtype: Any, name: str) -> layers.Dense:
    """A dense layer with Torch's default weights, U(-b, b), b = fan_in^-1/2."""
    bound = fan_in**-0.5
    return layers.Dense(
        units,
        kernel_initializer=initializers.RandomUniform(-bound, bound),
        bias_initializer=initializers.RandomUniform(-bound, bound),
        dtype=dtype,
        name=name,
    )


def dcgan_linear(units: int, dtype: Any, name: str) -> layers.Dense:
    """A dense layer as DCGAN initialises it: weights N(0, 0.02), biases 0."""
    return layers.Dense(
        units, kernel_initializer=convolution_init(), dtype=dtype, name=name
    )


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
        self.conv1 = convolution(bottleneck, 1, dtype, "conv1")
        self.norm1 = batch_norm(dtype, "norm1")
        self.conv2 = convolution(bottleneck, 3, dtype, "conv2")
        self.norm2 = batch_norm(dtype, "norm2")
        self.conv3 = convolution(filters, 3, dtype, "conv3")
        self.norm3 = batch_norm(dtype, "norm3")

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

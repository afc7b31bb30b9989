"""Layers and initialisers shared by the generator and the discriminator.

Images are channels last, `[B, H, W, C]`, throughout this package. Everything that
Keras defaults differently from the Torch code of the paper is set here, once.
"""

from typing import Any

from keras import initializers, layers

from text_to_image.models.batch_norm import BatchNorm
from text_to_image.models.convolutions import (
    Convolution,
    Deconvolution,
    NearestUpsampling,
)

UPSAMPLINGS: dict[str, type[Deconvolution]] = {
    "transposed": Deconvolution,
    "nearest": NearestUpsampling,
}


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
    kind: type[Convolution | Deconvolution] = Convolution,
    strides: int = 1,
    use_bias: bool = False,
    padding: str = "same",
) -> Any:
    """A convolution, or of another `kind`, initialised as in the Torch code."""
    return kind(
        filters,
        kernel_size=kernel_size,
        strides=strides,
        padding=padding,
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

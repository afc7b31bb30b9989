"""Convolutions whose weight gradients on small maps are one matrix product.

On a CPU, TensorFlow's kernel for the gradient of a convolution's weights is slow where
the map is small and the channels are many: in bfloat16 with any number of them, in
float32 with very many. The same sum written as a product is not. `python -m
benchmarks.weight_gradients` times both.
"""

from typing import Any

import keras
from keras import layers, ops

# Positions of the smaller map up to which the product is the faster of the two, and
# in float32 also the weights from which on it is: those of `reed` from 4x4 to 8x8.
SMALL_MAP = 4 * 4
MANY_WEIGHTS = 4 * 4 * 512 * 1024


@keras.saving.register_keras_serializable("text_to_image")
class Convolution(layers.Conv2D):
    """`keras.layers.Conv2D`, equal to it but for rounding.

    Call input: `[B, H, W, I]`. Output: `[B, h, w, filters]`.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **{"data_format": "channels_last", **kwargs})

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        small, large = self.compute_output_shape(inputs.shape), inputs.shape
        if not _by_product(small, large, kernel):
            return super().convolution_op(inputs, kernel)
        import tensorflow as tf

        strides, padding = list(self.strides), self.padding.upper()

        @tf.custom_gradient
        def convolve(x: Any, weights: Any) -> Any:
            def gradients(upstream: Any) -> tuple[Any, Any]:
                of_x = tf.nn.conv2d_transpose(
                    upstream, weights, tf.shape(x), strides, padding
                )
                return of_x, weight_gradient(
                    x, upstream, weights.shape, strides, padding
                )

            return tf.nn.conv2d(x, weights, strides, padding), gradients

        return convolve(inputs, tf.convert_to_tensor(kernel))


@keras.saving.register_keras_serializable("text_to_image")
class Deconvolution(layers.Conv2DTranspose):
    """`keras.layers.Conv2DTranspose`, equal to it but for rounding.

    Call input: `[B, h, w, I]`. Output: `[B, H, W, filters]`.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **{"data_format": "channels_last", **kwargs})

    def call(self, inputs: Any) -> Any:
        outputs = self.transposed(inputs, self.kernel)  # [B, H, W, filters]
        return outputs + self.bias if self.use_bias else outputs

    def transposed(self, inputs: Any, kernel: Any) -> Any:
        """Returns the transposed convolution `[B, H, W, filters]` by a kernel."""
        small, large = inputs.shape, self.compute_output_shape(inputs.shape)
        if not _by_product(small, large, kernel):
            return ops.conv_transpose(
                inputs, kernel, self.strides, self.padding, data_format="channels_last"
            )
        import tensorflow as tf

        strides, padding = list(self.strides), self.padding.upper()

        @tf.custom_gradient
        def deconvolve(x: Any, weights: Any) -> Any:
            def gradients(upstream: Any) -> tuple[Any, Any]:
                of_x = tf.nn.conv2d(upstream, weights, strides, padding)
                return of_x, weight_gradient(
                    upstream, x, weights.shape, strides, padding
                )

            shape = tf.concat([tf.shape(x)[:1], large[1:]], axis=0)
            outputs = tf.nn.conv2d_transpose(x, weights, shape, strides, padding)
            return outputs, gradients

        return deconvolve(inputs, tf.convert_to_tensor(kernel))


@keras.saving.register_keras_serializable("text_to_image")
class NearestUpsampling(Deconvolution):
    """Nearest-neighbour upsampling by 2 and a 3x3 convolution, in one kernel.

    Blocks of 2x2 equal pixels and then a 3x3 kernel are what a transposed convolution
    with stride 2 gives whose 4x4 kernel is the 3x3 one (turned by 180 degrees)
    convolved with a block of ones, at its price. A transposed convolution gives each of
    the four positions of a block weights of its own, which shows as a grid.

    Call input: `[B, h, w, I]`. Output: `[B, 2h, 2w, filters]`.

    Reference: Odena et al. 2016, Deconvolution and Checkerboard Artifacts.
    """

    def __init__(self, filters: int, **kwargs: Any):
        fixed = {"kernel_size": 3, "strides": 2, "padding": "same"}
        super().__init__(filters, **{**kwargs, **fixed})

    def call(self, inputs: Any) -> Any:
        kernel = ops.convert_to_tensor(self.kernel)  # [3, 3, filters, I]
        for axis in (0, 1):
            before = [[int(i == axis), 0] for i in range(4)]
            after = [[0, int(i == axis)] for i in range(4)]
            kernel = ops.pad(kernel, before) + ops.pad(kernel, after)
        outputs = self.transposed(inputs, kernel)  # [B, 2h, 2w, filters]
        return outputs + self.bias if self.use_bias else outputs


def _by_product(small: Any, large: Any, weights: Any) -> bool:
    """Whether the product pays: small maps, on a CPU, computed by TensorFlow."""
    if keras.backend.backend() != "tensorflow" or None in (*small[1:], *large[1:]):
        return False
    import tensorflow as tf

    weights = tf.convert_to_tensor(weights)
    many = weights.dtype != tf.float32 or weights.shape.num_elements() >= MANY_WEIGHTS
    on_gpu = bool(tf.config.get_visible_devices("GPU"))
    return small[1] * small[2] <= SMALL_MAP and many and not on_gpu


def weight_gradient(
    large: Any, small: Any, shape: Any, strides: list[int], padding: str
) -> Any:
    """Returns the gradient of a convolution from `large` to `small` by its weights.

    Args:
        large: `[B, H, W, I]`, what the convolution reads, or would.
        small: `[B, h, w, O]`, the gradient of what it gives, or would.
        shape: of the weights, (k, l, I, O).
        strides: of both directions.
        padding: "SAME" or "VALID".
    """
    import tensorflow as tf

    rows, columns, inputs, outputs = shape
    patches = tf.image.extract_patches(
        large, (1, rows, columns, 1), (1, *strides, 1), (1, 1, 1, 1), padding
    )  # [B, h, w, k l I]
    patches = tf.reshape(patches, (-1, rows * columns * inputs))  # [B h w, k l I]
    products = tf.matmul(
        patches, tf.reshape(small, (-1, outputs)), transpose_a=True
    )  # [k l I, O]
    return tf.reshape(products, shape)  # [k, l, I, O]

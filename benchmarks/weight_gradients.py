"""Times the gradient of a convolution's weights: one product, and the kernel for it.

  python -m benchmarks.weight_gradients
  python -m benchmarks.weight_gradients --precision=bfloat16 --json=gradients.jsonl

Every strided convolution of the two networks, published widths, alone. The product is
what `text_to_image/models/convolutions.py` takes where the smaller map has at most 4x4
positions; the column peer is its rate over the kernel's, timed in turn. Rates are of
images; the column gemm is against a float32 matrix product.
"""

from typing import TYPE_CHECKING

from absl import flags

from foundation.command_line import run

if TYPE_CHECKING:
    from benchmarks.timing import Row

# name: side of the larger map, its channels, kernel, stride, channels of the smaller
_LAYERS = {
    "dcgan D 32x32-16x16": (32, 64, 4, 2, 128),
    "dcgan D 16x16-8x8": (16, 128, 4, 2, 256),
    "dcgan D 8x8-4x4": (8, 256, 4, 2, 512),
    "dcgan D mix 4x4": (4, 768, 1, 1, 512),
    "reed G 4x4-8x8": (8, 512, 4, 2, 1024),
    "reed residual 4x4": (4, 256, 3, 1, 256),
}

_PRECISION = flags.DEFINE_multi_enum(
    "precision", ["float32", "bfloat16"], ["float32", "bfloat16"], "Repeatable."
)
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 64, "Images.", lower_bound=1)
_DIVISOR = flags.DEFINE_integer("divisor", 1, "Of all channels.", lower_bound=1)
_RUNS = flags.DEFINE_integer("runs", 20, "Timed gradients a case.", lower_bound=2)
_JSON = flags.DEFINE_string("json", "", "File for one JSON object a row.")


def main(argv: list[str]) -> None:
    """Times every layer and prints the table."""
    del argv
    from benchmarks.timing import report

    rows = []
    for name, layer in _LAYERS.items():
        for precision in _PRECISION.value:
            rows += time_gradients(f"{name} {precision}", layer, precision)
    report(rows, _JSON.value)


def time_gradients(
    name: str, layer: tuple[int, int, int, int, int], precision: str
) -> list["Row"]:
    """Times both ways to one gradient, in turn; ours comes first."""
    import tensorflow as tf

    from benchmarks.timing import Work, beside, measure
    from text_to_image.models.convolutions import weight_gradient

    side, inputs, kernel, stride, outputs = layer
    inputs, outputs = inputs // _DIVISOR.value, outputs // _DIVISOR.value
    batch, small_side = _BATCH_SIZE.value, side // stride
    strides, shape = [stride, stride], (kernel, kernel, inputs, outputs)
    random = tf.random.stateless_normal
    large = tf.cast(random((batch, side, side, inputs), (0, 0)), precision)
    small = (batch, small_side, small_side, outputs)
    upstream = tf.cast(random(small, (0, 1)), precision)

    @tf.function
    def product() -> tf.Tensor:
        gradient = weight_gradient(large, upstream, shape, strides, "SAME")
        return tf.reduce_sum(gradient)

    @tf.function
    def library() -> tf.Tensor:
        gradient = tf.raw_ops.Conv2DBackpropFilter(
            input=large,
            filter_sizes=shape,
            out_backprop=upstream,
            strides=[1, stride, stride, 1],
            padding="SAME",
        )
        return tf.reduce_sum(gradient)

    flops = 2.0 * batch * small_side**2 * kernel**2 * inputs * outputs
    works = [
        Work(f"{name} product", lambda: float(product()), flops),
        Work(f"{name} kernel", lambda: float(library()), flops),
    ]
    ours, theirs = measure(works, "images/s", batch, _RUNS.value)
    return [beside(ours, [theirs]), theirs]


if __name__ == "__main__":
    run(main, __doc__ or "")

"""Counts the kernels that one training step launches, from its traced graph.

  python -m benchmarks.kernels
  python -m benchmarks.kernels --update=alternating --json=kernels.jsonl

Nothing is timed or run: drawing the batch and both updates are traced once, and the
operations that the step's results need are counted. Left out are those that launch
nothing on a device: constants, inputs and reads of variables, and what computes only
shapes or gives the same numbers another shape. The plain graph next to it is the same
step with Keras's own batch norm and Adam. What Grappler fuses or folds afterwards is
not taken off.
"""

import collections
import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING
from unittest import mock

from absl import flags

from foundation.command_line import run

if TYPE_CHECKING:
    from text_to_image import Config

_UPDATE = flags.DEFINE_enum(
    "update", "simultaneous", ["simultaneous", "alternating"], "As of train.py."
)
_TYPES = flags.DEFINE_integer("types", 12, "Most frequent ones listed.", lower_bound=0)
_WIDTH = flags.DEFINE_integer("width", 0, "--gf and --df; 0: published.", lower_bound=0)
_JSON = flags.DEFINE_string("json", "", "File for one JSON object a row.")


def main(argv: list[str]) -> None:
    """Counts the kernels of both architectures."""
    del argv
    from benchmarks.timing import Row, report
    from text_to_image import Config

    rows, tables = [], []
    for architecture in ("dcgan", "reed"):
        config = Config(
            architecture=architecture,
            gf=_WIDTH.value,
            df=_WIDTH.value,
            update=_UPDATE.value,
        )
        ours = step_kernels(config)
        with plain_keras():
            plain = step_kernels(config).total()
        total, case = ours.total(), f"{architecture} {_UPDATE.value}"
        rows += [
            Row(case, total, "kernels", 0.0, None, total / plain, 1),
            Row(f"{case}, plain Keras", plain, "kernels", 0.0, None, None, 1),
        ]
        tables.append((case, ours.most_common(_TYPES.value)))
    report(rows, _JSON.value)
    for case, types in tables:
        listed = ", ".join(f"{count} {name}" for name, count in types)
        print(f"{case}: {listed}, …")


def step_kernels(config: "Config", text_dim: int = 32) -> collections.Counter[str]:
    """Counts the kernels of one step by the type of their operation.

    Args:
        config: whose step, with the drawing of its batch.
        text_dim: dimensions of the caption vectors; the count does not depend on them.
    """
    import tensorflow as tf

    from benchmarks.flops import needed_operations
    from benchmarks.synthetic import random_split
    from benchmarks.traffic import HOST_ONLY
    from text_to_image.data.device_dataset import DeviceDataset
    from text_to_image.gan import GAN

    dataset = DeviceDataset(random_split(config.batch_size, text_dim), config)
    gan = GAN(config, text_dim)
    step = tf.function(lambda: gan.train_step(dataset.batch(gan.step.value)))
    graph = step.get_concrete_function().graph
    return collections.Counter(
        operation.type
        for operation in needed_operations(graph)
        if operation.type not in HOST_ONLY
    )


@contextlib.contextmanager
def plain_keras() -> Iterator[None]:
    """Exchanges the fused batch norm and Adam for Keras's own while it is entered."""
    import keras

    from text_to_image.models.batch_norm import BatchNorm
    from text_to_image.optimization.fused_adam import FusedAdam

    norm, adam = keras.layers.BatchNormalization, keras.optimizers.Adam
    with (
        mock.patch.object(BatchNorm, "call", norm.call),
        mock.patch.object(FusedAdam, "apply", adam.apply),
    ):
        yield


if __name__ == "__main__":
    run(main, __doc__ or "")

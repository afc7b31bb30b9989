"""Trains for some steps on a strategy and saves the weights; run by its test.

  python distributed_steps.py OUTPUT.npz JSON

The JSON holds values of `Config`, and `devices`, `steps`, `epsilon` of Adam, and
whether networks compute in `float64`.
"""

import json
import sys

import keras
import numpy as np
import tensorflow as tf

from benchmarks.synthetic import random_split
from text_to_image import Config
from text_to_image.data.device_dataset import DeviceDataset
from text_to_image.data.streamed_dataset import StreamedDataset
from text_to_image.gan import GAN
from text_to_image.training.compiled_steps import compile_steps
from text_to_image.training.distribution import make_strategy

TEXT_DIM = 16


def compute_in_float64():
    """Lets networks and losses compute in float64, where they would in float32."""
    cast, step = keras.ops.cast, GAN.train_step

    def step_in_float64(gan, batch):
        values = step(gan, batch)
        return {tag: tf.cast(value, tf.float32) for tag, value in values.items()}

    Config.dtype = "float64"
    GAN.train_step = step_in_float64
    keras.ops.cast = lambda x, dtype: cast(
        x, "float64" if dtype == "float32" else dtype
    )


def main(output, values):
    devices, steps = values.pop("devices"), values.pop("steps")
    epsilon, float64 = values.pop("epsilon"), values.pop("float64")
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        cpu, [tf.config.LogicalDeviceConfiguration()] * devices
    )
    if float64:
        compute_in_float64()
    config = Config(**values)
    strategy = make_strategy(config)
    split = random_split(32, TEXT_DIM)
    with strategy.scope():
        gan = GAN(config, TEXT_DIM)
        for optimizer in (gan.generator_optimizer, gan.discriminator_optimizer):
            optimizer.epsilon = epsilon
        before = {w.path: w.value.numpy() for w in gan.weights}
        streamed = config.cache == "stream"
        kind = StreamedDataset if streamed else DeviceDataset
        train_steps = compile_steps(gan, kind(split, config))
    means = train_steps(tf.constant(steps))
    means = {tag: mean.numpy() for tag, mean in means.items()}
    after = {}
    for weight in gan.weights:
        copies = [v.numpy() for v in strategy.experimental_local_results(weight.value)]
        for copy in copies[1:]:
            np.testing.assert_array_equal(copies[0], copy, err_msg=weight.path)
        after[weight.path] = copies[0]
    assert len(after) == len(gan.weights)
    moved = {f"moved/{path}": after[path] - before[path] for path in after}
    np.savez(output, replicas=strategy.num_replicas_in_sync, **means, **after, **moved)


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))

"""Any number of training steps in one compiled call."""

import tensorflow as tf

from text_to_image.config import Config
from text_to_image.data.device_dataset import DeviceDataset
from text_to_image.data.streamed_dataset import StreamedDataset
from text_to_image.gan import GAN


def compile_steps(
    gan: GAN, dataset: DeviceDataset | StreamedDataset
) -> tf.types.experimental.PolymorphicFunction:
    """Compiles any number of steps into one call that gives their mean metrics.

    Args:
        gan: made in the scope of the same strategy, if any.
        dataset: likewise.
    """
    strategy, tags = tf.distribute.get_strategy(), gan.metric_tags

    def step(batch: dict[str, tf.Tensor]) -> tf.Tensor:
        values = gan.train_step(batch)
        return tf.stack([values[tag] for tag in tags])

    if uses_xla(gan.config):
        # Not the batch: under XLA other kernels might draw it.
        step = tf.function(step, jit_compile=True)

    @tf.function(input_signature=[tf.TensorSpec((), tf.int32)])
    def train_steps(count: tf.Tensor) -> dict[str, tf.Tensor]:
        total = tf.zeros(len(tags))
        for _ in tf.range(count):
            values = strategy.run(step, (dataset.batch(gan.step.value),))
            total += strategy.reduce(tf.distribute.ReduceOp.MEAN, values, axis=None)
        means = total / tf.cast(count, tf.float32)
        return dict(zip(tags, tf.unstack(means), strict=True))

    return train_steps


def uses_xla(config: Config) -> bool:
    """Whether XLA compiles the step of a configuration on this machine."""
    if config.jit_compile == "auto":
        has_gpu = bool(tf.config.get_visible_devices("GPU"))
        return has_gpu and config.distribute == "none"
    return config.jit_compile == "on"

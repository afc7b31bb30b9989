"""Which devices train a run: the strategy of `tf.distribute` that a flag chooses."""

import os

import tensorflow as tf

from foundation.errors import InputError
from text_to_image.config import Config


def make_strategy(config: Config) -> tf.distribute.Strategy:
    """Makes the strategy that `config` asks for.

    With several machines, it has to be made before anything else of TensorFlow, and it
    waits for all of them.

    Raises:
        InputError: the batch cannot be shared out equally, or TF_CONFIG is missing.
    """
    if config.distribute == "none":
        return tf.distribute.get_strategy()
    if config.distribute == "mirrored":
        # Without a GPU, `MirroredStrategy()` would take but one of several CPU devices.
        gpus = tf.config.list_logical_devices("GPU")
        devices = gpus or tf.config.list_logical_devices("CPU")
        strategy = tf.distribute.MirroredStrategy([device.name for device in devices])
    else:
        if "TF_CONFIG" not in os.environ:
            raise InputError(
                "--distribute=multiworker: TF_CONFIG is not set, expected the JSON of "
                "the cluster and of this worker's task. docs/scale.md has an example"
            )
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    _check_shares(config, strategy.num_replicas_in_sync)
    return strategy


def _check_shares(config: Config, replicas: int) -> None:
    factor = replicas
    if replicas > 1 and config.interpolates and config.interpolation_batch == "shared":
        factor = 2 * replicas  # the pairs, half a batch, are shared out, too
    if config.batch_size % factor:
        raise InputError(
            f"--batch_size={config.batch_size} --distribute={config.distribute}: the "
            f"batch is shared out to {replicas} devices, expected a multiple of "
            f"{factor}"
        )

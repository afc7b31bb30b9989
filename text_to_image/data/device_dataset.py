"""A split of the cache on the device."""

from typing import Any

import numpy as np
import tensorflow as tf

from text_to_image.config import Config
from text_to_image.data.batches import Batches
from text_to_image.data.cache import Split
from text_to_image.data.share import Share


class DeviceDataset:
    """A split on the device, from which compiled code gathers batches.

    Nothing comes from the host between steps. In the scope of a strategy, every device
    holds the split and gathers its share of the batch.

    Args:
        split: the split to put on the device.
        config: of the batches.

    Raises:
        InputError: batches cannot be drawn from the split.
    """

    def __init__(self, split: Split, config: Config):
        self._batches = Batches(split, config)
        self._strategy = tf.distribute.get_strategy()
        self._arrays = {
            "images": self._on_every_device(split.images),
            "embeddings": self._on_every_device(split.embeddings),
        }

    def batch(self, step: tf.Tensor) -> Any:
        """Gathers the batch of a step, as `Batches.assemble` gives it.

        Args:
            step: int scalar.

        Returns:
            The batch; under a strategy, a value per replica.
        """
        return self._strategy.run(self._gather, (step, self._arrays))

    def _gather(
        self, step: tf.Tensor, arrays: dict[str, tf.Tensor]
    ) -> dict[str, tf.Tensor]:
        share = Share.here()
        read = {
            array: {name: tf.gather(arrays[array], numbers[name]) for name in numbers}
            for array, numbers in self._batches.rows(step, share).items()
        }
        return self._batches.assemble(step, read, share)

    def _on_every_device(self, array: np.ndarray) -> Any:
        if self._strategy.num_replicas_in_sync == 1:
            return tf.constant(array)
        devices = self._strategy.extended.worker_devices

        def on_device(context: tf.distribute.experimental.ValueContext) -> tf.Tensor:
            with tf.device(devices[context.replica_id_in_sync_group % len(devices)]):
                return tf.constant(array)

        return self._strategy.experimental_distribute_values_from_function(on_device)

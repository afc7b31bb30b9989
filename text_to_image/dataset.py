"""A split of the cache on the device, and what is computed from a split at once."""

from typing import Any

import numpy as np
import tensorflow as tf

from text_to_image.batches import Batches
from text_to_image.cache import Split
from text_to_image.config import Config
from text_to_image.models.blocks import IMAGE_SIZE
from text_to_image.share import Share


def text_statistics(split: Split, norm: float) -> tuple[np.ndarray, np.ndarray]:
    """Returns what maps caption vectors to mean 0, equal variances and a given norm.

    The scale of the text decides between two failures: small vectors bind late, large
    ones drown the noise (`text_norm` of the configuration).

    Args:
        split: the training split.
        norm: root mean square norm of the result; 0 leaves vectors as they are.

    Returns:
        offset and scale, float32 `[D]`: a vector v becomes (v - offset) * scale.
    """
    dim = split.embeddings.shape[1]
    if norm == 0:
        return np.zeros(dim, np.float32), np.ones(dim, np.float32)
    total, squares = np.zeros(dim), np.zeros(dim)
    for start in range(0, len(split.embeddings), 8192):
        rows = np.asarray(split.embeddings[start : start + 8192], np.float64)
        total += rows.sum(0)
        squares += np.square(rows).sum(0)
    mean = total / len(split.embeddings)
    deviation = np.sqrt(squares / len(split.embeddings) - np.square(mean))
    # A direction that hardly varies carries no text: do not blow up its rounding.
    deviation = np.maximum(deviation, 0.01 * deviation.max())
    scale = norm / (deviation * np.sqrt(dim))
    return mean.astype(np.float32), scale.astype(np.float32)


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


def center_crop(images: np.ndarray) -> np.ndarray:
    """Returns the central `[N, 64, 64, 3]` of images `[N, 76, 76, 3]`."""
    margin = (images.shape[1] - IMAGE_SIZE) // 2
    inner = slice(margin, margin + IMAGE_SIZE)
    return images[:, inner, inner]

"""A split that stays on the disk: rows are read ahead while the device computes."""

import numpy as np
import tensorflow as tf

from text_to_image.batches import Batches, Rows
from text_to_image.cache import Split
from text_to_image.config import Config

_READERS = 4  # batches that are read at a time; as many more wait to be used


class StreamedDataset:
    """The batches of `DeviceDataset`, to the bit, of a cache larger than memory.

    `tf.data` counts the steps from the first, draws the rows of each and reads them
    from the memory map, a few steps ahead. Everything else of a batch is drawn on the
    device, as there. Memory does not grow with the cache.

    Args:
        split: the split, memory-mapped.
        config: of the batches.
        first_step: whose batch comes first; then they come in order.

    Raises:
        InputError: batches cannot be drawn from the split.
    """

    def __init__(self, split: Split, config: Config, first_step: int = 0):
        self._split = split
        self._batches = Batches(split, config)
        steps = tf.data.Dataset.counter(first_step)
        read = steps.map(self._read, num_parallel_calls=_READERS, deterministic=True)
        self._iterator = iter(read.prefetch(_READERS))

    def batch(self, step: tf.Tensor) -> dict[str, tf.Tensor]:
        """Takes the next batch, as `Batches.assemble` gives it.

        Args:
            step: int scalar, of that batch.
        """
        read_step, read = next(self._iterator)
        tf.debugging.assert_equal(read_step, step, "batches come in order")
        return self._batches.assemble(read_step, read)

    def _read(self, step: tf.Tensor) -> tuple[tf.Tensor, Rows]:
        """Draws the rows of a step and reads them."""
        read = {
            array: {
                name: _take(getattr(self._split, array), numbers)
                for name, numbers in rows.items()
            }
            for array, rows in self._batches.rows(step).items()
        }
        return step, read


def _take(array: np.ndarray, numbers: tf.Tensor) -> tf.Tensor:
    """Reads rows of an array of the host within a graph."""
    rows = tf.numpy_function(
        lambda chosen: np.asarray(array[chosen]), [numbers], array.dtype, stateful=False
    )
    rows.set_shape((*numbers.shape, *array.shape[1:]))
    return rows

"""A split that stays on the disk: rows are read ahead while the device computes."""

from typing import Any

import numpy as np
import tensorflow as tf

from text_to_image.config import Config
from text_to_image.data.batches import Batches, Rows
from text_to_image.data.cache import Split
from text_to_image.data.share import Share

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
        self._first_step = first_step
        self._strategy = tf.distribute.get_strategy()
        self._iterator = iter(
            self._strategy.distribute_datasets_from_function(self._reader)
        )

    def batch(self, step: tf.Tensor) -> Any:
        """Takes the next batch, as `Batches.assemble` gives it.

        Args:
            step: int scalar, of that batch.

        Returns:
            The batch; under a strategy, a value per replica.
        """
        return self._strategy.run(self._assemble, (step, *next(self._iterator)))

    def _assemble(
        self, step: tf.Tensor, read_step: tf.Tensor, read: Rows
    ) -> dict[str, tf.Tensor]:
        tf.debugging.assert_equal(read_step, step, "batches come in order")
        return self._batches.assemble(read_step, read, Share.here())

    def _reader(self, context: tf.distribute.InputContext) -> tf.data.Dataset:
        """Makes what reads for one machine; its replicas are dealt shares in turn."""
        replicas = context.num_replicas_in_sync
        here = replicas // context.num_input_pipelines

        def read(count: tf.Tensor) -> tuple[tf.Tensor, Rows]:
            step, local = count // here, tf.cast(count % here, tf.int32)
            share = Share(context.input_pipeline_id * here + local, replicas)
            return step, self._read(step, share)

        shares = tf.data.Dataset.counter(self._first_step * here)
        read_shares = shares.map(read, num_parallel_calls=_READERS, deterministic=True)
        return read_shares.prefetch(_READERS)

    def _read(self, step: tf.Tensor, share: Share) -> Rows:
        """Draws the rows of a step and reads them."""
        return {
            array: {
                name: _take(getattr(self._split, array), numbers[name])
                for name in numbers
            }
            for array, numbers in self._batches.rows(step, share).items()
        }


def _take(array: np.ndarray, numbers: tf.Tensor) -> tf.Tensor:
    """Reads rows of an array of the host within a graph."""
    rows = tf.numpy_function(
        lambda chosen: np.asarray(array[chosen]), [numbers], array.dtype, stateful=False
    )
    rows.set_shape((*numbers.shape, *array.shape[1:]))
    return rows

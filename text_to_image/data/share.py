"""The share of a batch that one of several replicas is given."""

import dataclasses
from typing import Any

import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class Share:
    """One of equal shares, in the order of replicas.

    Attributes:
        replica: which, an int or a scalar tensor.
        replicas: how many there are.
    """

    replica: Any
    replicas: int

    @classmethod
    def here(cls) -> "Share":
        """Returns the share of the replica whose code this is called in."""
        context = tf.distribute.get_replica_context()
        return cls(context.replica_id_in_sync_group, context.num_replicas_in_sync)

    def of(self, values: tf.Tensor, axis: int = 0) -> tf.Tensor:
        """Returns the share of what was drawn for the whole batch.

        Args:
            values: whose size in `axis` is a multiple of the number of replicas.
            axis: that of the batch.
        """
        if self.replicas == 1:
            return values
        shares = tf.stack(tf.split(values, self.replicas, axis))  # [replicas, ...]
        return tf.gather(shares, self.replica)

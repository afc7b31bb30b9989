"""What replicas of `tf.distribute` do: assign their copies, take means, wait."""

from typing import Any

import tensorflow as tf


def assign(variable: Any, value: Any) -> None:
    """Assigns a Keras variable, within a replica its own copy of it."""
    tf.raw_ops.AssignVariableOp(resource=variable.value.handle, value=value)


def assign_add(variable: Any, value: Any) -> None:
    """Adds to a Keras variable, within a replica to its own copy of it."""
    tf.raw_ops.AssignAddVariableOp(
        resource=variable.value.handle, value=tf.cast(value, variable.dtype)
    )


def mean_of_replicas(tensors: Any) -> Any:
    """Returns the means of tensors over all replicas, on each of them.

    Args:
        tensors: a tensor or a list of them; gradients flow through.
    """
    context = tf.distribute.get_replica_context()
    if context.num_replicas_in_sync == 1:
        return tensors
    return context.all_reduce(tf.distribute.ReduceOp.MEAN, tensors)


class Workers:
    """The processes that train one run together; alone, one.

    Args:
        strategy: of `make_strategy`.
    """

    def __init__(self, strategy: tf.distribute.Strategy):
        resolver = strategy.cluster_resolver  # None on a single machine
        self._alone = resolver is None or not resolver.task_type
        if self._alone:
            self.is_chief = True  # which alone writes the run directory
            return
        first = "chief" if "chief" in resolver.cluster_spec().jobs else "worker"
        self.is_chief = (resolver.task_type, resolver.task_id) == (first, 0)

        @tf.function(input_signature=[tf.TensorSpec((), tf.float32)])
        def mean(value: tf.Tensor) -> tf.Tensor:
            values = strategy.run(tf.identity, (value,))
            return strategy.reduce(tf.distribute.ReduceOp.MEAN, values, axis=None)

        self._mean = mean

    def mean(self, value: float) -> float:
        """Returns the mean of what all workers give; waits for them."""
        return value if self._alone else float(self._mean(tf.constant(value)))

    def wait(self) -> None:
        """Returns when all workers have come here."""
        self.mean(0.0)

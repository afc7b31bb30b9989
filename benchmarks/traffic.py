"""Counts the bytes that a training step moves, from its traced graph."""

import tensorflow as tf

from benchmarks.flops import needed_operations
from text_to_image.gan import GAN

# Operations that launch no kernel on a device.
HOST_ONLY = frozenset(
    {
        # Constants, inputs, control, and names of variables' memory.
        *("Const", "Placeholder", "NoOp", "Identity", "IdentityN", "StopGradient"),
        *("PreventGradient", "ReadVariableOp", "VarHandleOp"),
        # Numbers that are only shapes; they live on the host.
        *("Shape", "ShapeN", "Size", "Rank", "BroadcastGradientArgs"),
        *("StridedSlice", "Pack", "ConcatOffset", "InvertPermutation"),
        # The same memory under another shape.
        *("Reshape", "ExpandDims", "Squeeze"),
    }
)


def step_bytes(gan: GAN, batch: dict[str, tf.Tensor]) -> int:
    """Returns the bytes that the kernels of one iteration read and write.

    Each reads its inputs from memory and writes its outputs there: nothing is fused and
    nothing stays in a cache, so that a machine moves fewer.

    Args:
        gan: whose step.
        batch: of `DeviceDataset.batch`, or `tf.TensorSpec`s like it.
    """
    graph = tf.function(gan.train_step).get_concrete_function(batch).graph
    return sum(
        _bytes(operation)
        for operation in needed_operations(graph)
        if operation.type not in HOST_ONLY
    )


def _bytes(operation: tf.Operation) -> int:
    if operation.type == "ResourceApplyAdam":
        # Reads weight, both moments and gradient; writes the first three.
        return 7 * _size(operation.inputs[-1])
    return sum(map(_size, [*operation.inputs, *operation.outputs]))


def _size(tensor: tf.Tensor) -> int:
    """Returns the bytes of a tensor; 0 for the handle of a variable."""
    if tensor.dtype == tf.resource:
        return 0
    return (tensor.shape.num_elements() or 0) * tensor.dtype.size

"""Counts the floating-point operations of a training step from its traced graph."""

import tensorflow as tf

from text_to_image.gan import GAN


def step_flops(gan: GAN, batch: dict[str, tf.Tensor]) -> int:
    """Returns the operations of one iteration of Algorithm 1 (2 for a multiply-add).

    Convolutions, their gradients and matrix products that the step's results need;
    normalisation and activations are a tenth of the time and are not counted.

    Args:
        gan: whose step.
        batch: of `Batches.assemble`, or `tf.TensorSpec`s like it.
    """
    graph = tf.function(gan.train_step).get_concrete_function(batch).graph
    return sum(map(operation_flops, needed_operations(graph)))


def needed_operations(graph: tf.Graph) -> set[tf.Operation]:
    """Returns what a traced function's results depend on: TensorFlow runs nothing else.

    D's weight gradients in G's update are traced, but nothing needs them.
    """
    needed: set[tf.Operation] = set()
    pending = [tensor.op for tensor in graph.outputs] + graph.control_outputs
    while pending:
        operation = pending.pop()
        if operation not in needed:
            needed.add(operation)
            pending += [tensor.op for tensor in operation.inputs]
            pending += operation.control_inputs
    return needed


def operation_flops(operation: tf.Operation) -> int:
    """Counts one operation; 0 for those that are neither products nor convolutions."""
    inputs, outputs = operation.inputs, operation.outputs
    match operation.type:
        case "MatMul":
            inner = inputs[0].shape[0 if operation.get_attr("transpose_a") else 1]
            return 2 * outputs[0].shape.num_elements() * inner
        case "Conv2D":
            image, kernel = outputs[0], inputs[1]
        case "Conv2DBackpropInput":  # a transposed convolution's forward pass, too
            image, kernel = inputs[2], inputs[1]
        case "Conv2DBackpropFilter":
            image, kernel = inputs[2], outputs[0]
        case _:
            return 0
    # image [B, H, W, C_out] is the convolution's output, kernel [h, w, C_in, C_out].
    height, width, channels, _ = kernel.shape
    return 2 * image.shape.num_elements() * height * width * channels

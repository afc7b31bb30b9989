"""Times the convolutions and products of a training step, each alone.

  python -m benchmarks.lone_kernels
  python -m benchmarks.lone_kernels --architecture=dcgan4 --precision=float32

They are read from the traced graph of the step. Each of a type and shape is timed by
itself, on random numbers, and counted as often as the step has it. A step cannot be
faster than their sum, whatever is around them: the column gemm of the rows `in all` is
the roof that the library's kernels set. Spreads are the means of theirs, by time.
"""

import collections
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from absl import flags

from benchmarks.cases import JSON, TEXT_DIM, cases
from foundation.command_line import run

if TYPE_CHECKING:
    import tensorflow as tf

    from benchmarks.timing import Row
    from text_to_image import Config

_RUNS = flags.DEFINE_integer("runs", 10, "Timed runs of each.", lower_bound=2)

_IN_A_ROW = 5  # the first of them wakes the cores up

# Inputs that are the shape of the result, not numbers to compute with.
_SIZES = {"Conv2DBackpropInput": "input_sizes", "Conv2DBackpropFilter": "filter_sizes"}
_NAMES = {
    "Conv2D": "convolutions",
    "Conv2DBackpropInput": "gradients by inputs, and transposed",
    "Conv2DBackpropFilter": "gradients by weights",
    "MatMul": "products",
}


def main(argv: list[str]) -> None:
    """Times every case and prints the table."""
    del argv
    from benchmarks.timing import report

    rows = []
    for name, config in cases(["dcgan4", "reed"]):
        rows += time_kernels(name, config)
    report(rows, JSON.value)


def time_kernels(name: str, config: "Config") -> list["Row"]:
    """Times the kernels of a step.

    Args:
        name: of the case.
        config: whose step.

    Returns:
        A row for each type and one for all: milliseconds a step.
    """
    import tensorflow as tf

    from benchmarks.flops import needed_operations, operation_flops
    from benchmarks.synthetic import random_run
    from benchmarks.timing import Work, measure

    gan, dataset = random_run(config, TEXT_DIM.value)
    batch = dataset.batch(tf.constant(0))
    graph = tf.function(gan.train_step).get_concrete_function(batch).graph
    alike: dict[str, list[tf.Operation]] = collections.defaultdict(list)
    for operation in needed_operations(graph):
        if operation.type in _NAMES:
            alike[_signature(operation)].append(operation)
    groups = [*alike.values()]
    works = [
        Work(f"{name}: {one.type}", _alone(one), _IN_A_ROW * operation_flops(one))
        for one, *_ in groups
    ]
    rows = measure(works, "runs/s", _IN_A_ROW, _RUNS.value)
    timed = [
        (one.type, 1 + len(others), row)
        for (one, *others), row in zip(groups, rows, strict=True)
    ]
    by_type = [
        _sum(f"{name}: {label}", [t for t in timed if t[0] == kind])
        for kind, label in _NAMES.items()
    ]
    return [*by_type, _sum(f"{name}: in all", timed)]


def _sum(case: str, timed: list[tuple[str, int, "Row"]]) -> "Row":
    """Adds up kernels: (type, how many of them in a step, row of one)."""
    from benchmarks.timing import Row

    total, roof, spread = 0.0, 0.0, 0.0
    for _, count, row in timed:
        seconds = count / row.rate
        total += seconds
        # What the matrix product would have taken for as many operations.
        roof += seconds * (row.gemm_ratio or 0.0)
        spread += seconds * row.spread
    count = sum(count for _, count, _ in timed)
    return Row(
        f"{case} ({count})",
        1e3 * total,
        "ms a step",
        spread / total,
        roof / total,
        None,
        _RUNS.value,
    )


def _signature(operation: "tf.Operation") -> str:
    tensors = [*operation.inputs, *operation.outputs]
    shapes = [(tensor.shape.as_list(), tensor.dtype.name) for tensor in tensors]
    return f"{operation.type} {shapes} {_attributes(operation)}"


def _attributes(operation: "tf.Operation") -> dict[str, Any]:
    values = {
        attribute.name: operation.get_attr(attribute.name)
        for attribute in operation.op_def.attr
        if attribute.type != "type"
    }
    return {
        name: value.decode() if isinstance(value, bytes) else value
        for name, value in values.items()
    }


def _alone(operation: "tf.Operation") -> Callable[[], object]:
    """Returns a function that runs such an operation in a row, on random numbers."""
    import tensorflow as tf

    names = [argument.name for argument in operation.op_def.input_arg]
    inputs = {
        name: tf.cast(tf.random.stateless_normal(tensor.shape, (i, 0)), tensor.dtype)
        for i, (name, tensor) in enumerate(zip(names, operation.inputs, strict=True))
    }
    if operation.type in _SIZES:
        name, result = _SIZES[operation.type], operation.outputs[0]
        inputs[name] = tf.constant(result.shape.as_list())
    raw = getattr(tf.raw_ops, operation.type)
    function = tf.function(lambda: raw(**inputs, **_attributes(operation)))
    one = function.get_concrete_function()
    return lambda: [one() for _ in range(_IN_A_ROW)]


if __name__ == "__main__":
    run(main, __doc__ or "")

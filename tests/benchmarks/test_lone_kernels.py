"""The benchmark runs as a user runs it, and counts every kernel of the step."""

import pytest
import tensorflow as tf

from benchmarks.configurations import configuration
from benchmarks.flops import needed_operations
from benchmarks.synthetic import random_run

pytestmark = pytest.mark.slow


def test_rows(benchmark_rows):
    rows, text = benchmark_rows(
        "lone_kernels",
        *("--architecture=dcgan4", "--precision=float32", "--runs=2"),
        *("--batch_size=2", "--width=8", "--text_dim=16"),
    )
    *types, total = rows
    assert len(types) == 4
    assert all(row["case"] in text for row in rows)
    assert total["rate"] == pytest.approx(sum(row["rate"] for row in types))
    assert all(row["gemm_ratio"] > 0 for row in rows)
    config = configuration("dcgan4", "float32", 8, batch_size=2)
    gan, dataset = random_run(config, 16)
    batch = dataset.batch(tf.constant(0))
    graph = tf.function(gan.train_step).get_concrete_function(batch).graph
    kinds = ("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter", "MatMul")
    count = sum(operation.type in kinds for operation in needed_operations(graph))
    assert total["case"].endswith(f"({count})")

"""Operations that were run are timed, each once, by their type."""

import pytest
import tensorflow as tf

from benchmarks.op_times import operation_times


def test_operations_of_a_loop_are_found():
    matrix = tf.random.stateless_normal((300, 300), (0, 0))
    picture = tf.random.stateless_normal((4, 32, 32, 8), (0, 1))
    kernel = tf.random.stateless_normal((3, 3, 8, 8), (0, 2))

    @tf.function
    def work():
        total = tf.constant(0.0)
        for _ in tf.range(5):
            total += tf.reduce_sum(tf.linalg.matmul(matrix, matrix + total))
            total += tf.reduce_sum(tf.nn.conv2d(picture + total, kernel, 1, "SAME"))
        return total

    float(work())
    times = operation_times(lambda: float(work()))
    assert len(times["MatMul"]) == 5
    assert len(times["Conv2D"]) == 5
    assert min(map(min, times.values())) >= 0
    # No event that holds others is taken for an operation.
    assert all(hasattr(tf.raw_ops, kind) for kind in times)
    assert not set(times) & {"While", "PartitionedCall", "StatefulPartitionedCall"}


@pytest.mark.slow
def test_rows(benchmark_rows):
    rows, _ = benchmark_rows(
        "profile_step",
        *("--steps=2", "--types=3"),
        *("--batch_size=4", "--text_dim=3", "--width=2"),
    )
    for precision, start in (("float32", 0), ("bfloat16", 5)):
        *listed, others, convolutions = rows[start : start + 5]
        shares = [row["rate"] for row in listed]
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) + others["rate"] == pytest.approx(100)
        assert others["case"] == f"dcgan4 {precision}: all others"
        assert convolutions["case"] == f"dcgan4 {precision}: all convolutions"
        assert 0 < convolutions["rate"] < 100
    assert len(rows) == 10
    assert all((row["unit"], row["runs"]) == ("% of time", 2) for row in rows)

"""Bytes counted in the graph are those of the tensors that a step needs."""

import pytest
import tensorflow as tf

from benchmarks.traffic import step_bytes

BATCH, IN, OUT = 6, 10, 3


class Step:
    """A product that is needed, in another shape, and an exponential that is not."""

    def train_step(self, batch):
        product = tf.linalg.matmul(batch["x"], batch["w"], transpose_a=True)
        tf.exp(product)
        return tf.reshape(product, (-1,))


@pytest.mark.parametrize("dtype", [tf.float32, tf.bfloat16])
def test_inputs_and_outputs_of_what_is_needed(dtype):
    batch = {
        "x": tf.TensorSpec((IN, BATCH), dtype),
        "w": tf.TensorSpec((IN, OUT), dtype),
    }
    numbers = IN * BATCH + IN * OUT + BATCH * OUT
    assert step_bytes(Step(), batch) == numbers * dtype.size


class Update:
    """One update of Adam."""

    def __init__(self):
        self.variables = [tf.Variable(tf.zeros((4, 5))) for _ in range(3)]

    def train_step(self, batch):
        tf.raw_ops.ResourceApplyAdam(
            **{
                name: variable.handle
                for name, variable in zip(
                    ("var", "m", "v"), self.variables, strict=True
                )
            },
            **dict.fromkeys(
                ("beta1_power", "beta2_power", "lr", "beta1", "beta2", "epsilon"), 0.5
            ),
            grad=batch["gradient"],
        )


def test_adam_reads_four_arrays_and_writes_three():
    batch = {"gradient": tf.TensorSpec((4, 5))}
    assert step_bytes(Update(), batch) == 7 * 20 * 4

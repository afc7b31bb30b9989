"""Kernels of a step are those that its layers need."""

import pytest
import tensorflow as tf

from benchmarks.flops import needed_operations
from benchmarks.kernels import step_kernels
from benchmarks.traffic import HOST_ONLY
from text_to_image import Config


@pytest.mark.parametrize("architecture", ["dcgan", "reed"])
def test_one_kernel_for_each_batch_norm_and_weight(architecture):
    config = Config(architecture=architecture, gf=2, df=2, batch_size=8)
    counts = step_kernels(config)
    assert not set(counts) & HOST_ONLY
    # By the layers: norms of G, of D's trunk, of D's head, of those before the text.
    if architecture == "dcgan":
        norms, looks, judges, texts = 4, 3, 1, 0
        weights = (2 + 2 + 8 + 4 * 2) + (8 + 3 * 2 + 2 + 2 + 2 + 2)
    else:
        norms, looks, judges, texts = 4 + 6, 3 + 3, 2, 1
        weights = (2 + 1 + 4 + 6 + 10 * 2) + (4 + 3 + 6 * 2 + 2 + 1 + 1 + 2 * 2)
    # One pass of G; D sees real and fake images and judges three pairs. L_D's way
    # back goes through D alone, L_G's through D's pass of the fakes, but for the text.
    passes = norms + 2 * looks + 3 * judges
    assert counts["FusedBatchNormV3"] == passes
    backwards = (2 * looks + 3 * judges) + (looks + judges - texts + norms)
    assert counts["FusedBatchNormGradV3"] == backwards
    assert counts["ResourceApplyAdam"] == weights


def test_only_what_is_needed_counts():
    @tf.function
    def function(x):
        tf.linalg.matmul(x, x)  # nobody asks for it
        return tf.exp(tf.reshape(x, (-1,)))

    graph = function.get_concrete_function(tf.TensorSpec((2, 2))).graph
    kernels = {op.type for op in needed_operations(graph)} - HOST_ONLY
    assert kernels == {"Exp"}


@pytest.mark.slow
def test_rows(benchmark_rows):
    rows, text = benchmark_rows("kernels", "--width=2", "--types=3")
    assert [row["case"] for row in rows[::2]] == [
        "dcgan simultaneous",
        "reed simultaneous",
    ]
    for ours, plain in zip(rows[::2], rows[1::2], strict=True):
        assert ours["unit"] == "kernels"
        assert ours["peer_ratio"] == ours["rate"] / plain["rate"] < 0.7
    assert "ResourceApplyAdam" in text

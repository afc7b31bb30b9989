"""Steps by XLA against those without it."""

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.synthetic import random_split
from text_to_image import Config
from text_to_image.data.device_dataset import DeviceDataset
from text_to_image.gan import GAN
from text_to_image.training.compiled_steps import compile_steps, uses_xla


@pytest.mark.parametrize(
    ("asked", "devices", "answer"),
    [
        ("auto", [], False),
        ("auto", ["GPU:0"], True),
        ("on", [], True),
        ("off", ["GPU:0"], False),
    ],
)
def test_xla_is_for_gpus_unless_asked(monkeypatch, asked, devices, answer):
    monkeypatch.setattr(tf.config, "get_visible_devices", lambda kind: devices)
    assert uses_xla(Config(jit_compile=asked)) is answer


def two_steps(**values):
    """Weights before and after two steps, their metrics, and what XLA compiles."""
    config = Config(
        architecture="dcgan", gf=4, df=4, text_features=4, batch_size=4, **values
    )
    gan = GAN(config, 5)
    before = [np.array(w) for w in gan.trainable_weights]
    steps = compile_steps(gan, DeviceDataset(random_split(12, 5), config))
    metrics = {tag: float(value) for tag, value in steps(tf.constant(2)).items()}
    functions = steps.get_concrete_function().graph.as_graph_def().library.function
    by_xla = any("_XlaMustCompile" in function.attr for function in functions)
    after = [np.array(w) for w in gan.trainable_weights]
    moved = np.concatenate(
        [(new - old).ravel() for old, new in zip(before, after, strict=True)]
    )
    return metrics, moved, by_xla


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["none", "float16"])
def test_steps_by_xla_differ_by_rounding(precision):
    plain, moved, by_xla = two_steps(mixed_precision=precision, jit_compile="off")
    assert not by_xla
    compiled, moved_by_xla, by_xla = two_steps(
        mixed_precision=precision, jit_compile="on"
    )
    assert by_xla
    tolerance = 1e-4 if precision == "none" else 1e-2
    for tag, value in plain.items():
        assert compiled[tag] == pytest.approx(value, rel=tolerance), tag
    # Adam moves a weight by the sign of its gradient, and rounding may turn a small
    # one: a few of many thousand.
    size = np.abs(moved).mean()
    assert size > 1e-5  # in float16 the first update may be skipped
    assert np.abs(moved_by_xla - moved).mean() < 10 * tolerance * size

"""Batches from the disk against those from the device, to the bit."""

import dataclasses
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from foundation.errors import InputError
from text_to_image import Config
from text_to_image.data.cache import Cache, Split
from text_to_image.data.device_dataset import DeviceDataset
from text_to_image.data.streamed_dataset import StreamedDataset
from text_to_image.training.loop import train

ROOT = Path(__file__).parents[3]


def numbers_of(workdir, step):
    """All numbers of a checkpoint, by name."""
    reader = tf.train.load_checkpoint(str(workdir / f"checkpoints/ckpt-{step}"))
    return {
        name: reader.get_tensor(name)
        for name in reader.get_variable_to_shape_map()
        if name != "_CHECKPOINTABLE_OBJECT_GRAPH"
    }


def assert_same(first, second):
    assert first.keys() == second.keys()
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name], err_msg=name)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"mismatch": "image", "captions_per_image": 3, "noise": "uniform"},
        {
            **{"objective": "gan_int_cls", "interpolation_batch": "shared"},
            **{"update": "alternating", "generator_steps": 2},
            "interpolation_beta": "extrapolated",
        },
    ],
)
def test_batches_are_those_of_the_device(tiny_cache, values):
    split = Cache(tiny_cache).split("train")
    assert isinstance(split.images, np.memmap)
    config = Config(batch_size=4, z_dim=5, seed=3, **values)
    device = DeviceDataset(split, config)
    streamed = StreamedDataset(split, config, first_step=7)
    for step in range(7, 20):
        step = tf.constant(step, tf.int64)
        assert_same(device.batch(step), streamed.batch(step))


def test_a_batch_of_another_step_is_refused(tiny_cache):
    split = Cache(tiny_cache).split("train")
    streamed = StreamedDataset(split, Config(batch_size=4), first_step=7)
    with pytest.raises(tf.errors.InvalidArgumentError, match="come in order"):
        streamed.batch(tf.constant(8, tf.int64))


def test_a_split_that_cannot_be_sampled(tiny_cache):
    with pytest.raises(InputError, match="--batch_size=13"):
        StreamedDataset(Cache(tiny_cache).split("train"), Config(batch_size=13))


def test_a_resumed_run_is_that_of_the_device(trained, replaced, tmp_path):
    train(replaced(cache="stream", steps=2), tmp_path / "run")
    train(replaced(cache="stream", steps=3), tmp_path / "run")
    assert_same(numbers_of(trained, 3), numbers_of(tmp_path / "run", 3))


@pytest.mark.slow
def test_deterministic_runs_are_those_of_the_device(tiny_config, tmp_path):
    for cache in ("device", "stream"):
        flagfile = tmp_path / f"{cache}.cfg"
        flagfile.write_text(dataclasses.replace(tiny_config, cache=cache).to_flagfile())
        arguments = [f"--flagfile={flagfile}", f"--workdir={tmp_path / cache}"]
        subprocess.run(
            [sys.executable, "train.py", *arguments, "--deterministic"],
            cwd=ROOT,
            check=True,
        )
    assert_same(numbers_of(tmp_path / "device", 3), numbers_of(tmp_path / "stream", 3))


def test_memory_does_not_grow_with_the_cache(tmp_path):
    """Files of 27 GB, all holes."""
    count, dim = 1_000_000, 4800

    def holes(name, shape, dtype):
        return np.lib.format.open_memmap(tmp_path / name, "w+", dtype, shape)

    split = Split(
        images=holes("images.npy", (count, 76, 76, 3), np.uint8),
        embeddings=holes("embeddings.npy", (count, dim), np.float16),
        caption_offsets=np.arange(count + 1),
        labels=np.arange(count, dtype=np.int32) % 8,
        captions=[],
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    streamed = StreamedDataset(split, Config(batch_size=16))
    for step in range(5):
        batch = streamed.batch(tf.constant(step, tf.int64))
        assert (batch["real_images"].numpy() == -1).all()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 1_000_000  # kilobytes

"""The command counts what the functions count, of a flagfile."""

import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

from benchmarks.flops import step_flops
from benchmarks.synthetic import random_split
from benchmarks.traffic import step_bytes
from text_to_image import Config
from text_to_image.data.device_dataset import DeviceDataset
from text_to_image.gan import GAN

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_operations_of_a_flagfile(tmp_path):
    config = Config(gf=8, df=8, architecture="dcgan", batch_size=16)
    flagfile = tmp_path / "experiment.cfg"
    flagfile.write_text(config.to_flagfile() + "--workdir=runs/experiment\n")
    result = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.operations"),
            *(f"--flagfile={flagfile}", "--text_dim=12"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    dataset = DeviceDataset(random_split(16, 12), config)
    gan, batch = GAN(config, 12), dataset.batch(tf.constant(0))
    flops, moved = step_flops(gan, batch), step_bytes(gan, batch)
    expected = f"{flops / 1e9:.1f} GFLOP, {moved / 1e9:.2f} GB an iteration\n"
    assert result.stdout == expected, result.stderr

"""A disk that is full ends a command by one line, and costs nothing but the repetition.

The limit on the size of files stands for the disk: what is larger cannot be written.
"""

import dataclasses
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from text_to_image.runs.directory import RunDirectory

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits the size of files")


def call(*arguments, limit=resource.RLIM_INFINITY):
    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        preexec_fn=limited,
    )


def assert_one_line(result):
    assert result.returncode == 1, result.stdout + result.stderr
    assert "Traceback" not in result.stderr + result.stdout
    (line,) = [li for li in result.stderr.splitlines() if not li.startswith("warning")]
    assert line.startswith("error: ")
    assert "File too large" in line or "requested and" in line  # NumPy's words
    return line


def numbers(workdir, step):
    reader = tf.train.load_checkpoint(str(workdir / f"checkpoints/ckpt-{step}"))
    names = reader.get_variable_to_shape_map()
    return {n: reader.get_tensor(n) for n in names if not n.startswith("_CHECK")}


@pytest.mark.slow
@pytest.mark.parametrize("limit", [300, 3_000, 30_000, 200_000])
def test_training_is_repeated_with_room(tiny_config, trained, tmp_path, limit):
    flagfile, workdir = tmp_path / "run.cfg", tmp_path / "run"
    config = dataclasses.replace(tiny_config, deterministic=True)
    flagfile.write_text(config.to_flagfile())
    arguments = ["train.py", f"--flagfile={flagfile}", f"--workdir={workdir}"]
    assert_one_line(call(*arguments, limit=limit))
    again = call(*arguments)
    assert again.returncode == 0, again.stdout + again.stderr
    found, expected = numbers(workdir, 3), numbers(trained, 3)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)
    steps = [record["step"] for record in RunDirectory(workdir).read_metrics()]
    assert steps == [2, 3]
    assert not list(workdir.rglob("incomplete*"))


@pytest.mark.slow
def test_other_commands(trained, tmp_path):
    run, captions = f"--workdir={trained}", tmp_path / "captions.txt"
    captions.write_text("a red flower\n" * 2000)
    encoder = f"--encoder={trained / 'encoder'}"
    for arguments in (
        ["generate.py", run, "--caption=a red flower", f"--outdir={tmp_path / 'a'}"],
        ["generate.py", "export", run, f"--output={tmp_path / 'b'}"],
        [
            *("-m", "skipthoughts", "encode", encoder, f"--input={captions}"),
            f"--output={tmp_path / 'c.npy'}",
        ],
    ):
        assert_one_line(call(*arguments, limit=2_000))
    assert not (tmp_path / "b").exists() and not (tmp_path / "c.npy").exists()
    assert not list(tmp_path.rglob("incomplete*"))

"""`train.py style` as a user calls it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def call(*arguments):
    return subprocess.run(
        [sys.executable, "train.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_style_encoder_of_a_run(trained, tmp_path):
    run = shutil.copytree(trained, tmp_path / "run")
    flags = ["--flagfile=configs/style_encoder.cfg", f"--workdir={run}"]
    result = call("style", *flags, "--steps=2", "--batch_size=3", "--seed=1")
    assert result.returncode == 0, result.stderr
    assert "style encoder of step 3: R^2" in result.stdout
    assert f"generate.py style --workdir={run} --style_image=photo.jpg" in result.stdout
    path = run / "style_encoder/style_encoder.json"
    assert json.loads(path.read_text())["config"] == {
        "steps": 2,
        "batch_size": 3,
        "learning_rate": 2e-4,
        "clip_norm": 10_000.0,
        "seed": 1,
    }


@pytest.mark.slow
def test_style_encoder_without_a_run(tmp_path):
    result = call("style", f"--workdir={tmp_path}/x")
    assert result.returncode == 1
    errors = [line for line in result.stderr.splitlines() if "error:" in line]
    assert len(errors) == 1
    assert errors[0].startswith("error: --workdir=")
    assert "no config.json" in errors[0]

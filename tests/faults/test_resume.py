"""A run never goes backwards, says what runs, and goes on where its hint is pasted."""

import dataclasses
import hashlib
import json
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from foundation.errors import InputError
from text_to_image.runs.directory import RunDirectory
from text_to_image.training.loop import train

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(trained, tmp_path):
    """A copy of a run of three steps, below a folder whose name must be quoted."""
    return RunDirectory(shutil.copytree(trained, tmp_path / "it's a run" / "run"))


def hashes(folder):
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("steps", [3, 2, 1])
def test_fewer_steps_than_are_trained_change_nothing(run, replaced, steps, capsys):
    before = hashes(run.path)
    grid = train(replaced(steps=steps), run.path)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.endswith(f"already trained to step 3, --steps={steps}: nothing to do")
    assert hashes(run.path) == before
    assert grid.is_file()


def test_another_architecture_is_refused_before_that(run, replaced):
    before = hashes(run.path)
    with pytest.raises(InputError, match="--architecture was dcgan, now reed"):
        train(replaced(steps=1, architecture="reed"), run.path)
    assert hashes(run.path) == before


def test_an_unreadable_newest_checkpoint_is_no_reason_to_stop(run, replaced):
    (path,) = run.checkpoints.glob("ckpt-3.data*")
    path.write_bytes(path.read_bytes()[:1000])
    train(replaced(steps=2), run.path)
    assert "cannot be read" in run.log.read_text("utf-8")
    assert [record["step"] for record in run.read_metrics()] == [2]


def test_what_a_resume_changes_is_what_is_written(run, replaced):
    config = replaced(steps=4, log_every=1, batch_size=6, learning_rate=1e-4)
    train(config, run.path)
    assert run.flagfile.read_text("utf-8") == config.to_flagfile()
    assert run.read_description().config == config
    content = json.loads(run.config_json.read_text("utf-8"))
    before = replaced()
    assert content["changes"] == [
        {
            "step": 3,
            "flag": name,
            "before": getattr(before, name),
            "after": getattr(config, name),
        }
        for name in ("batch_size", "learning_rate")
    ]
    log = run.log.read_text("utf-8")
    assert f"From step 3 on: --batch_size=6 (it was {before.batch_size})." in log
    assert f"From step 3 on: --steps=4 (it was {before.steps})." in log
    # With nothing changed, nothing is written again.
    text = run.config_json.read_bytes()
    train(dataclasses.replace(config, steps=5), run.path)
    train(dataclasses.replace(config, steps=5), run.path)
    assert json.loads(text)["changes"] == content["changes"]
    assert [record["step"] for record in run.read_metrics()] == [2, 3, 4, 5]


def test_a_lower_rate_is_the_one_that_is_used(run, replaced, tmp_path):
    """From one checkpoint, a step a thousand times smaller moves weights less."""
    import numpy as np
    import tensorflow as tf

    def moved(folder, rate):
        shutil.copytree(run.path, folder)
        train(replaced(steps=4, learning_rate=rate), folder)
        name = "generator/variables_by_number/0/.ATTRIBUTES/VARIABLE_VALUE"
        first, last = (
            tf.train.load_variable(str(folder / f"checkpoints/ckpt-{step}"), name)
            for step in (3, 4)
        )
        return np.abs(last - first).mean()

    usual, small = moved(tmp_path / "a", 2e-4), moved(tmp_path / "b", 2e-7)
    assert usual / small == pytest.approx(1000, rel=0.1)


def test_other_sample_captions_are_written(run, replaced, tmp_path):
    captions = tmp_path / "captions.txt"
    captions.write_text("a red flower\na blue flower\n")
    train(replaced(steps=4, sample_captions_file=str(captions)), run.path)
    assert (run.samples / "captions.txt").read_text() == captions.read_text()


def test_samples_that_a_kill_left_out_are_made(run, replaced, trained):
    grid = run.samples / "step-000002.png"
    for step in (3,):
        for path in run.checkpoints.glob(f"ckpt-{step}.*"):
            path.unlink()
    grid.unlink()
    train(replaced(), run.path)
    assert grid.read_bytes() == (trained / "samples/step-000002.png").read_bytes()


def test_stray_files_of_killed_calls_are_removed(run, replaced):
    strays = [run.path / "incomplete.metrics", run.samples / "incomplete.x.png"]
    for path in strays:
        path.write_text("half")
    train(replaced(steps=4), run.path)
    assert not any(path.exists() for path in strays)


@pytest.mark.slow
def test_the_hint_of_a_stopped_extension_continues_it(run, replaced):
    config = replaced(steps=100_000, checkpoint_every=50_000, log_every=1)
    flagfile = run.path.parent / "more flags.cfg"
    flagfile.write_text(config.to_flagfile())
    process = subprocess.Popen(
        [sys.executable, "train.py", f"--flagfile={flagfile}", f"--workdir={run.path}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + 120
    while len(run.read_metrics()) < 5:  # past compilation
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    (line,) = [li for li in output.splitlines() if "Resume with: " in li]
    words = shlex.split(line.partition("Resume with: ")[2])
    stopped = run.read_metrics()[-1]["step"]
    assert f"Stopped at step {stopped} and saved" in line
    process = subprocess.Popen(
        [sys.executable, *words[1:]],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    while run.read_metrics()[-1]["step"] <= stopped:
        assert process.poll() is None and time.monotonic() < deadline + 120
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert f"at step {stopped}." in output
    steps = [record["step"] for record in run.read_metrics()]
    assert steps == sorted(set(steps)) and len(steps) >= stopped

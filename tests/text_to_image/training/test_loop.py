"""Training end to end: every variant, exact resume, and the rules of resuming."""

import dataclasses
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from foundation.atomic import sha256_of
from foundation.checkpoints import checkpoint_steps
from foundation.errors import InputError
from text_to_image import TextToImage
from text_to_image.runs.directory import RunDirectory
from text_to_image.training.loop import train

ROOT = Path(__file__).parents[3]


def weights_of(workdir, step):
    """All numbers of a checkpoint, by name."""
    reader = tf.train.load_checkpoint(str(workdir / f"checkpoints/ckpt-{step}"))
    names = reader.get_variable_to_shape_map()
    return {
        n: reader.get_tensor(n) for n in names if n != "_CHECKPOINTABLE_OBJECT_GRAPH"
    }


def lines_of(run):
    return (run / "metrics.jsonl").read_text("utf-8").splitlines()


def assert_same_weights(one, other, step):
    first, second = weights_of(one, step), weights_of(other, step)
    assert first.keys() == second.keys()
    assert len(first) > 100
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name], err_msg=name)


def test_a_run_leaves_what_is_documented(trained, tiny_config):
    assert checkpoint_steps(trained / "checkpoints") == [3, 2, 1]
    for name in ("config.json", "flags.cfg", "log.txt", "encoder/config.json"):
        assert (trained / name).is_file()
    for name in ("reals.png", "init.png", "step-000002.png", "captions.txt"):
        assert (trained / "samples" / name).is_file()
    records = [json.loads(line) for line in lines_of(trained)]
    assert [record["step"] for record in records] == [2, 3]
    assert np.isfinite(records[0]["loss/d"])
    assert any((trained / "tb").iterdir())
    flagfile = (trained / "flags.cfg").read_text()
    assert f"--gf={tiny_config.gf}\n" in flagfile


@pytest.mark.parametrize(
    "values",
    [
        {"architecture": "reed", "objective": "gan_int_cls"},
        {
            **{"noise": "uniform", "generator_steps": 2, "wrong_weight": 1.0},
            **{"update": "alternating", "mismatch": "image", "fresh_noise": False},
        },
        {
            **{"objective": "gan_int_cls", "interpolation_batch": "shared"},
            **{"update": "alternating", "captions_per_image": 4},
        },
        {"objective": "gan", "ema_decay": 0.0, "mixed_precision": "bfloat16"},
        {"mixed_precision": "float16"},
        {"objective": "gan_int", "interpolation_beta": "uniform", "text_norm": 5.0},
    ],
    ids=["reed", "neekhara", "torch", "bfloat16", "float16", "gan-int"],
)
@pytest.mark.slow
def test_variants_train_and_generate(replaced, tmp_path, values):
    train(replaced(**values), tmp_path / "run")
    images = TextToImage.load(tmp_path / "run").generate(["a red flower"], [0, 1])
    assert images.shape == (1, 2, 64, 64, 3)
    assert images.dtype == np.uint8
    assert not np.array_equal(images[0, 0], images[0, 1])


@pytest.mark.slow
def test_a_run_without_text_shows_other_noise_in_every_row(replaced, tmp_path):
    train(replaced(conditional=False, objective="gan"), tmp_path / "run")
    lines = (tmp_path / "run/samples/captions.txt").read_text().splitlines()
    assert lines[0] == "seeds 0-7"
    assert lines[-1] == "seeds 40-47"
    images = TextToImage.load(tmp_path / "run").generate_unconditional([0, 1])
    assert images.shape == (2, 64, 64, 3)
    assert not np.array_equal(images[0], images[1])


def test_interrupted_and_straight_runs_are_bit_identical(trained, replaced, tmp_path):
    resumed = tmp_path / "resumed"
    train(replaced(steps=1), resumed)
    train(replaced(steps=3, steps_per_call=3, checkpoint_every=3), resumed)
    assert_same_weights(trained, resumed, 3)


def start(config, workdir, **values):
    config = dataclasses.replace(config, **values)
    flagfile = workdir.with_suffix(".cfg")
    flagfile.write_text(config.to_flagfile())
    arguments = [f"--flagfile={flagfile}", f"--workdir={workdir}", "--deterministic"]
    return subprocess.Popen(
        [sys.executable, "train.py", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for_step(workdir, step, process):
    deadline = time.monotonic() + 120
    while max(checkpoint_steps(workdir / "checkpoints"), default=-1) < step:
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
def test_ten_kills_lose_nothing_that_was_saved(tiny_config, tmp_path):
    rng = random.Random(0)
    values = {"checkpoint_every": 1, "keep_checkpoints": 2, "sample_every": 0}
    killed = tmp_path / "killed"
    saved = -1
    for _ in range(10):
        process = start(tiny_config, killed, steps=2000, **values)
        wait_for_step(killed, saved + 1, process)
        time.sleep(rng.uniform(0, 0.4))  # likely within a save
        process.kill()
        process.communicate()
        steps = checkpoint_steps(killed / "checkpoints")
        assert steps[0] >= saved + 1
        saved = steps[0]
    end = saved + 3
    process = start(tiny_config, killed, steps=end, **values)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert f"Resuming {killed} at step {saved}" in output
    assert not list((killed / "checkpoints").glob("*_temp*"))
    process = start(tiny_config, tmp_path / "straight", steps=end, **values)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert_same_weights(killed, tmp_path / "straight", end)
    records = [json.loads(line) for line in lines_of(killed)]
    steps = [record["step"] for record in records]
    assert steps == sorted(set(steps))


@pytest.mark.slow
def test_sigterm_saves_and_names_the_command(tiny_config, tmp_path):
    workdir = tmp_path / "run"
    process = start(tiny_config, workdir, steps=100_000, checkpoint_every=50_000)
    wait_for_step(workdir, 0, process)
    time.sleep(8)  # past compilation: a signal is obeyed between calls
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    step = checkpoint_steps(workdir / "checkpoints")[0]
    assert 0 < step < 50_000
    assert f"Stopped at step {step}" in output
    assert f"train.py --flagfile={workdir}/flags.cfg --workdir={workdir}" in output


def copy_of(trained, tmp_path):
    return Path(shutil.copytree(trained, tmp_path / "copy"))


def damage_truncate(path):
    path.write_bytes(path.read_bytes()[:1000])


def damage_flip(path):
    # Every byte: a single one may lie in what a reader of G alone does not read.
    path.write_bytes(bytes(byte ^ 0xFF for byte in path.read_bytes()))


@pytest.mark.parametrize("damage", [damage_truncate, damage_flip, os.unlink])
@pytest.mark.parametrize("file", ["ckpt-3.data-00000-of-00001", "ckpt-3.index"])
def test_unreadable_newest_falls_back(trained, tmp_path, damage, file):
    run = copy_of(trained, tmp_path)
    damage(run / "checkpoints" / file)
    assert TextToImage.load(run).step == 2


def test_training_goes_on_from_the_one_before(trained, replaced, tmp_path):
    run = copy_of(trained, tmp_path)
    damage_truncate(run / "checkpoints/ckpt-3.data-00000-of-00001")
    train(replaced(keep_checkpoints=1), run)
    assert_same_weights(trained, run, 3)
    assert checkpoint_steps(run / "checkpoints") == [3]
    assert "ckpt-3 cannot be read" in (run / "log.txt").read_text("utf-8")


def test_no_readable_checkpoint_never_starts_anew(trained, tiny_config, tmp_path):
    run = copy_of(trained, tmp_path)
    for path in (run / "checkpoints").glob("*.data*"):
        damage_truncate(path)
    before = {path: path.read_bytes() for path in (run / "checkpoints").iterdir()}
    with pytest.raises(InputError, match="cannot be read"):
        train(tiny_config, run)
    assert before == {
        path: path.read_bytes() for path in (run / "checkpoints").iterdir()
    }


def test_lost_checkpoints_are_told_from_a_fresh_start(trained, tiny_config, tmp_path):
    run = copy_of(trained, tmp_path)
    for path in (run / "checkpoints").iterdir():
        path.unlink()
    with pytest.raises(InputError, match="tells of earlier training"):
        train(tiny_config, run)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"architecture": "reed"}, "--architecture was dcgan, now reed"),
        ({"seed": 1}, "--seed was 0, now 1"),
        ({"beta_1": 0.9}, "--beta_1 was 0.5, now 0.9"),
        (
            {"train_splits": "train,validation"},
            "--train_splits was train, now train,validation",
        ),
    ],
)
def test_another_configuration_is_not_resumed(trained, replaced, values, field):
    with pytest.raises(InputError, match=field):
        train(replaced(**values), trained)


def test_cache_of_another_encoder_is_not_resumed(trained, replaced, cache_copy):
    path = cache_copy / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["embedding"]["encoder_id"] = "0" * 64
    path.write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="cache encoder_id"):
        train(replaced(cache_dir=str(cache_copy)), trained)


def test_two_trainers_in_one_directory(trained, replaced, tmp_path):
    run = copy_of(trained, tmp_path)
    with RunDirectory(run).lock(), pytest.raises(InputError, match=str(os.getpid())):
        train(replaced(steps=4), run)


def test_non_finite_loss_stops_the_run(replaced, cache_copy, tmp_path):
    path = cache_copy / "train/embeddings.npy"
    vectors = np.load(path)
    vectors[:] = np.nan
    np.save(path, vectors)
    manifest = json.loads((cache_copy / "manifest.json").read_text())
    manifest["files"]["train/embeddings.npy"]["sha256"] = sha256_of(path)
    (cache_copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=r"loss/d is nan within steps 1-1"):
        train(replaced(cache_dir=str(cache_copy)), tmp_path / "run")
    assert checkpoint_steps(tmp_path / "run/checkpoints") == [0]


def test_a_garbled_state_file_and_torn_metrics_change_nothing(
    trained, replaced, tmp_path
):
    run = copy_of(trained, tmp_path)
    (run / "checkpoints/checkpoint").write_bytes(b"\0garbage")
    with open(run / "metrics.jsonl", "a") as file:
        file.write('{"step": 4, "los')
    train(replaced(steps=4), run)
    assert checkpoint_steps(run / "checkpoints")[0] == 4
    records = [json.loads(line) for line in lines_of(run)]
    assert [record["step"] for record in records] == [2, 3, 4]

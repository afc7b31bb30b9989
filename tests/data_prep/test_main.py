"""The command itself, in processes of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from skipthoughts.config import TrainingConfig

ROOT = Path(__file__).parents[2]
TINY = (
    "--encoder_kind=uni",
    "--encoder_dim=8",
    "--encoder_word_dim=6",
    "--encoder_steps=4",
)


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "data_prep", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def run(*arguments):
    process = start(*arguments)
    output, errors = process.communicate(timeout=300)
    return process.returncode, output, errors


def test_help_shows_commands_and_the_encoders_own_defaults():
    code, output, _ = run("--help")
    assert code == 0
    assert "python -m data_prep --dataset=rendered_flowers" in output
    assert "--manual_dir=downloads" in output
    defaults = dict(re.findall(r"^  --(\w+)=(.*)$", output, re.MULTILINE))
    training = TrainingConfig()
    fields = {
        "encoder_kind": training.encoder.kind,
        "encoder_dim": training.encoder.dim,
        "encoder_word_dim": training.encoder.word_dim,
        "encoder_steps": training.steps,
        "seed": training.seed,
    }
    assert {name: defaults[name] for name in fields} == {
        name: str(value) for name, value in fields.items()
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--cache_dir"),
        (("--cache_dir=x", "--dataset=birds"), "rendered_flowers"),
        (("--cache_dir=x", "--manuel_dir=y"), "manual_dir"),
        (("--cache_dir=x", "--encoder_steps=0"), "encoder_steps"),
        (("--cache_dir=x", "--max_bad_fraction=1.5"), "max_bad_fraction"),
    ],
)
def test_a_wrong_flag_is_explained(arguments, message):
    code, _, errors = run(*arguments)
    assert code == 1
    assert message in errors
    assert "Traceback" not in errors


def flags_of(archives, tmp_path, name):
    manual_dir = tmp_path / "manual"
    if not manual_dir.exists():
        archives(manual_dir)
    return (
        "--dataset=flowers102_captions",
        f"--manual_dir={manual_dir}",
        f"--cache_dir={tmp_path / name / 'cache'}",
        *TINY,
    )


@pytest.mark.slow
def test_mistakes_are_one_line(archives, tmp_path):
    flags = flags_of(archives, tmp_path, "a")
    (tmp_path / "manual/cvpr2016_flowers.tar.gz").unlink()
    (tmp_path / "file").write_text("")
    for arguments, message in (
        (flags, "no cvpr2016_flowers.tar.gz there"),
        ((*flags, f"--encoder={tmp_path}"), "config.json"),
        ((*flags, "--encoder_dim=7"), "expected an even number"),
        ((*flags, "surplus"), "expected flags only"),
        ((*flags, f"--data_dir={tmp_path}/file/tfds"), f"{tmp_path}/file"),
    ):
        code, _, errors = run(*arguments)
        assert code == 1
        assert "Traceback" not in errors
        lines = [line for line in errors.splitlines() if line.startswith("error: ")]
        assert len(lines) == 1
        assert message in lines[0]


@pytest.mark.slow
def test_killed_at_any_time_it_ends_with_the_same_bytes(archives, tmp_path, read_tree):
    code, output, _ = run(*flags_of(archives, tmp_path, "whole"))
    assert code == 0
    assert f"--cache_dir={tmp_path}/whole/cache" in output  # the next command
    whole = read_tree(tmp_path / "whole/cache")

    flags = flags_of(archives, tmp_path, "cut")
    unfinished = tmp_path / "cut/incomplete.cache"
    # In the middle of the images, after the encoder, in the middle of the vectors.
    for sign in ("train/incomplete.*", "encoder", "test/incomplete.*"):
        process = start(*flags)
        while process.poll() is None and not any(unfinished.glob(sign)):
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
    code, output, errors = run(*flags)
    assert code == 0, errors
    assert read_tree(tmp_path / "cut/cache") == whole
    names = {path.name for path in (tmp_path / "cut").iterdir()}
    assert names == {"cache", "tfds"}

    code, output, _ = run(*flags)
    assert code == 0
    assert "already there" in output


@pytest.mark.slow
def test_the_encoder_of_another_cache_can_be_used(archives, tmp_path, read_tree):
    assert run(*flags_of(archives, tmp_path, "a"))[0] == 0
    encoder = f"--encoder={tmp_path / 'a/cache/encoder'}"
    assert run(*flags_of(archives, tmp_path, "b"), encoder)[0] == 0
    first, second = (read_tree(tmp_path / name / "cache") for name in "ab")
    del first["manifest.json"], second["manifest.json"]  # they tell how it was made
    assert first == second

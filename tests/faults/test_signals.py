"""Ctrl-C and SIGTERM at any moment: one line, the exit code, nothing half-written."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals")


def commands(trained, tiny_config, folder):
    run, cache = f"--workdir={trained}", f"--cache_dir={tiny_config.cache_dir}"
    captions = folder / "captions.txt"
    captions.write_text("a red flower\na blue flower\n\na white flower\nit is white\n")
    return {
        "generate": [
            *("generate.py", run, "--seeds=0-9999", "--caption=a red flower"),
            f"--outdir={folder / 'images'}",
        ],
        "evaluate": ["evaluate.py", "colors", run, cache],
        "data_prep": [
            *("-m", "data_prep", f"--cache_dir={folder / 'cache'}"),
            *("--encoder_kind=uni", "--encoder_dim=16", "--encoder_word_dim=8"),
        ],
        "skipthoughts": [
            *("-m", "skipthoughts", "train", f"--captions={captions}"),
            *("--steps=100000", "--dim=16", "--word_dim=8", "--kind=uni"),
            f"--output={folder / 'encoder'}",
        ],
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", ["generate", "evaluate", "data_prep", "skipthoughts"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_line_and_nothing_half_written(
    name, number, trained, tiny_config, tmp_path
):
    arguments = commands(trained, tiny_config, tmp_path)[name]
    rng = random.Random(f"{name} {number}")
    for start in (0.5, 4.0):
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        time.sleep(start + rng.uniform(0, 2))
        if number == signal.SIGINT:  # a terminal sends it to all processes
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 128 + number, told
        assert "Traceback" not in told
        assert told.splitlines()[-1].startswith(f"stopped by {number.name}"), told
    left = [path for path in tmp_path.rglob("incomplete*") if path.is_file()]
    assert not left
    for output in ("encoder", "cache"):
        assert not (tmp_path / output).exists()

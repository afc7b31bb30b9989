"""2,000 damaged files, of every format that is read: each is read, or refused."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("fuzz.py")
SEED = int(os.environ.get("FUZZ_SEED", "0"))
CASES = {
    **{"npy": 250, "npz": 260, "description": 250, "metrics": 100},
    **{"word_vectors": 100, "binary_word_vectors": 100, "vocabulary": 100},
    **{"captions": 100, "images": 200, "tar": 60, "plain_tar": 100, "mat": 40},
    **{"pickled": 150, "h5": 40, "encoder_description": 40, "keras_file": 30},
    **{"checkpoint_index": 40, "checkpoint_data": 40},
}
assert sum(CASES.values()) == 2000


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="measures by POSIX")
@pytest.mark.parametrize("name", CASES)
def test_damaged_files_are_read_or_refused(name):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    result = subprocess.run(
        [sys.executable, SCRIPT, name, str(CASES[name]), str(SEED)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=60 + CASES[name],
    )
    told = [line for line in result.stdout.splitlines() if line.startswith("FAULT")]
    assert not told, "\n".join(told[:10])
    last = result.stdout.splitlines()[-1:]
    assert result.returncode == 0, f"{name}, {last}: {result.stderr[-2000:]}"
    assert last == [f"case {CASES[name] - 1}"]
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert after == before or after < 4 * 1024**2, f"{name}: {after:,} kB"

"""Known lines of TensorFlow are left out of standard error, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.quiet import NOISE

ROOT = Path(__file__).parents[2]
SCRIPT = """
import os, sys
from foundation.quiet import leave_out_noise
leave_out_noise()
os.write(2, b"I0000 00:00:1795766740.916458   28139 cudart_stub.cc:31] no drivers\\n")
print("from Python", file=sys.stderr)
os.write(2, b"from C++\\n")
os.write(2, b"E0000 00:00:1.2   9 executor.cc:5] out of memory\\n")
os.write(2, b"F0000 00:00:1.2   9 core.cc:5] a bug\\n")
if "crash" in sys.argv:
    os.abort()
"""


@pytest.mark.parametrize("end", ["", "crash"])
def test_what_is_not_known_is_kept(end):
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, end],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert (result.returncode == 0) == (end == "")
    lines = result.stderr.splitlines()
    assert sorted(lines) == [
        "E0000 00:00:1.2   9 executor.cc:5] out of memory",
        "F0000 00:00:1.2   9 core.cc:5] a bug",
        "from C++",
        "from Python",
    ]


@pytest.mark.parametrize(
    ("line", "is_noise"),
    [
        (b"WARNING: All log messages before absl::InitializeLog() is called", True),
        (b"2026-11-27 08:00:00.1: I tensorflow/core/util/port.cc:153] oneDNN", True),
        (b"E0000 00:00:1.2  9 cuda_platform.cc:52] failed call to cuInit: x", True),
        (b"W0000 00:00:1.2  9 gpu_device.cc:2341] Cannot dlopen some", True),
        (b"To enable the following instructions: AVX2 FMA, rebuild", True),
        (b"2026-11-27 08:00:00.1: E tensorflow/core/x.cc:1] no space left", False),
        (b"2026-11-27 08:00:00.1: F tensorflow/core/x.cc:1] Check failed", False),
        (b"Traceback (most recent call last):", False),
        (b"error: --seeds=x", False),
        (b"Illegal instruction (core dumped)", False),
    ],
)
def test_lines(line, is_noise):
    assert bool(NOISE.match(line)) == is_noise


@pytest.mark.slow
def test_generating_prints_only_what_is_ours(tmp_path):
    result = subprocess.run(
        [
            sys.executable,
            "generate.py",
            "--caption=a red flower",
            f"--outdir={tmp_path}",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"},
    )
    assert result.stderr == ""
    assert len(result.stdout.splitlines()) == 2

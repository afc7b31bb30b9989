"""Runs benchmarks as a user does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def benchmark_rows(tmp_path):
    """Returns a function of a benchmark and flags: its JSON rows and what it prints."""

    def run(name, *flags):
        path = tmp_path / "rows.jsonl"
        result = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}", *flags, f"--json={path}"],
            cwd=ROOT,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        fields = {"case", "rate", "unit", "gemm_ratio", "peer_ratio", "runs"}
        assert all(fields <= set(row) for row in rows)
        return rows, result.stdout

    return run

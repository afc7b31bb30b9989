"""The benchmark runs as a user runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_rows(tmp_path):
    path = tmp_path / "rows.jsonl"
    flags = ["--runs=2", "--batch_size=2", "--text_dim=3", "--width=2"]
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.train_step", *flags, f"--json={path}"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(rows) == 6
    for row in rows:
        assert row["case"] in result.stdout
        assert row["rate"] > 0
        assert 0 < row["gemm_ratio"] < 2
        assert row["unit"] == "images/s"
    assert {row["case"].split()[0] for row in rows} == {"dcgan", "reed"}

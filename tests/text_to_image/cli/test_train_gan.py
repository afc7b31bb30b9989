"""`train.py` as a user calls it."""

import pytest


@pytest.mark.slow
def test_train_mistakes(mistake, tmp_path):
    line = mistake("train.py", f"--workdir={tmp_path}/x", "--cache_dir=nowhere")
    assert "python -m data_prep" in line
    assert not (tmp_path / "x").exists()
    line = mistake("train.py", "--workdir=x", "--batchsize=3")
    assert "batch_size" in line  # absl suggests
    assert "--help" in line


@pytest.mark.slow
def test_dry_run_writes_nothing(call, tiny_cache, tmp_path):
    output = call(
        "train.py",
        "--dry_run",
        f"--cache_dir={tiny_cache}",
        f"--workdir={tmp_path}/x",
        "--batch_size=4",
    )
    assert "--architecture=reed" in output
    assert "parameters of G" in output
    assert not (tmp_path / "x").exists()

"""Rates of a run follow from what its blocks and pieces took."""

import pytest

from benchmarks.run_speed import RunSpeed, run_beside_bare
from benchmarks.synthetic import write_cache
from text_to_image import Config


def test_a_block_bears_its_share_of_grids_and_checkpoints():
    speed = RunSpeed(
        batch_size=8,
        bare=[2.0, 4.0],
        run=[2.5, 4.5],
        samples=[5.0, 5.0],  # a 50th of it in each block of 10 steps
        checkpoints=[10.0, 10.0],  # a 25th
        reported=[40.0, 20.0],
    )
    assert speed.bare_rates() == [40.0, 20.0]
    assert speed.run_rates() == pytest.approx([80 / 3.0, 80 / 5.0])
    assert speed.status_lines() == pytest.approx([0.5, 0.5])


def test_every_turn_has_all_pieces(tmp_path, capsys):
    config = Config(
        cache_dir=str(write_cache(tmp_path / "cache", 8, 4)),
        architecture="dcgan",
        kernel_size=4,
        gf=2,
        df=2,
        batch_size=4,
    )
    speed = run_beside_bare(config, 2)
    assert "step 30/30" in capsys.readouterr().out  # train() was what ran
    assert speed.batch_size == 4
    for piece in ("bare", "run", "samples", "checkpoints", "reported"):
        assert len(getattr(speed, piece)) == 2
        assert min(getattr(speed, piece)) > 0
    # A block is its steps, and what is done after them.
    assert min(speed.status_lines()) > 0

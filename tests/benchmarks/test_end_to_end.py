"""The benchmark runs as a user runs it."""

import pytest


@pytest.mark.slow
def test_rows(benchmark_rows):
    rows, text = benchmark_rows(
        "end_to_end",
        *("--precision=float32", "--steps=20"),
        *("--batch_size=4", "--text_dim=4", "--width=2"),
    )
    cases = ("train.py", "reported", "bare step")
    pieces = ("status line", "sample grid", "checkpoint")
    assert [row["case"] for row in rows] == [
        f"dcgan4 float32 {case}" for case in (*cases, *pieces)
    ]
    assert [row["unit"] for row in rows] == ["images/s"] * 3 + ["s"] * 3
    assert all(row["rate"] > 0 and row["runs"] == 2 for row in rows)
    trained, reported, bare, *_ = rows
    for row in (trained, reported):
        assert row["peer_ratio"] == row["rate"] / bare["rate"]
    assert trained["rate"] < reported["rate"]  # it bears more of the same time
    assert "step 30/30" in text

"""The benchmark runs as a user runs it."""

import importlib.util

import pytest


def check(rows, text):
    for row in rows:
        assert row["case"] in text
        assert row["rate"] > 0
        assert row["gemm_ratio"] > 0
        assert (row["unit"], row["runs"]) == ("images/s", 2)


TINY = ("--runs=2", "--batch_size=4", "--text_dim=3", "--width=2", "--nocompile")


@pytest.mark.slow
def test_rows(benchmark_rows):
    chosen = "--precision=float32", "--update=simultaneous"
    rows, text = benchmark_rows("train_step", *TINY, *chosen)
    check(rows, text)
    ours = [row["case"] for row in rows if "torch" not in row["case"]]
    networks = ("dcgan4", "dcgan5", "reed")
    assert ours == [f"{network} float32 simultaneous" for network in networks]
    if importlib.util.find_spec("torch") is None:
        assert len(rows) == 3
        assert all(row["peer_ratio"] is None for row in rows)
        assert 'pip install -e ".[bench]"' in text


@pytest.mark.slow
def test_chosen_rows_beside_torch(benchmark_rows):
    pytest.importorskip("torch")
    chosen = "--architecture=dcgan4", "--precision=bfloat16", "--update=alternating"
    rows, text = benchmark_rows("train_step", *TINY, *chosen)
    check(rows, text)
    ours, eager = rows
    assert ours["case"] == "dcgan4 bfloat16 alternating"
    assert eager["case"] == "dcgan4 bfloat16 alternating torch eager"
    assert ours["peer_ratio"] == pytest.approx(ours["rate"] / eager["rate"])
    assert eager["peer_ratio"] is None

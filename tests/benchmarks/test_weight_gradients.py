"""The benchmark runs as a user runs it."""

import pytest


@pytest.mark.slow
def test_rows(benchmark_rows):
    tiny = "--runs=2", "--batch_size=2", "--divisor=64", "--precision=float32"
    rows, text = benchmark_rows("weight_gradients", *tiny)
    assert len(rows) == 12
    for product, kernel in zip(rows[::2], rows[1::2], strict=True):
        assert product["case"] in text
        assert kernel["case"] in text
        ratio = product["rate"] / kernel["rate"]
        assert product["peer_ratio"] == pytest.approx(ratio)
        assert kernel["peer_ratio"] is None

"""The benchmark runs as a user runs it."""

import pytest


@pytest.mark.slow
def test_rows(benchmark_rows):
    rows, _ = benchmark_rows(
        "startup",
        *("--runs=2", "--architecture=dcgan4"),
        *("--batch_size=4", "--text_dim=3", "--width=2"),
    )
    cases = [
        "import of TensorFlow and Keras",
        "import of the training loop",
        "networks, data to the device",
        "trace and first step",
        "all until then",
        "second step",
    ]
    assert [row["case"] for row in rows] == cases
    assert all(row["rate"] > 0 for row in rows)
    assert all((row["unit"], row["runs"]) == ("s", 2) for row in rows)
    *parts, whole, _ = (row["rate"] for row in rows)
    assert whole == pytest.approx(sum(parts))  # medians of two are means

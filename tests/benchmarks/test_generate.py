"""The benchmark runs as a user runs it."""

import pytest

from benchmarks.synthetic import write_cache, write_run
from text_to_image import Config, TextToImage


def test_a_made_up_run_generates(tmp_path):
    cache = write_cache(tmp_path / "cache", 8, 4)
    config = Config(
        cache_dir=str(cache), architecture="dcgan", gf=2, df=2, batch_size=8
    )
    model = TextToImage.load(write_run(tmp_path / "run", config))
    assert model.step == 0
    assert len(model.encoder.vocabulary) == 3500
    assert not model.encoder.unknown_words("a red flower")
    assert model.generate(["a red flower"], [0, 1]).shape == (1, 2, 64, 64, 3)


@pytest.mark.slow
def test_rows(benchmark_rows):
    rows, _ = benchmark_rows(
        "generate",
        *("--runs=2", "--starts=2"),
        *("--architecture=dcgan4", "--width=2", "--encoder_dim=4"),
    )
    warm = ["captions x seeds: 1 x 8", "captions x seeds: 64 x 1"]
    cold = ["cold start to PNG", "import of TensorFlow and Keras", "our own code"]
    assert [row["case"] for row in rows] == warm + cold
    assert [row["unit"] for row in rows] == ["captions/s"] * 2 + ["s"] * 3
    assert all(row["runs"] == 2 for row in rows)
    start, libraries, own = (row["rate"] for row in rows[2:])
    assert min(start, libraries, *(row["rate"] for row in rows[:2])) > 0
    assert own == pytest.approx(start - libraries)  # medians of two are means

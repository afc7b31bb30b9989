"""The benchmark runs as a user runs it, and its peer decodes as ours does."""

import io

import numpy as np
import pytest
from PIL import Image

from benchmarks.pillow_peer import decode
from benchmarks.synthetic import photographs
from data_prep import images


def test_made_up_photographs_are_as_those_of_flowers():
    files = photographs(4)
    assert len(set(files)) == 4
    for content in files:
        assert 20_000 < len(content) < 80_000
        width, height = Image.open(io.BytesIO(content)).size
        assert 500 <= max(width, height) <= 700


def test_the_peer_gives_the_same_pictures_where_it_decodes_as_many_pixels(tmp_path):
    path = tmp_path / "photograph.jpg"
    for content in photographs(3):
        path.write_bytes(content)
        # 500 pixels and more: an eighth is too few for both.
        np.testing.assert_array_equal(decode(path, 76), images.decode(content))


@pytest.mark.slow
@pytest.mark.parametrize("given", [False, True])
def test_rows(benchmark_rows, tmp_path, given):
    flags = []
    if given:
        for i, content in enumerate(photographs(3)):
            (tmp_path / f"{i}.JPG").write_bytes(content)
        flags = [f"--images={tmp_path}"]
    rows, text = benchmark_rows("input", "--count=9", "--runs=2", *flags)
    assert all((row["unit"], row["runs"]) == ("images/s", 2) for row in rows)
    ours, theirs = rows
    assert ours["case"].startswith("data_prep")
    assert ours["peer_ratio"] == pytest.approx(ours["rate"] / theirs["rate"])
    # The same pixels, so both lose as much.
    losses = text.rpartition("by rows: ")[2].split(", ")
    assert float(losses[0]) == float(losses[1])

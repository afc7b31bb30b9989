"""Text files of a cache's captions, as `python -m skipthoughts` reads them."""

import itertools
import json

import numpy as np

from data_prep.caption_files import write_caption_files
from skipthoughts.text_files import read_groups, read_lines


def test_files_hold_every_caption_with_its_image_and_class(tiny_cache, tmp_path):
    files = write_caption_files(tiny_cache, tmp_path / "new" / "captions")
    assert len(files) == 6
    for split in ("train", "validation", "test"):
        folder = tiny_cache / split
        captions = json.loads((folder / "captions.json").read_text())
        offsets = np.load(folder / "caption_offsets.npy")
        images = [captions[a:b] for a, b in itertools.pairwise(offsets)]
        written = tmp_path / "new" / "captions"
        assert read_groups(written / f"{split}.captions.txt") == images
        classes = read_lines(written / f"{split}.classes.txt")
        np.testing.assert_array_equal(
            [int(c) for c in classes], np.load(folder / "labels.npy")
        )

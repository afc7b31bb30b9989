"""Writes the captions of a cache as text files, for `python -m skipthoughts`."""

import itertools
from pathlib import Path

import numpy as np

from data_prep.examples import read_captions
from foundation.atomic import write_text


def write_caption_files(cache_dir: Path, directory: Path) -> list[Path]:
    """Writes `SPLIT.captions.txt` and `SPLIT.classes.txt` for each split.

    Args:
        cache_dir: a finished cache.
        directory: where to; made if it is missing.

    Returns:
        The files: one caption a line with a blank line between images, and one class a
        line for each image.
    """
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for folder in sorted(path.parent for path in cache_dir.glob("*/labels.npy")):
        captions = [" ".join(caption.split()) for caption in read_captions(folder)]
        offsets = np.load(folder / "caption_offsets.npy", allow_pickle=False)
        labels = np.load(folder / "labels.npy", allow_pickle=False)
        images = [
            "\n".join(captions[first:last]) + "\n"
            for first, last in itertools.pairwise(offsets)
        ]
        for kind, lines in (
            ("captions", "\n".join(images)),
            ("classes", "".join(f"{label}\n" for label in labels)),
        ):
            path = directory / f"{folder.name}.{kind}.txt"
            write_text(path, lines)
            written.append(path)
    return written

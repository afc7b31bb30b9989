"""Decodes JPEG files by Pillow alone, in processes: the peer of `data_prep`'s decoder.

It imports nothing of ours: each process does.
"""

from pathlib import Path

import numpy as np
from PIL import Image


def decode(path: Path, size: int) -> np.ndarray:
    """Decodes a JPEG file at a fraction of its size and resizes it.

    Args:
        path: of the file.
        size: pixels a side of the result, and that the JPEG library's own scaling must
            leave.

    Returns:
        uint8 `[size, size, 3]`.
    """
    with Image.open(path) as image:
        image.draft("RGB", (size, size))
        resized = image.convert("RGB").resize((size, size), Image.Resampling.BICUBIC)
        return np.asarray(resized)

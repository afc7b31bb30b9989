"""Animated GIFs of images that change step by step."""

from pathlib import Path

import numpy as np
from PIL import Image

from foundation.atomic import new_file

_SCALE = 2  # as grids are shown
_STEP_MS = 100  # a GIF counts in steps of 10 ms; browsers slow down what is below 20
_END_MS = 600  # the ends are what the user asked for: they stay longer


def write_gif(frames: np.ndarray, path: str | Path) -> None:
    """Writes a GIF that goes from the first frame to the last and back, for ever.

    All frames share one palette of 256 colors, chosen from all of them and applied
    without dithering: colors that do not change do not flicker. Each frame is shown
    for 0.1 s, the first and the last for 0.6 s, at twice its size. Of equal frames
    that follow each other Pillow writes one, which stays as long as all of them.

    Args:
        frames: uint8 `[frames, H, W, 3]`, at least one.
        path: of the file, which is written whole or not at all.
    """
    count, height, width, _ = frames.shape
    quantized = Image.fromarray(frames.reshape(count * height, width, 3)).quantize(
        256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
    )
    palette = quantized.getpalette()
    assert palette is not None  # quantize makes one
    indices = np.asarray(quantized).reshape(count, height, width)
    indices = indices.repeat(_SCALE, axis=1).repeat(_SCALE, axis=2)
    there = list(range(count))
    order = there + there[-2:0:-1]
    images = []
    for index in order:
        image = Image.fromarray(indices[index])
        image.putpalette(palette)
        images.append(image)
    durations = [_END_MS if i in (0, count - 1) else _STEP_MS for i in order]
    with new_file(path) as file:
        images[0].save(
            file,
            format="GIF",
            save_all=True,
            append_images=images[1:],
            duration=durations,
            loop=0,
            optimize=False,
        )

"""Reads photographs of any kind, but none made to fill the memory."""

from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image


def open_image(file: str | Path | IO[bytes]) -> Image.Image:
    """Opens an image as `PIL.Image.open` does, and asks for its size.

    Pillow itself warns and goes on. Making its warning an error would change the
    filters of warnings, which are the process's and no thread's own.

    Raises:
        Image.DecompressionBombError: more than `Image.MAX_IMAGE_PIXELS`, 89 million.
        OSError: as of Pillow, of what is not an image.
    """
    try:
        image = Image.open(file)
    except Image.DecompressionBombWarning as warning:  # an error by Python's -W
        raise Image.DecompressionBombError(str(warning)) from warning
    pixels, most = image.width * image.height, Image.MAX_IMAGE_PIXELS
    if most is not None and pixels > most:
        image.close()
        raise Image.DecompressionBombError(
            f"Image size ({pixels} pixels) exceeds limit of {most} pixels, could be "
            "decompression bomb DOS attack."
        )
    return image


def to_rgb(image: Image.Image) -> Image.Image:
    """Converts an image of any mode to RGB; what is transparent becomes white.

    Raises:
        ValueError: it has 32 bits a channel, whole or floating-point numbers, whose
            white is not known; or 16 that are not from 0 to 65,535.
    """
    if image.mode == "F" or (image.mode == "I" and not _fits_16_bits(image)):
        raise ValueError(
            f"32 bits a channel (mode {image.mode}), whose range is unknown; expected "
            "8 or 16 bits"
        )
    if image.mode.startswith("I"):  # 16 bits a channel, which "RGB" would clip
        image = image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image if image.mode == "RGB" else image.convert("RGB")  # a copy costs time


def _fits_16_bits(image: Image.Image) -> bool:
    lowest, highest = np.asarray(image).min(), np.asarray(image).max()
    # With all of it below 256, the rule of 16 bits would make it black.
    return bool(lowest >= 0 and highest < 1 << 16 and not 0 < highest < 256)

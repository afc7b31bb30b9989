"""Reads photographs of any kind, but none made to fill the memory."""

from pathlib import Path
from typing import IO

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
    """Converts an image of any mode to RGB; what is transparent becomes white."""
    if image.mode.startswith("I"):  # 16 bits a channel, which "RGB" would clip
        image = image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image if image.mode == "RGB" else image.convert("RGB")  # a copy costs time

"""Decodes pictures of any kind to one size."""

import io

import numpy as np
from PIL import Image, ImageOps

SIZE = 76  # pixels; training crops 64 of them at random (Sec. 5)


def decode(content: bytes) -> np.ndarray:
    """Decodes and resizes a picture, ignoring its aspect ratio as the paper's code.

    Args:
        content: a file that Pillow reads, in any mode; EXIF rotation is applied.

    Returns:
        uint8 `[76, 76, 3]`.

    Raises:
        ValueError: it cannot be decoded whole.
    """
    try:
        with Image.open(io.BytesIO(content)) as image:
            # Lets the JPEG library decode at 1/2, 1/4 or 1/8, never below two pixels
            # for one of ours, so that the resampling below still sees enough.
            image.draft("RGB", (2 * SIZE, 2 * SIZE))
            image = ImageOps.exif_transpose(image)
            if image.mode.startswith("I"):  # 16 bits a channel
                image = image.point(lambda value: value / 256).convert("L")
            image = image.convert("RGB")
            return np.asarray(image.resize((SIZE, SIZE), Image.Resampling.BICUBIC))
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"cannot be decoded ({error})") from error

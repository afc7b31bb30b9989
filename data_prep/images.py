"""Decodes pictures of any kind to one size."""

import io
import warnings

import numpy as np
from PIL import Image, ImageOps

SIZE = 76  # pixels; training crops 64 of them at random (Sec. 5)


def decode(content: bytes) -> np.ndarray:
    """Decodes and resizes a picture, ignoring its aspect ratio as the paper's code.

    Args:
        content: a file that Pillow reads, in any mode; EXIF rotation is applied, of an
            animation the first frame is taken, transparency becomes white.

    Returns:
        uint8 `[76, 76, 3]`.

    Raises:
        ValueError: it cannot be decoded whole, or has more than 89 million pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as image:
                if image.format == "JPEG" and not _has_jpeg_end(content):
                    raise ValueError("JPEG file is truncated")
                # Lets the JPEG library decode at 1/2, 1/4 or 1/8, never below two
                # pixels for one of ours, so that the resampling still sees enough.
                image.draft("RGB", (2 * SIZE, 2 * SIZE))
                rgb = _as_rgb(ImageOps.exif_transpose(image))
        return np.asarray(rgb.resize((SIZE, SIZE), Image.Resampling.BICUBIC))
    # On damaged files Pillow raises nearly anything (struct.error, IndexError, …).
    except Exception as error:
        reason = "cannot be decoded"
        if not content:
            raise ValueError(f"{reason} (empty file)") from error
        if isinstance(error, Image.UnidentifiedImageError):
            raise ValueError(f"{reason} (not an image)") from error
        raise ValueError(f"{reason} ({error})") from error


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a channel, which "RGB" would clip
        image = image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


def _has_jpeg_end(content: bytes) -> bool:
    """Tells whether an end marker follows the last scan; Pillow does not ask for it.

    Within a scan the bytes FF D9 cannot occur, and what cameras append may follow.
    """
    return content.rfind(b"\xff\xd9") > content.rfind(b"\xff\xda")

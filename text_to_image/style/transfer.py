"""The style of a photograph, the content of a caption (Sec. 4.4): G(S(x), phi(t))."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from foundation.boundary import open_regular
from foundation.errors import InputError
from foundation.photographs import open_image, to_rgb
from skipthoughts.sentence_check import sentences_of
from text_to_image.data.crops import center_crop
from text_to_image.generation.text_to_image import TextToImage
from text_to_image.style.inversion import StyleReader

_SIZE = 76  # pixels of the data set's images, of which 64 are seen (Sec. 5)


def transfer(
    model: TextToImage,
    style_encoder: StyleReader,
    style_images: np.ndarray,
    captions: Sequence[str],
) -> np.ndarray:
    """Generates each caption in the style of each image: s = S(x), G(s, phi(t)).

    Args:
        model: a trained run.
        style_encoder: what `load_style_encoder` gives for it.
        style_images: uint8 `[K, 64, 64, 3]`, as of `read_style_image`.
        captions: sentences.

    Returns:
        uint8 `[K, captions, 64, 64, 3]`.

    Raises:
        InputError: no images, no captions, or an empty caption.
    """
    captions = sentences_of(captions)
    if not captions or not len(style_images):
        raise InputError(
            f"{len(style_images)} style images and {len(captions)} captions, expected "
            'at least one of each: --style_image=photo.jpg --caption="a pink flower"'
        )
    s = style_encoder.styles(style_images)  # [K, Z]
    images = model.generate_from(
        np.repeat(s, len(captions), axis=0),
        np.tile(model.embed(captions), (len(s), 1)),
    )
    return images.reshape(len(s), len(captions), *images.shape[1:])


def read_style_image(path: str | Path) -> np.ndarray:
    """Reads a photograph as the images of the data set were read.

    Args:
        path: a file that Pillow reads, of any size and mode; EXIF rotation is applied,
            transparency becomes white.

    Returns:
        The center of it, uint8 `[64, 64, 3]`: 64 of 76 pixels either way, whatever the
        aspect ratio, as in the paper's code.

    Raises:
        InputError: it is missing, not an image, damaged, or has more than 89 million
            pixels.
    """
    expected = "expected an image file, as --style_image=photo.jpg"
    try:
        with open_regular(path) as file, open_image(file) as image:
            # The JPEG library shrinks by 2, 4 or 8 first, as for the data set.
            image.draft("RGB", (2 * _SIZE, 2 * _SIZE))
            rgb = to_rgb(ImageOps.exif_transpose(image))
    except FileNotFoundError as error:
        raise InputError(f"--style_image={path}: no such file; {expected}") from error
    except Image.UnidentifiedImageError as error:
        raise InputError(f"--style_image={path}: not an image; {expected}") from error
    except Image.DecompressionBombError as error:
        raise InputError(
            f"--style_image={path}: too large ({error}); save it smaller, 64 pixels "
            "either way are used"
        ) from error
    # On damaged files Pillow raises nearly anything (struct.error, IndexError, …).
    except Exception as error:
        raise InputError(
            f"--style_image={path}: cannot be read ({error}); {expected}"
        ) from error
    pixels = np.asarray(rgb.resize((_SIZE, _SIZE), Image.Resampling.BICUBIC))
    return center_crop(pixels[None])[0]

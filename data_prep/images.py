"""Decodes images of any kind to one size, on all cores."""

import collections
import io
import itertools
import os
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from PIL import Image, ImageOps

from foundation.photographs import open_image, to_rgb

SIZE = 76  # pixels; training crops 64 of them at random (Sec. 5)
# What the JPEG library's own scaling must leave: so much that the resampling still sees
# more than it gives, and little enough that nine tenths of a photograph's pixels need
# not be computed. From whole decoding its images differ by 1.4 of 255 on average.
_LEAST = SIZE * 3 // 2
_CHUNK = 8  # images a task, so that handing tasks over costs little


def decode(content: bytes) -> np.ndarray:
    """Decodes and resizes an image, ignoring its aspect ratio as the paper's code.

    Args:
        content: a file that Pillow reads, in any mode; EXIF rotation is applied, of an
            animation the first frame is taken, transparency becomes white.

    Returns:
        uint8 `[76, 76, 3]`.

    Raises:
        ValueError: it cannot be decoded whole, or has more than 89 million pixels.
    """
    try:
        with open_image(io.BytesIO(content)) as image:
            if image.format == "JPEG" and not _has_jpeg_end(content):
                raise ValueError("JPEG file is truncated")
            image.draft("RGB", (_LEAST, _LEAST))  # decodes at 1/1, 1/2, 1/4 or 1/8
            ImageOps.exif_transpose(image, in_place=True)
            rgb = to_rgb(image)
            return np.asarray(rgb.resize((SIZE, SIZE), Image.Resampling.BICUBIC))
    # On damaged files Pillow raises nearly anything (struct.error, IndexError, …).
    except Exception as error:
        reason = "cannot be decoded"
        if not content:
            raise ValueError(f"{reason} (empty file)") from error
        if isinstance(error, Image.UnidentifiedImageError):
            raise ValueError(f"{reason} (not an image)") from error
        raise ValueError(f"{reason} ({error})") from error


def decode_all(
    contents: Iterable[bytes], workers: int | None = None
) -> Generator[np.ndarray | ValueError]:
    """Decodes images as `decode` does, many at a time.

    Threads are enough: Pillow lets go of the interpreter while it decodes and resizes.
    `contents` is read only as far ahead as keeps them busy, in the calling thread.

    Args:
        contents: files, as for `decode`.
        workers: threads; None: one a core.

    Yields:
        In the order of `contents`, uint8 `[76, 76, 3]`, or the error of a bad image.
    """
    workers = workers or os.cpu_count() or 1
    remaining = iter(contents)
    pending: collections.deque[Future[list[np.ndarray | ValueError]]]
    pending = collections.deque()
    with ThreadPoolExecutor(workers, "decode") as pool:
        while chunk := list(itertools.islice(remaining, _CHUNK)):
            pending.append(pool.submit(_decode_each, chunk))
            if len(pending) > 2 * workers:
                yield from pending.popleft().result()
        while pending:
            yield from pending.popleft().result()


def _decode_each(contents: list[bytes]) -> list[np.ndarray | ValueError]:
    results: list[np.ndarray | ValueError] = []
    for content in contents:
        try:
            results.append(decode(content))
        except ValueError as error:
            results.append(error)
    return results


def _has_jpeg_end(content: bytes) -> bool:
    """Tells whether an end marker follows the last scan; Pillow does not ask for it.

    Within a scan the bytes FF D9 cannot occur, and what cameras append may follow.
    """
    end = content.rfind(b"\xff\xd9")
    return end >= 0 and content.find(b"\xff\xda", end) < 0

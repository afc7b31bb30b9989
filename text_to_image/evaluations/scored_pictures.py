"""The pictures that are scored: one of each drawn caption, and many of a few."""

import dataclasses

import numpy as np
from tqdm import tqdm

from foundation.errors import InputError
from text_to_image.data.cache import Split
from text_to_image.data.crops import center_crop
from text_to_image.evaluations.picture_groups import SAMPLES, draw_class_groups
from text_to_image.generation.fixed_batches import BATCH
from text_to_image.generation.text_to_image import TextToImage

LEAST = 10  # pictures: an inception score is of ten parts
_SAMPLED_CAPTIONS = 32
_SEEDS = 2**31


@dataclasses.dataclass(frozen=True)
class ScoredPictures:
    """N real images of a split, a caption of each, and a picture of each caption.

    Attributes:
        rows: int64 `[N]`, numbers of the images in the split, none twice.
        caption_rows: int64 `[N]`, numbers of the captions in the split.
        captions: the N captions.
        real: the images' central 64 pixels, uint8 `[N, 64, 64, 3]`.
        generated: uint8 `[N, 64, 64, 3]`.
        samples: of the first captions with the same 8 noises each, uint8
            `[captions, 8, 64, 64, 3]`.
        class_rows: numbers of real images, as many of every class, int64
            `[classes, up to 8]`.
    """

    rows: np.ndarray
    caption_rows: np.ndarray
    captions: list[str]
    real: np.ndarray
    generated: np.ndarray
    samples: np.ndarray
    class_rows: np.ndarray


def paint_scored_pictures(
    model: TextToImage, split: Split, num_images: int, seed: int
) -> ScoredPictures:
    """Draws images without repetition, a caption of each, and paints the captions.

    Args:
        model: a trained run that reads captions.
        split: whose images and captions.
        num_images: N; fewer where the split has fewer.
        seed: which images, captions and noises.

    Raises:
        InputError: a run that reads no captions, too few images, or pictures that are
            not finite.
    """
    count = count_scored(model, split, num_images)
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(split.images), count, replace=False)
    offsets = np.asarray(split.caption_offsets)
    caption_rows = rng.integers(offsets[rows], offsets[rows + 1])
    seeds, shared = rng.integers(_SEEDS, size=count), rng.integers(_SEEDS, size=SAMPLES)
    sampled = caption_rows[:_SAMPLED_CAPTIONS]
    painted = _paint(
        model,
        split,
        np.concatenate([caption_rows, np.repeat(sampled, SAMPLES)]),
        np.concatenate([seeds, np.tile(shared, len(sampled))]),
    )
    samples = painted[count:]
    return ScoredPictures(
        rows=rows,
        caption_rows=caption_rows,
        captions=[split.captions[i] for i in caption_rows],
        real=center_crop(split.images[rows]),
        generated=painted[:count],
        samples=samples.reshape(len(sampled), SAMPLES, *samples.shape[1:]),
        class_rows=draw_class_groups(np.asarray(split.labels), SAMPLES, rng),
    )


def count_scored(model: TextToImage, split: Split, num_images: int) -> int:
    """Returns how many pictures of a split are scored, when so many are asked for.

    Raises:
        InputError: a run that reads no captions, or too few images.
    """
    if not model.description.config.conditional:
        raise InputError(
            "the run was trained with --noconditional, expected one that reads "
            "captions, of which scores are"
        )
    count = min(num_images, len(split.images))
    if count < LEAST:
        raise InputError(
            f"{count} pictures, expected at least {LEAST}: a larger --num_images, or a "
            "split with more images"
        )
    return count


def _paint(
    model: TextToImage, split: Split, caption_rows: np.ndarray, seeds: np.ndarray
) -> np.ndarray:
    """Paints captions of a split by their vectors in the cache, as training does."""
    pictures = []
    starts = range(0, len(seeds), BATCH)
    for start in tqdm(starts, "painting", unit="batch", disable=None):
        some = slice(start, start + BATCH)
        z = model.noise(seeds[some].tolist())
        pictures.append(model.paint(z, split.embeddings[caption_rows[some]]))
    return np.concatenate(pictures)

"""The images that are scored: one of each drawn caption, and many of a few."""

import dataclasses

import numpy as np
from tqdm import tqdm

from foundation.errors import InputError
from text_to_image.config import Config
from text_to_image.data.cache import Split
from text_to_image.data.crops import center_crop
from text_to_image.evaluations.image_groups import SAMPLES, draw_class_groups
from text_to_image.generation.fixed_batches import BATCH
from text_to_image.generation.text_to_image import TextToImage

LEAST = 10  # images: an inception score is of ten parts
_SAMPLED_CAPTIONS = 32
_SEEDS = 2**31


@dataclasses.dataclass(frozen=True)
class ScoredImages:
    """N real images of a split, a caption of each, and an image of each caption.

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


def generate_scored_images(
    model: TextToImage, split: Split, num_images: int, seed: int
) -> ScoredImages:
    """Draws images without repetition, a caption of each, and generates the captions.

    Args:
        model: a trained run that reads captions.
        split: whose images and captions.
        num_images: N; fewer where the split has fewer.
        seed: which images, captions and noises.

    Raises:
        InputError: a run that reads no captions, too few images, or images that are
            not finite.
    """
    count = count_scored(model.description.config, split, num_images)
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(split.images), count, replace=False)
    offsets = np.asarray(split.caption_offsets)
    caption_rows = rng.integers(offsets[rows], offsets[rows + 1])
    seeds, shared = rng.integers(_SEEDS, size=count), rng.integers(_SEEDS, size=SAMPLES)
    sampled = caption_rows[:_SAMPLED_CAPTIONS]
    generated = _generate(
        model,
        split,
        np.concatenate([caption_rows, np.repeat(sampled, SAMPLES)]),
        np.concatenate([seeds, np.tile(shared, len(sampled))]),
    )
    samples = generated[count:]
    return ScoredImages(
        rows=rows,
        caption_rows=caption_rows,
        captions=[split.captions[i] for i in caption_rows],
        real=center_crop(split.images[rows]),
        generated=generated[:count],
        samples=samples.reshape(len(sampled), SAMPLES, *samples.shape[1:]),
        class_rows=draw_class_groups(np.asarray(split.labels), SAMPLES, rng),
    )


def count_scored(config: Config, split: Split, num_images: int) -> int:
    """Returns how many images of a split are scored, when so many are asked for.

    Raises:
        InputError: a run that reads no captions, or too few images.
    """
    if not config.conditional:
        raise InputError(
            "the run was trained with --noconditional, expected one that reads "
            "captions, of which scores are"
        )
    count = min(num_images, len(split.images))
    if count < LEAST:
        raise InputError(
            f"{count} images, expected at least {LEAST}: a larger --num_images, or a "
            "split with more images"
        )
    return count


def _generate(
    model: TextToImage, split: Split, caption_rows: np.ndarray, seeds: np.ndarray
) -> np.ndarray:
    """Generates captions of a split by their vectors in the cache, as training does."""
    images = []
    starts = range(0, len(seeds), BATCH)
    for start in tqdm(starts, "generating", unit="batch", disable=None):
        some = slice(start, start + BATCH)
        z = model.noise(seeds[some].tolist())
        images.append(model.generate_from(z, split.embeddings[caption_rows[some]]))
    return np.concatenate(images)

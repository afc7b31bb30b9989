"""Scores that need no network: colors, attributes, and how much samples differ."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from foundation.errors import InputError
from text_to_image.data.cache import Cache, Split
from text_to_image.data.crops import center_crop
from text_to_image.evaluations.image_groups import across_captions, groups_protocol
from text_to_image.evaluations.score import Score
from text_to_image.evaluations.scored_images import ScoredImages
from text_to_image.metrics.colors import petal_color
from text_to_image.metrics.colors.photo_color import PhotoColorReader
from text_to_image.metrics.diversity import mean_ms_ssim, spread
from text_to_image.metrics.drawn_flowers.attributes import attribute_agreement

_RENDERED = "rendered_flowers"
_Agreement = Callable[[np.ndarray, Sequence[str]], dict[str, Any]]


def pixel_scores(
    scored: ScoredImages,
    cache: Cache,
    split: Split,
    seed: int,
    quick: bool = False,
) -> Iterator[Score]:
    """Yields what the pixels alone tell.

    A score that the data set does not allow, as that of colors where no caption names
    one, is left out, in one printed line.

    Args:
        scored: what is scored.
        cache: of the data set, whose training images a reader is fitted to.
        split: that the images are of.
        seed: of what captions are shuffled by.
        quick: without MS-SSIM, which tells what dz tells at a higher cost.
    """
    shuffled = np.random.default_rng([seed, 1]).permutation(scored.captions).tolist()
    try:
        yield from _color_scores(scored, shuffled, cache)
    except InputError as error:
        print(f"left out: color_agreement: {error}")
    if cache.dataset == _RENDERED and not quick:
        yield from _attribute_scores(scored, shuffled)
    yield _diversity_score("dz", spread, scored, split)
    if not quick:
        yield _diversity_score("ms_ssim", mean_ms_ssim, scored, split)


def _color_scores(
    scored: ScoredImages, shuffled: list[str], cache: Cache
) -> Iterator[Score]:
    agreement, reader = _color_reader(cache)
    yield from _agreement_scores(
        "color_agreement",
        reader,
        agreement(scored.generated, scored.captions),
        agreement(scored.real, scored.captions),
        agreement(scored.generated, shuffled),
    )


def _attribute_scores(scored: ScoredImages, shuffled: list[str]) -> Iterator[Score]:
    results = [
        attribute_agreement(scored.generated, scored.captions),
        attribute_agreement(scored.real, scored.captions),
        attribute_agreement(scored.generated, shuffled),
    ]
    for attribute in results[0]:
        yield from _agreement_scores(
            f"attributes_{attribute}",
            "of drawn flowers, by pixels",
            *(result[attribute] for result in results),
        )


def _agreement_scores(
    metric: str,
    reader: str,
    generated: dict[str, Any],
    real: dict[str, Any],
    shuffled: dict[str, Any],
) -> Iterator[Score]:
    """Yields plain and balanced accuracy of results of `agreement`."""
    count = generated["n"]
    for suffix, key in (("", "accuracy"), ("_balanced", "balanced_accuracy")):
        value = generated[key]
        yield Score(
            metric=f"{metric}{suffix}",
            generated=value,
            real=real[key],
            real_is="the captions' images",
            controls={"captions shuffled": shuffled[key], "chance": real["chance"]},
            protocol={"reader": reader, "num_generated": count, "num_real": count},
            # Of the plain accuracy; the balanced one has no such simple error.
            error=None if suffix else float(np.sqrt(value * (1 - value) / count)),
        )


@lru_cache(maxsize=1)  # fitted once, however often a run is scored
def _color_reader(cache: Cache) -> tuple[_Agreement, str]:
    """Returns what reads colors on a data set, and its description."""
    if cache.dataset == _RENDERED:
        return petal_color.color_agreement, "of drawn flowers, by shades"
    train = cache.split("train")
    captions = [train.captions[a:b] for a, b in pairwise(train.caption_offsets)]
    reader = PhotoColorReader.fit(center_crop(train.images), captions)
    return reader.agreement, f"histograms, fitted to {len(captions)} images of train"


def _diversity_score(
    metric: str,
    measure: Callable[[np.ndarray], float],
    scored: ScoredImages,
    split: Split,
) -> Score:
    samples = scored.samples
    across = across_captions(scored.generated, len(samples))
    return Score(
        metric=metric,
        generated=measure(samples),
        real=measure(_class_images(split, scored.class_rows)),
        real_is="images of one class",
        controls={"generated, of different captions": measure(across)},
        protocol=groups_protocol(samples, scored.class_rows),
    )


def _class_images(split: Split, groups: np.ndarray) -> np.ndarray:
    """Returns images by their numbers `[G, K]`, uint8 `[G, K, 64, 64, 3]`."""
    images = center_crop(split.images[groups.ravel()])
    return images.reshape(*groups.shape, *images.shape[1:])

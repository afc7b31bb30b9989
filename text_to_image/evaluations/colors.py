"""`evaluate.py colors`: does the petal color of an image fit its caption?"""

from typing import Any

import numpy as np
from tqdm import tqdm

from foundation.errors import InputError
from text_to_image.data.cache import Split
from text_to_image.data.crops import center_crop
from text_to_image.evaluations.image_groups import draw_class_groups
from text_to_image.generation.text_to_image import TextToImage
from text_to_image.metrics.colors.petal_color import color_agreement
from text_to_image.metrics.diversity import spread
from text_to_image.metrics.drawn_flowers.caption_attributes import named_petal_color

_SPREAD_CAPTIONS, _SPREAD_SEEDS = 16, 8


def measure_colors(
    model: TextToImage, split: Split, num_images: int, seed: int
) -> dict[str, Any]:
    """Scores images of captions that name one petal color, and their spread.

    Args:
        model: a trained run.
        split: whose captions; one an image at most.
        num_images: images, fewer where fewer images have such a caption.
        seed: which captions and which noise.

    Returns:
        `generated`, `real` (the images that the captions belong to), `shuffled` (the
        generated ones against others' captions): accuracies and chance of
        `color_agreement`; `spread` of the images of one caption, and
        `spread_real` of real images of one class, in 8-bit pixels.

    Raises:
        InputError: no caption names one petal color.
    """
    rng = np.random.default_rng(seed)
    images, captions = _colored_captions(split, rng, num_images)
    generated = np.stack(
        [
            model.generate([caption], [i])[0, 0]
            for i, caption in enumerate(tqdm(captions, unit="image", disable=None))
        ]
    )
    real = center_crop(np.stack([split.images[i] for i in images]))
    some = captions[:_SPREAD_CAPTIONS]
    of_one_caption = model.generate(some, range(_SPREAD_SEEDS))
    return {
        "generated": color_agreement(generated, captions),
        "real": color_agreement(real, captions),
        "shuffled": color_agreement(generated, rng.permutation(captions).tolist()),
        "spread": spread(of_one_caption),
        "spread_real": spread(_images_of_classes(split, rng)),
    }


def _colored_captions(
    split: Split, rng: np.random.Generator, count: int
) -> tuple[list[int], list[str]]:
    images, captions = [], []
    for i in rng.permutation(len(split.images)):
        own = split.captions[split.caption_offsets[i] : split.caption_offsets[i + 1]]
        colored = [caption for caption in own if named_petal_color(caption)]
        if colored:
            images.append(int(i))
            captions.append(colored[rng.integers(len(colored))])
        if len(captions) == count:
            break
    if not captions:
        raise InputError(
            "no caption names one petal color; expected a data set of flowers, as "
            "rendered_flowers"
        )
    return images, captions


def _images_of_classes(split: Split, rng: np.random.Generator) -> np.ndarray:
    """Returns real images, uint8 `[classes, up to 8, 64, 64, 3]`."""
    groups = draw_class_groups(np.asarray(split.labels), _SPREAD_SEEDS, rng)
    return np.stack([center_crop(split.images[group]) for group in groups])


def format_table(result: dict[str, Any], title: str) -> str:
    """Returns a result of `measure_colors` as text below what it is of."""
    generated = result["generated"]
    lines = [
        f"petal color read back, {title}, {generated['n']} images; "
        f"chance {generated['chance']:.3f}",
        f"{'':24}accuracy  balanced",
    ]
    for name, title in (
        ("generated", "generated"),
        ("shuffled", "with others' captions"),
        ("real", "real images"),
    ):
        scores = result[name]
        lines.append(
            f"{title:24}{scores['accuracy']:8.3f}  {scores['balanced_accuracy']:8.3f}"
        )
    lines.append(
        f"spread of one caption's images {result['spread']:.1f}, of real images of "
        f"one class {result['spread_real']:.1f} (8-bit pixels)"
    )
    return "\n".join(lines)

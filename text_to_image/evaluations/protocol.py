"""What everything that is measured of a run depends on."""

from typing import Any

from text_to_image.data.cache import Cache
from text_to_image.generation.text_to_image import TextToImage
from text_to_image.models.image_size import IMAGE_SIZE


def run_protocol(
    model: TextToImage, cache: Cache, split_name: str, seed: int
) -> dict[str, Any]:
    """Returns the part of a protocol that all measurements share, by name.

    Args:
        model: what is measured.
        cache: of the data set.
        split_name: whose captions and images.
        seed: which of them, and which noise.
    """
    trained_on = model.description.config.training_splits
    return {
        "step": model.step,
        "ema_decay": model.ema_decay,
        "dataset": cache.dataset,
        "split": split_name,
        "split_is": "trained on" if split_name in trained_on else "of unseen classes",
        "seed": seed,
        "image_size": IMAGE_SIZE,
    }

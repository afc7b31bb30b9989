"""Does an image show what its caption says of a drawn flower?

For `rendered_flowers`, whose grammar and drawing name the same attributes exactly.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from foundation.errors import InputError
from text_to_image.metrics.agreement import agreement
from text_to_image.metrics.colors.petal_color import COLORS, read_petal_color
from text_to_image.metrics.drawn_flowers.background_reader import read_background
from text_to_image.metrics.drawn_flowers.caption_attributes import (
    BACKGROUNDS,
    CENTER_COLORS,
    PETAL_COUNTS,
    named_background,
    named_center_color,
    named_petal_color,
    named_petal_count,
)
from text_to_image.metrics.drawn_flowers.center_color import read_center_color
from text_to_image.metrics.drawn_flowers.petal_count import read_petal_count

# For each attribute: read from a caption, read from images, and all its values.
_ATTRIBUTES = {
    "petal_color": (named_petal_color, read_petal_color, COLORS),
    "petal_count": (named_petal_count, read_petal_count, PETAL_COUNTS),
    "center_color": (named_center_color, read_center_color, CENTER_COLORS),
    "background": (named_background, read_background, BACKGROUNDS),
}


def attribute_agreement(
    images: np.ndarray, captions: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Scores images against the attributes that their captions name.

    Args:
        images: uint8 `[N, 64, 64, 3]`.
        captions: N captions; for each attribute, those that name no value of it, or
            more than one, are left out.

    Returns:
        For `petal_color`, `petal_count`, `center_color` and `background` the scores of
        `agreement`; an attribute that no caption names is missing.

    Raises:
        InputError: no caption names any attribute.
    """
    scores = {}
    for attribute, (name, read, values) in _ATTRIBUTES.items():
        named = [name(caption) for caption in captions]
        if any(named):
            scores[attribute] = agreement(images, named, read, values)
    if not scores:
        raise InputError(
            f"None of the {len(captions)} captions names one of "
            f"{', '.join(_ATTRIBUTES)}; expected captions as of rendered_flowers, such "
            "as 'a flower with five red petals and a yellow center'."
        )
    return scores

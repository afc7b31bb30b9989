"""Which color does a caption name?

The rule for captions that people wrote: the whole caption counts, because they name a
color in more ways than a grammar foresees. `petal_color` has the stricter rule of the
drawn flowers, whose captions name the colors of the center and the ground as well.
"""

import re
from collections import Counter
from collections.abc import Sequence

# The seven that captions of Oxford Flowers-102 name often.
COLORS = ("red", "pink", "purple", "white", "yellow", "orange", "blue")
COLOR_WORDS = {
    "crimson": "red",
    "scarlet": "red",
    "violet": "purple",
    "lavender": "purple",
    "lilac": "purple",
    "magenta": "pink",
    "fuchsia": "pink",
    "golden": "yellow",
    "cyan": "turquoise",
    "teal": "turquoise",
    "aqua": "turquoise",
} | {color: color for color in (*COLORS, "turquoise")}
_AGREEING = 2 / 3  # share of an image's single colors that must be the same


def named_color(caption: str) -> str | None:
    """Returns the one color that a caption names, whatever it gives the color to.

    Args:
        caption: such as "this flower is pink in color with curled petals".

    Returns:
        One of `COLORS`, or None if the caption names none of them, or several.
    """
    words = re.findall(r"[a-z]+", caption.lower())
    found = {COLOR_WORDS[word] for word in words if word in COLOR_WORDS} & {*COLORS}
    return found.pop() if len(found) == 1 else None


def agreed_color(captions: Sequence[str]) -> str | None:
    """Returns the color that the captions of one image agree on.

    Args:
        captions: of one image; those that name no single color do not count.

    Returns:
        One of `COLORS` that at least two thirds of the others name, or None.
    """
    counts = Counter(color for color in map(named_color, captions) if color)
    for color, count in counts.most_common(1):
        if count >= _AGREEING * counts.total():
            return color
    return None

"""Words for a drawn flower: many ways to say the same attributes."""

import re
from collections.abc import Sequence

import numpy as np

from data_prep.rendered_flowers.attributes import FlowerAttributes

CAPTIONS_PER_IMAGE = 10

_NUMBERS = {4: "four", 5: "five", 6: "six", 8: "eight", 12: "twelve"}
_SHAPES = {
    "round": (
        "round",
        "rounded",
        "broad",
        "wide and rounded",
        "smooth round",
        "oval",
        "softly curved",
    ),
    "pointed": (
        "pointed",
        "pointy",
        "sharp",
        "tapered",
        "star shaped",
        "sharply pointed",
        "spiky",
    ),
    "narrow": (
        "narrow",
        "thin",
        "slender",
        "long thin",
        "long and narrow",
        "slim",
        "strap like",
    ),
    "notched": (
        "notched",
        "heart shaped",
        "indented",
        "split tipped",
        "lobed",
        "wavy tipped",
        "scalloped",
    ),
}
_LAYERS = {
    "single": ("in a single layer", "in one row", "in one ring", "flat and open"),
    "double": (
        "in two layers",
        "layered on top of each other",
        "in overlapping rows",
        "stacked in two rings",
        "doubled up",
    ),
}
_TINTS = ("bright", "vivid", "deep", "soft", "pretty", "rich", "lovely", "brilliant")
_SIZES = {
    "small": ("small", "tiny", "little", "compact", "neat"),
    "large": ("large", "big", "wide", "prominent", "bold"),
}
_GROUNDS = {
    "foliage": ("green foliage", "blurred green leaves", "a leafy garden", "a hedge"),
    "dark": ("a dark background", "deep shadow", "a dim background", "the dark"),
    "sky": ("a pale sky", "a cloudy sky", "the open sky", "a misty sky"),
    "soil": ("bare soil", "brown earth", "dry ground", "a brown flower bed"),
    "stone": ("a stone wall", "grey stone", "a rough rock", "a grey wall"),
}

# One alternative is drawn for every bracket; braces name the wordings of `_words`.
_MAIN = (
    "[this|the|a] flower [has|with] {petals}",
    "[this|the] [flower|specimen|wildflower] [has|possesses|features] {petals}",
    "[the petals of this flower|this flower's petals|its petals] are {predicate}",
    "the petals on this [flower|plant|bloom] are {predicate}",
    "a {tint} {color} [flower|blossom|bloom] [with|that has] {shape} petals",
    "[this is|here is] a {color} [flower|blossom] with {number} {shape} petals",
    "[this|the] [blossom|bloom|plant] [shows|displays|bears|carries] {petals}",
    "[this|the] [flower|bloom] has petals that are {predicate}",
    "a [flower|blossom] [made up of|composed of|formed by] {petals}",
    "the [flower|bloom] [shown|pictured|seen here] has {petals}",
    "a [solitary|lone|fresh] {color} [flower|blossom|bloom]",
    "[this|the] {tint} {color} [flower|blossom] [opens|blooms|grows] on a thin stem",
)
# These name the centre too, so no second phrase about it may follow.
_MAIN_WITH_CENTER = (
    "{petals} [surround|encircle|frame] a {size} {center} [center|centre|middle]",
    "a {size} {center} [center|disc] is surrounded by {petals}",
    "the {center} [center|centre] is [ringed|framed|encircled] by {petals}",
    "the [center|middle] is {center} and the petals are {predicate}",
)
_CENTER = (
    "[with|and] a {size} {center} [center|centre|middle|disc]",
    "and the [center|centre|middle] is {center}",
    "around a {center} [center|centre|disc]",
    ", [the|its] {center} [center|centre|middle] is {size}",
    "and has a {center} [center|pistil|disc]",
    "and [the|its] [center|pistil] is {size} and {center}",
)
_LAYER_ASIDES = (", the petals are {layers}", "with petals {layers}")
_STAMEN_ASIDES = (
    "[with|and] [visible|long|fine] stamens",
    "with [thin|delicate] stamens [standing out|reaching outwards]",
    "and [many|several] [anthers|stamens] [can be seen|are visible]",
)
_LEAF_ASIDES = (
    "[with|and] green leaves [below|behind the petals|underneath]",
    "and [a few|some] [dark green|pointed green|fresh green] leaves",
)
_GROUND_ASIDES = ("[against|in front of] {ground}",)


def captions(
    attributes: FlowerAttributes, label: int, index: int, seed: int = 0
) -> list[str]:
    """Returns the ten captions of a flower, all different.

    Every caption names the colour of the petals; the rest is said in some of them.

    Args:
        attributes: the flower.
        label: of its class; with `index` and `seed`, decides the wording.
        index: of the image within its class.
        seed: of the data set.

    Returns:
        `CAPTIONS_PER_IMAGE` lower-case strings.
    """
    rng = np.random.default_rng([seed, 5000 + label, index])
    written: dict[str, None] = {}  # keeps the order, refuses a repetition
    while len(written) < CAPTIONS_PER_IMAGE:
        written[_caption(attributes, rng)] = None
    return list(written)


def _caption(attributes: FlowerAttributes, rng: np.random.Generator) -> str:
    if rng.random() < 0.25:
        parts = [_pick(_MAIN_WITH_CENTER, rng)]
    else:
        parts = [_pick(_MAIN, rng)]
        if rng.random() < 0.75:
            parts.append(_pick(_CENTER, rng))
    if rng.random() < 0.5:
        parts.append(_pick(_asides(attributes), rng))
    template = " ".join(parts)
    for _ in range(2):  # a wording may hold alternatives itself
        template = _choose(template, rng).format_map(_words(attributes, rng))
    return re.sub(r"\s+", " ", template).replace(" ,", ",").strip()


def _asides(attributes: FlowerAttributes) -> Sequence[str]:
    """Returns the phrases about anything but petals and centre that are true."""
    asides = [*_LAYER_ASIDES, *_GROUND_ASIDES]
    if attributes.stamens:
        asides += _STAMEN_ASIDES
    if attributes.leaves:
        asides += _LEAF_ASIDES
    return asides


def _words(attributes: FlowerAttributes, rng: np.random.Generator) -> dict[str, str]:
    """Returns a fresh wording of every attribute."""
    color, shape = attributes.petal_color, _pick(_SHAPES[attributes.petal_shape], rng)
    number = _NUMBERS[attributes.petal_count]
    tint = _pick(_TINTS, rng) if rng.random() < 0.6 else ""
    petals = (
        f"{tint} {color} petals",
        f"{shape} {color} petals",
        f"{number} {tint} {color} petals",
        f"{number} {shape} {color} petals",
        f"{shape} petals that are {tint} {color}",
        f"{number} petals which are {shape} and {color}",
        f"{color} {shape} petals",
    )
    predicate = (
        f"{tint} {color}",
        f"{tint} {color} in color",
        f"{shape} and {color}",
        f"{color} and {shape}",
        f"{color} with {shape} [tips|ends|edges]",
        f"{tint} {color} and {number} in number",
    )
    return {
        "tint": tint,
        "color": color,
        "shape": shape,
        "number": number,
        "layers": _pick(_LAYERS[attributes.arrangement], rng),
        "petals": _pick(petals, rng),
        "predicate": _pick(predicate, rng),
        "center": attributes.center_color,
        "size": _pick(_SIZES[attributes.center_size], rng),
        "ground": _pick(_GROUNDS[attributes.background], rng),
    }


def _pick(options: Sequence[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def _choose(template: str, rng: np.random.Generator) -> str:
    """Replaces every `[one|another]` by one of its alternatives."""
    return re.sub(r"\[([^]]*)\]", lambda m: _pick(m[1].split("|"), rng), template)
